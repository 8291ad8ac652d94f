#include "cli/command_line/arguments.h"
#include "cli/views/token_list.h"

static int run(struct session *session, const struct arguments *arguments)
{
	const struct nothing nothing = {0};
	struct token_list_answer list;
	(void)arguments;
	int code = session_call(session, METHOD_TOKEN_LIST, &nothing, &list);
	if (code != EXIT_OK)
		return code;
	if (list.tokens.count == 0)
		output_remark(
		        &session->output, "nobody was let in yet: 'kre-search join' prints a line for another machine");
	return token_list_print(&list, session);
}

const struct verb verb_tokens = {
        .name = "tokens",
        .group = "Several machines",
        .operands = "",
        .daemon = DAEMON_BORROW,
        .summary = "list who was let in over the network: role, end, last use, and who is connected now",
        .details = "\nSecrets are not shown: nobody has them but those who were given the line of `join`.\n",
        .run = run,
};
