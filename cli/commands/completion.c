#include "cli/help.h"
#include "cli/session.h"

static int run(struct session *session, const struct arguments *arguments)
{
	struct text text = TEXT_NULL;
	(void)arguments;
	help_completion(&text);
	int r = output_text(&session->output, &text);
	text_finish(&text);
	return r ? EXIT_FAILED : EXIT_OK;
}

const struct verb verb_completion = {
        .name = "completion",
        .group = "Help",
        .operands = "",
        .summary = "print completion for bash: eval \"$(kre-search completion)\"",
        .run = run,
};
