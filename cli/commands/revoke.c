#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/api/access.h"

static const struct option options[] = {
        {"keep-runs", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "leave its runs out until their leases end"},
};

static int run(struct session *session, const struct arguments *arguments)
{
	const struct token_revoke_request request = {
	        arguments_operand(arguments, 0), arguments_switch(arguments, "keep-runs")};
	struct token_revoke_answer answer;
	int code = session_call(session, METHOD_TOKEN_REVOKE, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &token_revoke_answer_shape, &answer);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "%s is revoked; ended with it: %lld sessions, %lld runs", request.id,
		        (long long)answer.sessions, (long long)answer.runs);
	return code;
}

const struct verb verb_revoke = {
        .name = "revoke",
        .group = "Several machines",
        .operands = "ID",
        .operand_min = 1,
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "let a token open nothing any more, at once",
        .details = "\nID is the first column of `tokens`. Its sessions end; its runs are lost and handed out again.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
