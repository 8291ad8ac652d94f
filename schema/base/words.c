#include "schema/base/words.h"

#include <assert.h>
#include <string.h>

const char *words_name(const struct words *words, int value)
{
	assert(value >= 0 && value < words->count);
	return words->names[value];
}

int words_find(const struct words *words, const char *name)
{
	for (int i = 0; i < words->count; i++)
		if (words->names[i] && strcmp(words->names[i], name) == 0)
			return i;
	return -1;
}
