#include "cli/command_line/help.h"

#include <string.h>

#include "schema/base/option_help.h"

static void append_options(const struct option_group *group, struct text *out)
{
	if (group->count == 0)
		return;
	text_printf(out, "\n%s\n", group->title);
	options_help_brief(group, out);
}

static void append_exit_codes(struct text *out)
{
	text_append(out, "\nExit codes\n");
#define X(constant, number, meaning) help_pair(#number, meaning, out);
	EXIT_CODES(X)
#undef X
}

void help_overview(const struct verb *const *verbs, struct text *out)
{
	const char *group = "";
	text_append(out, "kre-search COMMAND [OPERANDS] [OPTIONS]: finds hyperparameters; see man kre-search\n");
	for (const struct verb *const *at = verbs; *at; at++) {
		const struct verb *verb = *at;
		struct text left = TEXT_NULL;
		if (strcmp(verb->group, group) != 0)
			text_printf(out, "\n%s\n", verb->group);
		group = verb->group;
		text_printf(&left, "%s%s%s", verb->name, *verb->operands ? " " : "", verb->operands);
		help_pair(text_string(&left), verb->summary, out);
		text_finish(&left);
	}
	append_options(&global_options, out);
	append_exit_codes(out);
}

void help_verb(const struct verb *verb, struct text *out)
{
	const struct option_group own = verb_options(verb);
	text_printf(out, "kre-search %s%s%s%s\n\n%s.\n", verb->name, *verb->operands ? " " : "", verb->operands,
	        verb->option_count ? " [OPTIONS]" : "", verb->summary);
	if (verb->alias)
		text_printf(out, "'kre-search %s' is the same.\n", verb->alias);
	if (verb->details)
		text_printf(out, "%s", verb->details);
	append_options(&own, out);
	append_options(&global_options, out);
}
