#include "schema/study/method.h"

#include <assert.h>
#include <string.h>

const struct method_info *method_info_find(const struct method_info *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0 || (table->alias && strcmp(table->alias, name) == 0))
			return table;
	return NULL;
}

static const struct method_option *find_option(const struct method *method, const char *name)
{
	const struct method_option *option = method->info->options;
	while (option->name && strcmp(option->name, name) != 0)
		option++;
	assert(option->name);
	return option;
}

const struct setting *method_setting(const struct method *method, const char *option)
{
	for (size_t i = 0; i < method->setting_count; i++)
		if (strcmp(method->settings[i].name, option) == 0)
			return &method->settings[i];
	return NULL;
}

double method_number(const struct method *method, const char *option)
{
	const struct method_option *row = find_option(method, option);
	const struct setting *setting = method_setting(method, option);
	assert(row->kind != OPTION_WORD);
	return setting ? setting->number : row->fallback;
}

bool method_flag(const struct method *method, const char *option)
{
	return method_number(method, option) != 0;
}

const char *method_word(const struct method *method, const char *option)
{
	const struct method_option *row = find_option(method, option);
	const struct setting *setting = method_setting(method, option);
	assert(row->kind == OPTION_WORD);
	return setting ? setting->word : row->fallback_word;
}
