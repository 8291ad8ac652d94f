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

void row_append_option(const struct method_option *option, struct text *out)
{
	static const char *const types[] = {"number", "integer", "flag", "text", "list"};
	text_printf(out, "| `%s` | %s | ", option->name, types[option->kind]);
	if (option->kind == OPTION_WORD)
		text_append(out, option->fallback_word);
	else if (isnan(option->fallback))
		text_append(out, "–");
	else if (option->kind == OPTION_FLAG)
		text_append(out, option->fallback != 0 ? "true" : "false");
	else
		text_printf(out, "%.9g", option->fallback);
	text_append(out, " | ");
	if (option->kind == OPTION_WORD)
		text_printf(out, "%s", option->words);
	else if (option->kind == OPTION_FLAG)
		text_append(out, "–");
	else
		append_bounds(option->low, option->high, out);
	text_printf(out, " | %s |\n", option->help);
}

void row_append_method(const struct method_info *info, struct text *out)
{
	text_printf(out, "### `%s`", info->name);
	if (info->alias)
		text_printf(out, " (also `%s`)", info->alias);
	text_printf(out, "\n\n%s.\n", info->help);
}
