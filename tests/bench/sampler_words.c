#include "tests/bench/sampler_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *sentence, const char *word)
{
	fprintf(stderr, sentence, word);
	exit(EXIT_FAILURE);
}

static const struct option *find_option(const struct method_info *info, const char *name)
{
	const struct option_group group = method_options(info);
	const struct option *option = option_find(&group, name, strlen(name));
	if (option)
		return option;
	refuse("the sampler has no option %s\n", name);
	return NULL;
}

/* Cuts `word` at the first `mark`; NULL when there is none. */
static char *cut(char *word, char mark)
{
	char *at = strchr(word, mark);
	if (at)
		*at++ = '\0';
	return at;
}

void sampler_words_read(struct sampler_words *out, char *word)
{
	size_t count = 0;
	char *rest = cut(word, ':');
	out->method = (struct method){.info = method_info_find(sampler_infos, word), .settings = out->settings};
	if (!out->method.info)
		refuse("no sampler is called %s\n", word);
	while (rest && count < SAMPLER_WORDS_AT_MOST) {
		char *name = rest;
		rest = cut(name, ':');
		char *value = cut(name, '=');
		const struct option *option = find_option(out->method.info, name);
		struct setting *setting = &out->settings[count++];
		*setting = (struct setting){.name = option->name};
		if (value && option->kind == OPTION_CHOICE)
			setting->word = value;
		else
			setting->number = value ? strtod(value, NULL) : 1;
	}
	out->method.setting_count = count;
}
