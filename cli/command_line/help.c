#include "cli/command_line/help.h"

#include <string.h>

#define LEFT_COLUMNS 28

static void append_pair(const char *left, const char *right, struct text *out)
{
	if (strlen(left) < LEFT_COLUMNS)
		text_printf(out, "  %-*s%s\n", LEFT_COLUMNS, left, right);
	else
		text_printf(out, "  %s\n  %-*s%s\n", left, LEFT_COLUMNS, "", right);
}

static void append_flag(const struct flag *flag, struct text *out)
{
	struct text left = TEXT_NULL, right = TEXT_NULL;
	text_printf(&left, "--%s%s%s", flag->name, flag->argument ? " " : "", flag->argument ? flag->argument : "");
	text_append(&right, flag->help);
	if (flag->fallback)
		text_printf(&right, " (default %s)", flag->fallback);
	append_pair(text_string(&left), text_string(&right), out);
	text_finish(&left);
	text_finish(&right);
}

static void append_flags(const char *title, const struct flag *flags, struct text *out)
{
	if (!flags || !flags->name)
		return;
	text_printf(out, "\n%s\n", title);
	for (const struct flag *flag = flags; flag->name; flag++)
		append_flag(flag, out);
}

static void append_exit_codes(struct text *out)
{
	text_append(out, "\nExit codes\n");
#define X(constant, number, meaning) append_pair(#number, meaning, out);
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
		append_pair(text_string(&left), verb->summary, out);
		text_finish(&left);
	}
	append_flags("Options of every command", global_flags, out);
	append_exit_codes(out);
}

void help_verb(const struct verb *verb, struct text *out)
{
	text_printf(out, "kre-search %s%s%s%s\n\n%s.\n", verb->name, *verb->operands ? " " : "", verb->operands,
	        verb->flags ? " [OPTIONS]" : "", verb->summary);
	if (verb->details)
		text_printf(out, "%s", verb->details);
	append_flags("Options", verb->flags, out);
	append_flags("Options of every command", global_flags, out);
}

static void append_flag_words(const struct flag *flags, struct text *out)
{
	for (const struct flag *flag = flags; flag && flag->name; flag++)
		text_printf(out, " --%s", flag->name);
}

void help_completion(const struct verb *const *verbs, struct text *out)
{
	text_append(out, "_kre_search() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct verb *const *verb = verbs; *verb; verb++) {
		text_printf(out, "\t%s) words='", (*verb)->name);
		append_flag_words((*verb)->flags, out);
		append_flag_words(global_flags, out);
		text_append(out, "' ;;\n");
	}
	text_append(out, "\t*) words='");
	for (const struct verb *const *verb = verbs; *verb; verb++)
		text_printf(out, " %s", (*verb)->name);
	text_append(out, "' ;;\n\tesac\n"
	                 "\tif [ \"$COMP_CWORD\" -gt 1 ] && [ \"${word#-}\" = \"$word\" ]; then\n"
	                 "\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n"
	                 "\telse\n"
	                 "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	                 "\tfi\n}\ncomplete -F _kre_search kre-search\n");
}
