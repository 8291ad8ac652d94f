#include "cli/session/session.h"

static int run(struct session *session, const struct arguments *arguments)
{
	(void)arguments;
	if (session->output.json)
		output_line(&session->output, "{\"version\":\"%s\"}", KRE_VERSION);
	else
		output_line(&session->output, "kre-search %s", KRE_VERSION);
	return EXIT_OK;
}

const struct verb verb_version = {
        .name = "version",
        .group = "Help",
        .operands = "",
        .summary = "print the version",
        .run = run,
};
