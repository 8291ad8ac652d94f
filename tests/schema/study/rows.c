#include "tests/schema/study/rows.h"

#include <math.h>

static void append_bounds(double low, double high, struct text *out)
{
	if ((low == 0 && high == 0) || (isinf(low) && isinf(high)))
		text_append(out, "–");
	else if (high >= 1e6)
		text_printf(out, "≥ %.9g", low);
	else
		text_printf(out, "%.9g … %.9g", low, high);
}

void row_append_key(const struct key *key, struct text *out)
{
	text_printf(out, "| `%s` | %s | %s | ", key->name, key->type, key->fallback);
	append_bounds(key->low, key->high, out);
	text_printf(out, " | `%s` | %s |\n", key->example, key->help);
}

static void append_choices(const struct option *option, struct text *out)
{
	for (size_t i = 0; option->choices[i]; i++)
		text_printf(out, "%s%s", i ? "|" : "", option->choices[i]);
}

void row_append_option(const struct option *option, struct text *out)
{
	static const char *const types[] = {[OPTION_NUMBER] = "number",
	        [OPTION_INTEGER] = "integer",
	        [OPTION_SWITCH] = "flag",
	        [OPTION_CHOICE] = "text",
	        [OPTION_NUMBERS] = "list"};
	text_printf(out, "| `%s` | %s | %s | ", option->name, types[option->kind],
	        option->fallback ? option->fallback : "–");
	if (option->kind == OPTION_CHOICE)
		append_choices(option, out);
	else if (option->kind == OPTION_SWITCH)
		text_append(out, "–");
	else
		append_bounds(option->min, option->max, out);
	text_printf(out, " | %s |\n", option->help);
}

void row_append_method(const struct method_info *info, struct text *out)
{
	text_printf(out, "### `%s`", info->name);
	if (info->alias)
		text_printf(out, " (also `%s`)", info->alias);
	text_printf(out, "\n\n%s.\n", info->help);
}
