#include "worker/trainer/flags.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* One flag, cut into its parts. */
struct flag_word {
	const char *name, *value;
	size_t name_length;
};

/* Cuts the flag at **at and moves *at to its last word. */
static int cut_flag(struct flag_word *out, const char *const **at, struct error *error)
{
	const char *word = **at;
	if (strncmp(word, "--", 2) != 0 || !word[2])
		return error_set(error, -EINVAL, "\"%s\" is not a flag (see --help)", word);
	const char *equals = strchr(word, '=');
	*out = (struct flag_word){
	        word + 2, equals ? equals + 1 : NULL, equals ? (size_t)(equals - word - 2) : strlen(word + 2)};
	if (equals)
		return 0;
	if (!(*at)[1])
		return error_set(error, -EINVAL, "%s needs a value", word);
	out->value = *++*at;
	return 0;
}

static int set_flag(const struct option_group *groups, size_t count, const struct flag_word *flag, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct option *option = option_find(&groups[i], flag->name, flag->name_length);
		if (option)
			return option_set(&groups[i], option, flag->value, error);
	}
	return error_set(error, -EINVAL, "there is no flag --%.*s (see --help)", (int)flag->name_length, flag->name);
}

int flags_read(const struct option_group *groups, size_t count, const char *const *argv, struct error *error)
{
	int rc = 0;
	for (const char *const *at = argv; rc == 0 && *at; at++) {
		struct flag_word flag = {0};
		rc = cut_flag(&flag, &at, error);
		if (rc == 0)
			rc = set_flag(groups, count, &flag, error);
	}
	return rc;
}

static bool is_called(const struct flag_word *flag, const char *name)
{
	if (flag->name_length != strlen(name))
		return false;
	for (size_t i = 0; i < flag->name_length; i++)
		if (name[i] != (flag->name[i] == '-' ? '_' : flag->name[i]))
			return false;
	return true;
}

const char *flags_nth(const char *const *argv, const char *name, size_t n)
{
	for (const char *const *at = argv; *at; at++) {
		struct flag_word flag = {0};
		if (cut_flag(&flag, &at, NULL) < 0)
			break;
		if (is_called(&flag, name) && n-- == 0)
			return flag.value;
	}
	return NULL;
}

const char *flags_find(const char *const *argv, const char *name)
{
	const char *value = NULL;
	for (size_t n = 0;; n++) {
		const char *next = flags_nth(argv, name, n);
		if (!next)
			return value;
		value = next;
	}
}
