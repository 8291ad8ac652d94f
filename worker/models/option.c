#include "worker/models/option.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/number.h"

static void *value_of(const struct option_group *group, const struct option *option)
{
	return (char *)group->values + option->offset;
}

static bool same_name(const char *name, const char *given, size_t length)
{
	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] != (given[i] == '-' ? '_' : given[i]))
			return false;
	return true;
}

const struct option *option_find(const struct option_group *group, const char *name, size_t length)
{
	for (size_t i = 0; i < group->count; i++)
		if (same_name(group->options[i].name, name, length))
			return &group->options[i];
	return NULL;
}

static int set_number(const struct option *option, void *value, const char *text, struct error *error)
{
	double number;
	if (!number_parse(&number, text, false))
		return error_set(error, -EINVAL, "--%s needs a number, not \"%s\"", option->name, text);
	if (option->kind == OPTION_INTEGER && !number_is_integral(number))
		return error_set(error, -EINVAL, "--%s needs a whole number, not %s", option->name, text);
	if (number < option->min || number > option->max)
		return error_set(
		        error, -EINVAL, "--%s must be %g to %g, not %s", option->name, option->min, option->max, text);
	if (option->kind == OPTION_INTEGER)
		*(int64_t *)value = (int64_t)number;
	else
		*(double *)value = number;
	return 0;
}

static int set_switch(const struct option *option, void *value, const char *text, struct error *error)
{
	static const char *const words[] = {"false", "true", "False", "True", "0", "1", "no", "yes"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], text) == 0) {
			*(bool *)value = i % 2;
			return 0;
		}
	}
	return error_set(error, -EINVAL, "--%s must be true or false, not \"%s\"", option->name, text);
}

static void list_choices(const struct option *option, struct text *out)
{
	for (size_t i = 0; option->choices[i]; i++)
		text_printf(out, "%s%s", i ? "|" : "", option->choices[i]);
}

static int set_choice(const struct option *option, void *value, const char *text, struct error *error)
{
	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*(int *)value = i;
			return 0;
		}
	}
	struct text choices = TEXT_NULL;
	list_choices(option, &choices);
	error_set(error, -EINVAL, "--%s must be one of %s, not \"%s\"", option->name, text_string(&choices), text);
	text_finish(&choices);
	return -EINVAL;
}

static int set_text(const struct option *option, void *value, const char *text, struct error *error)
{
	(void)option;
	(void)error;
	*(const char **)value = text;
	return 0;
}

static void print_integer(const struct option *option, const void *value, struct text *out)
{
	(void)option;
	text_printf(out, "%lld", (long long)*(const int64_t *)value);
}

static void print_number(const struct option *option, const void *value, struct text *out)
{
	(void)option;
	char digits[NUMBER_TEXT_BYTES];
	number_repr(*(const double *)value, digits);
	text_append(out, digits);
}

static void print_switch(const struct option *option, const void *value, struct text *out)
{
	(void)option;
	text_append(out, *(const bool *)value ? "true" : "false");
}

static void print_choice(const struct option *option, const void *value, struct text *out)
{
	text_append(out, option->choices[*(const int *)value]);
}

static void print_text(const struct option *option, const void *value, struct text *out)
{
	(void)option;
	const char *text = *(const char *const *)value;
	text_append(out, text ? text : "");
}

static const struct {
	const char *name;
	int (*set)(const struct option *option, void *value, const char *text, struct error *error);
	void (*print)(const struct option *option, const void *value, struct text *out);
	bool bounded;
} kinds[] = {
        [OPTION_INTEGER] = {"int", set_number, print_integer, true},
        [OPTION_NUMBER] = {"float", set_number, print_number, true},
        [OPTION_SWITCH] = {"bool", set_switch, print_switch, false},
        [OPTION_CHOICE] = {"", set_choice, print_choice, false},
        [OPTION_TEXT] = {"text", set_text, print_text, false},
};

int option_set(const struct option_group *group, const struct option *option, const char *value, struct error *error)
{
	assert(option->kind <= OPTION_TEXT);
	return kinds[option->kind].set(option, value_of(group, option), value, error);
}

void options_set_defaults(const struct option_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct option *option = &group->options[i];
		const int rc = option_set(group, option, option->fallback, NULL);
		assert(rc == 0); /* the table's own default */
		(void)rc;
	}
}

void option_print(const struct option_group *group, const struct option *option, struct text *out)
{
	kinds[option->kind].print(option, value_of(group, option), out);
}

static void help_line(const struct option *option, struct text *out)
{
	text_printf(out, "  --%s=", option->name);
	if (option->kind == OPTION_CHOICE)
		list_choices(option, out);
	text_append(out, kinds[option->kind].name);
	if (kinds[option->kind].bounded)
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
		help_line(&group->options[i], out);
}
