#include "schema/study/method.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "schema/base/number.h"

const struct method_info *method_info_find(const struct method_info *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0 || (table->alias && strcmp(table->alias, name) == 0))
			return table;
	return NULL;
}

struct option_group method_options(const struct method_info *info)
{
	size_t count = 0;
	while (info->options[count].name)
		count++;
	return (struct option_group){info->name, info->options, count, NULL};
}

static const struct option *find_option(const struct method *method, const char *name)
{
	const struct option_group group = method_options(method->info);
	const struct option *option = option_find(&group, name, strlen(name));
	assert(option);
	return option;
}

const struct setting *method_setting(const struct method *method, const char *option)
{
	for (size_t i = 0; i < method->setting_count; i++)
		if (strcmp(method->settings[i].name, option) == 0)
			return &method->settings[i];
	return NULL;
}

/* A default as a number: of a switch 0 or 1, NAN where there is none. */
static double fallback(const struct option *option)
{
	double number = (double)NAN;
	if (option->fallback && option->kind == OPTION_SWITCH)
		return strcmp(option->fallback, "true") == 0;
	if (option->fallback)
		number_parse(&number, option->fallback, false);
	return number;
}

double method_number(const struct method *method, const char *option)
{
	const struct option *row = find_option(method, option);
	const struct setting *setting = method_setting(method, option);
	return setting ? setting->number : fallback(row);
}

bool method_flag(const struct method *method, const char *option)
{
	return method_number(method, option) != 0;
}

const char *method_word(const struct method *method, const char *option)
{
	const struct option *row = find_option(method, option);
	const struct setting *setting = method_setting(method, option);
	assert(row->kind == OPTION_CHOICE);
	return setting ? setting->word : row->fallback;
}
