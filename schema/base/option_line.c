#include "schema/base/option_line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "schema/base/nearest.h"
#include "schema/base/number.h"

/* One option of a line, cut into its parts. */
struct option_word {
	const char *name, *value; /* value NULL: none is attached */
	size_t name_length;
};

/* The few that people type by a letter; NULL for other words. */
static const char *whole_name(const char *word)
{
	return strcmp(word, "-h") == 0 ? "help" : strcmp(word, "-f") == 0 ? "follow" : NULL;
}

static struct option_word cut(const char *word)
{
	const char *name = whole_name(word) ? whole_name(word) : word + 2, *equals = strchr(name, '=');
	return (struct option_word){name, equals ? equals + 1 : NULL, equals ? (size_t)(equals - name) : strlen(name)};
}

/* printf writes "-nan" and "-inf". */
static bool is_letters(const char *word)
{
	double number;
	return word[0] == '-' && isalpha((unsigned char)word[1]) && !number_parse(&number, word, true);
}

/* -h asks every program for help; another letter is one only where its option is. */
static bool is_option(const struct option_line *line, const char *word)
{
	const char *name = whole_name(word);
	bool known = name && strcmp(name, "help") == 0;
	for (size_t i = 0; name && i < line->count; i++)
		known = known || option_find(&line->groups[i], name, strlen(name));
	return known || (strncmp(word, "--", 2) == 0 && word[2]);
}

static int unknown(const struct option_line *line, const struct option_word *word, struct error *error)
{
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	struct text name = TEXT_NULL, hint = TEXT_NULL;
	text_append_bytes(&name, word->name, word->name_length);
	if (line->elsewhere)
		line->elsewhere(line->context, word->name, word->name_length, &hint);
	for (size_t i = 0; i < line->count; i++)
		option_offer(&best, &distance, &line->groups[i], text_string(&name));
	if (!hint.length && best)
		text_printf(&hint, "did you mean --%s?", best);
	error_set(error, -EINVAL, "there is no option --%s; %s", text_string(&name),
	        hint.length ? text_string(&hint) : "--help lists them");
	text_finish(&name);
	text_finish(&hint);
	return -EINVAL;
}

static int keep(const struct option_line *line, const struct option_group *group, const struct option *option,
        const char *value, struct error *error)
{
	return line->keep ? line->keep(line->context, option, value, error) : option_set(group, option, value, error);
}

/* Takes the value from the next word where none is attached, and moves *at to the last word that
 * was used. */
static int read_value(
        struct option_word *word, const struct option *option, const char *const **at, struct error *error)
{
	if (option->kind == OPTION_BARE) {
		if (word->value)
			return error_set(error, -EINVAL, "--%s takes no value", option->name);
		word->value = "";
	}
	if (!word->value && (*at)[1])
		word->value = *++*at;
	if (word->value)
		return 0;
	return error_set(
	        error, -EINVAL, "--%s needs a value%s%s", option->name, *option->unit ? ": " : "", option->unit);
}

static int read_option(const struct option_line *line, const char *const **at, struct error *error)
{
	struct option_word word = cut(**at);
	for (size_t i = 0; i < line->count; i++) {
		const struct option *option = option_find(&line->groups[i], word.name, word.name_length);
		if (!option)
			continue;
		int rc = read_value(&word, option, at, error);
		return rc == 0 ? keep(line, &line->groups[i], option, word.value, error) : rc;
	}
	return unknown(line, &word, error);
}

static int read_operand(const struct option_line *line, const char *word, struct error *error)
{
	if (line->operand)
		return line->operand(line->context, word, error);
	return error_set(error, -EINVAL, "'%s' is not an option; --help lists them", word);
}

int option_line_read(const struct option_line *line, const char *const *argv, struct error *error)
{
	bool operands_only = false;
	int rc = 0;
	for (const char *const *at = argv; rc == 0 && *at; at++) {
		if (!operands_only && strcmp(*at, "--") == 0)
			operands_only = true;
		else if (!operands_only && is_option(line, *at))
			rc = read_option(line, &at, error);
		else if (!operands_only && is_letters(*at))
			rc = error_set(error, -EINVAL, "there is no option %s; --help lists them", *at);
		else
			rc = read_operand(line, *at, error);
	}
	return rc;
}

static bool is_called(const struct option_word *word, const char *name)
{
	const struct option option = {.name = name};
	const struct option_group one = {.options = &option, .count = 1};
	return option_find(&one, word->name, word->name_length) != NULL;
}

const char *option_line_nth(const char *const *argv, const char *name, size_t n)
{
	const struct option_line line = {.count = 0};
	for (const char *const *at = argv; *at; at++) {
		if (!is_option(&line, *at))
			continue;
		struct option_word word = cut(*at);
		const char *value = word.value ? word.value : at[1];
		if (is_called(&word, name) && n-- == 0)
			return value;
	}
	return NULL;
}

const char *option_line_last(const char *const *argv, const char *name)
{
	const char *value = NULL;
	for (size_t n = 0;; n++) {
		const char *next = option_line_nth(argv, name, n);
		if (!next)
			return value;
		value = next;
	}
}

bool option_line_wants_help(const char *const *argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
			return true;
	return false;
}
