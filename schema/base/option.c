#include "schema/base/option.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "schema/base/nearest.h"
#include "schema/base/number.h"

/* ---- finding one ---- */

static bool same_name(const char *name, const char *given, size_t length)
{
	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if ((name[i] == '-' ? '_' : name[i]) != (given[i] == '-' ? '_' : given[i]))
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

void option_offer(const char **best, size_t *distance, const struct option_group *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++)
		nearest_offer(best, distance, name, group->options[i].name);
}

/* ---- what values may be ---- */

int option_check_number(const struct option *option, double number, const char *text, struct error *error)
{
	if (option->kind == OPTION_INTEGER && !number_is_integral(number))
		return error_set(error, -EINVAL, "a whole number is expected, not %s", text);
	if (number >= option->min && number <= option->max)
		return 0;
	if (option->max > 1e15 && number < option->min)
		return error_set(error, -EINVAL, "%s is too small: %.15g is the least", text, option->min);
	return error_set(error, -EINVAL, "%s is outside %.15g to %.15g", text, option->min, option->max);
}

static void list_choices(const struct option *option, struct text *out)
{
	for (size_t i = 0; option->choices[i]; i++) {
		const char *before = i == 0 ? "" : option->choices[i + 1] ? ", " : " or ";
		text_printf(out, "%s%s", before, option->choices[i]);
	}
}

int option_find_choice(const struct option *option, const char *word, struct error *error)
{
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	struct text choices = TEXT_NULL;
	for (int i = 0; option->choices[i]; i++) {
		if (strcasecmp(option->choices[i], word) == 0)
			return i;
		nearest_offer(&best, &distance, word, option->choices[i]);
	}
	list_choices(option, &choices);
	error_set(error, -EINVAL, "%s is expected, not '%s'%s%s%s", text_string(&choices), word,
	        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
	text_finish(&choices);
	return -EINVAL;
}

/* ---- reading values ---- */

/* Where a value goes, and what it is. */
struct option_value {
	const struct option *option;
	void *at;
};

static int read_number(const struct option_value *value, const char *text, double *out, struct error *error)
{
	if (number_parse(out, text, false))
		return option_check_number(value->option, *out, text, error);
	return error_set(error, -EINVAL, "a %snumber is expected, not '%s'",
	        value->option->kind == OPTION_INTEGER ? "whole " : "", text);
}

static int set_integer(const struct option_value *value, const char *text, struct error *error)
{
	double number;
	int rc = read_number(value, text, &number, error);
	if (rc == 0)
		*(int64_t *)value->at = (int64_t)number;
	return rc;
}

static int set_number(const struct option_value *value, const char *text, struct error *error)
{
	double number;
	int rc = read_number(value, text, &number, error);
	if (rc == 0)
		*(double *)value->at = number;
	return rc;
}

static int set_switch(const struct option_value *value, const char *text, struct error *error)
{
	static const char *const words[] = {"false", "true", "False", "True", "0", "1", "no", "yes"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], text) == 0) {
			*(bool *)value->at = i % 2;
			return 0;
		}
	}
	return error_set(error, -EINVAL, "true or false is expected, not '%s'", text);
}

static int set_bare(const struct option_value *value, const char *text, struct error *error)
{
	(void)text;
	(void)error;
	*(bool *)value->at = true;
	return 0;
}

static int set_choice(const struct option_value *value, const char *text, struct error *error)
{
	int choice = option_find_choice(value->option, text, error);
	if (choice < 0)
		return choice;
	*(int *)value->at = choice;
	return 0;
}

static int set_text(const struct option_value *value, const char *text, struct error *error)
{
	(void)error;
	*(const char **)value->at = text;
	return 0;
}

static int add_text(const struct option_value *value, const char *text, struct error *error)
{
	struct option_texts *texts = value->at;
	if (texts->count == OPTION_TEXTS_MAX)
		return error_set(error, -EINVAL, "it may be given %d times", OPTION_TEXTS_MAX);
	texts->items[texts->count++] = text;
	return 0;
}

/* ---- printing values ---- */

static void print_integer(const struct option_value *value, struct text *out)
{
	text_printf(out, "%lld", (long long)*(const int64_t *)value->at);
}

static void print_number(const struct option_value *value, struct text *out)
{
	char digits[NUMBER_TEXT_BYTES];
	number_repr(*(const double *)value->at, digits);
	text_append(out, digits);
}

static void print_switch(const struct option_value *value, struct text *out)
{
	text_append(out, *(const bool *)value->at ? "true" : "false");
}

static void print_choice(const struct option_value *value, struct text *out)
{
	text_append(out, value->option->choices[*(const int *)value->at]);
}

static void print_text(const struct option_value *value, struct text *out)
{
	const char *text = *(const char *const *)value->at;
	text_append(out, text ? text : "");
}

static const struct {
	int (*set)(const struct option_value *value, const char *text, struct error *error);
	void (*print)(const struct option_value *value, struct text *out);
} kinds[] = {
        [OPTION_TEXT] = {set_text, print_text},
        [OPTION_INTEGER] = {set_integer, print_integer},
        [OPTION_NUMBER] = {set_number, print_number},
        [OPTION_SWITCH] = {set_switch, print_switch},
        [OPTION_BARE] = {set_bare, print_switch},
        [OPTION_CHOICE] = {set_choice, print_choice},
        [OPTION_TEXTS] = {add_text, NULL},
};

static int set(const struct option_value *value, const char *text, struct error *error)
{
	struct error why = {""};
	assert(value->option->kind <= OPTION_TEXTS);
	int rc = kinds[value->option->kind].set(value, text, &why);
	return rc < 0 ? error_set(error, rc, "--%s: %s", value->option->name, why.text) : rc;
}

int option_set(const struct option_group *group, const struct option *option, const char *value, struct error *error)
{
	return set(&(struct option_value){option, (char *)group->values + option->offset}, value, error);
}

int option_check(const struct option *option, const char *value, struct error *error)
{
	union {
		struct option_texts texts; /* the largest */
		int64_t integer;
		double number;
		const char *text;
	} ignored = {0};
	return set(&(struct option_value){option, &ignored}, value, error);
}

void options_set_defaults(const struct option_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct option *option = &group->options[i];
		const int rc = option->fallback ? option_set(group, option, option->fallback, NULL) : 0;
		assert(rc == 0); /* the table's own default */
		(void)rc;
	}
}

void option_print(const struct option_group *group, const struct option *option, struct text *out)
{
	const struct option_value value = {option, (char *)group->values + option->offset};
	assert(kinds[option->kind].print);
	kinds[option->kind].print(&value, out);
}
