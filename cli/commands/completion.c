#include "cli/command_line/arguments.h"
#include "cli/command_line/help.h"
#include "cli/session/session.h"

static int run(struct session *session, const struct arguments *arguments)
{
	struct text text = TEXT_NULL;
	help_completion(arguments->verbs, &text);
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

const struct verb verb_completion = {
        .name = "completion",
        .group = "Help",
        .operands = "",
        .summary = "print completion for bash: eval \"$(kre-search completion)\"",
        .run = run,
};
