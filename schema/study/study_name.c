#include "schema/study/study_name.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define NAME_MARKS "-_."

static char tidy_letter(const char *text, size_t at)
{
	const unsigned char byte = (unsigned char)text[at];
	const bool taken = byte >= 0x80 || isalnum(byte) || strchr(NAME_MARKS, text[at]);
	if (taken && !(at == 0 && byte == '.'))
		return text[at];
	return '-';
}

void study_name_tidy(char *text)
{
	for (size_t i = 0; text[i]; i++)
		text[i] = tidy_letter(text, i);
}

bool study_name_is(const char *tidy, const char *text)
{
	size_t i = 0;
	while (text[i] && tidy[i] == tidy_letter(text, i))
		i++;
	return !text[i] && !tidy[i];
}
