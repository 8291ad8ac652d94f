#include "cli/command_line/help.h"

#include "cli/command_line/arguments.h"
#include "cli/command_line/nearest.h"
#include "cli/session/session.h"

static int run(struct session *session, const struct arguments *arguments)
{
	const char *name = arguments_operand(arguments, 0);
	const struct verb *verb = name ? verb_find(arguments->verbs, name) : NULL;
	if (name && !verb) {
		const char *nearest = nearest_verb(arguments->verbs, name);
		return output_failure(&session->output, EXIT_USAGE, "there is no command '%s'%s%s%s", name,
		        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	}
	struct text text = TEXT_NULL;
	if (verb)
		help_verb(verb, &text);
	else
		help_overview(arguments->verbs, &text);
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

const struct verb verb_help = {
        .name = "help",
        .group = "Help",
        .operands = "[COMMAND]",
        .operand_max = 1,
        .summary = "print this overview, or what one command takes",
        .run = run,
};
