#include "cli/command_line/flag.h"

#include <string.h>

#include "schema/base/number.h"

const struct flag global_flags[] = {
        {"home", FLAG_TEXT, "DIR", NULL, "the folder of the trials and the daemon (KRE_HOME; default ./kre-runs)"},
        {"json", FLAG_SWITCH, NULL, NULL, "print JSON for programs instead of tables"},
        {"quiet", FLAG_SWITCH, NULL, NULL, "print results only, no remarks"},
        {"color", FLAG_WORD, "auto|always|never", "auto", "colours; auto = on a terminal unless NO_COLOR is set"},
        {"help", FLAG_SWITCH, NULL, NULL, "print help"},
        {"version", FLAG_SWITCH, NULL, NULL, "print the version"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

const struct flag *flag_find(const struct flag *table, const char *name, unsigned long length)
{
	for (const struct flag *flag = table; flag && flag->name; flag++)
		if (strlen(flag->name) == length && memcmp(flag->name, name, length) == 0)
			return flag;
	return NULL;
}

static bool is_word_of(const char *words, const char *value)
{
	size_t length = strlen(value);
	while (*words) {
		size_t word_length = strcspn(words, "|");
		if (word_length == length && memcmp(words, value, length) == 0)
			return true;
		words += word_length + (words[word_length] == '|');
	}
	return false;
}

static bool is_count(const char *value)
{
	double number;
	return number_parse(&number, value, false) && number_is_integral(number) && number >= 0;
}

bool flag_accepts(const struct flag *flag, const char *value)
{
	if (flag->kind == FLAG_WORD)
		return is_word_of(flag->argument, value);
	return flag->kind != FLAG_COUNT || is_count(value);
}
