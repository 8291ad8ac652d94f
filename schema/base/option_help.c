#include "schema/base/option_help.h"

#include <string.h>

#define LEFT_COLUMNS 28

static void list_choices(const struct option *option, struct text *out)
{
	for (size_t i = 0; option->choices[i]; i++)
		text_printf(out, "%s%s", i ? "|" : "", option->choices[i]);
}

void help_pair(const char *left, const char *right, struct text *out)
{
	if (strlen(left) < LEFT_COLUMNS)
		text_printf(out, "  %-*s%s\n", LEFT_COLUMNS, left, right);
	else
		text_printf(out, "  %s\n  %-*s%s\n", left, LEFT_COLUMNS, "", right);
}

static void append_brief(const struct option *option, struct text *out)
{
	struct text left = TEXT_NULL, right = TEXT_NULL;
	text_printf(&left, "--%s%s", option->name, option->kind == OPTION_BARE ? "" : " ");
	if (option->kind == OPTION_CHOICE)
		list_choices(option, &left);
	else if (option->kind != OPTION_BARE)
		text_append(&left, option->unit);
	text_append(&right, option->help);
	if (option->fallback)
		text_printf(&right, " (default %s)", option->fallback);
	help_pair(text_string(&left), text_string(&right), out);
	out->failed |= left.failed || right.failed;
	text_finish(&left);
	text_finish(&right);
}

void options_help_brief(const struct option_group *group, struct text *out)
{
	for (size_t i = 0; i < group->count; i++)
		append_brief(&group->options[i], out);
}

static void append_long(const struct option *option, struct text *out)
{
	static const char *const types[] = {[OPTION_TEXT] = "text",
	        [OPTION_INTEGER] = "int",
	        [OPTION_NUMBER] = "float",
	        [OPTION_SWITCH] = "bool",
	        [OPTION_BARE] = "",
	        [OPTION_CHOICE] = "",
	        [OPTION_TEXTS] = "text"};
	text_printf(out, "  --%s%s", option->name, option->kind == OPTION_BARE ? "" : "=");
	if (option->kind == OPTION_CHOICE)
		list_choices(option, out);
	text_append(out, types[option->kind]);
	if (option->kind == OPTION_INTEGER || option->kind == OPTION_NUMBER)
		text_printf(out, " %g..%g", option->min, option->max);
	if (*option->unit)
		text_printf(out, " (%s)", option->unit);
	text_printf(out, "\n        %s", option->help);
	text_printf(out, " [%s]\n", option->fallback ? option->fallback : "not given");
}

void options_help(const struct option_group *group, struct text *out)
{
	text_printf(out, "\n%s:\n", group->title);
	for (size_t i = 0; i < group->count; i++)
		append_long(&group->options[i], out);
}
