#include "schema/base/variable_name.h"

#include <ctype.h>
#include <string.h>

static char letter_of(const struct variable_name *name, size_t at)
{
	const char letter = name->text[at];
	if (letter >= 'a' && letter <= 'z' && name->capitals)
		return (char)toupper(letter);
	if ((unsigned char)letter < 0x80 && isalnum(letter))
		return letter;
	return '_';
}

void variable_name_append(struct text *out, const struct variable_name *name)
{
	for (size_t i = 0; i < name->length; i++)
		text_append_bytes(out, &(char){letter_of(name, i)}, 1);
}

bool variable_name_is_blank(const struct variable_name *name)
{
	for (size_t i = 0; i < name->length; i++)
		if (letter_of(name, i) != '_')
			return false;
	return true;
}

bool variable_names_collide(const struct variable_name *a, const struct variable_name *b)
{
	if (a->length != b->length || memcmp(a->text, b->text, a->length) == 0)
		return false;
	for (size_t i = 0; i < a->length; i++)
		if (letter_of(a, i) != letter_of(b, i))
			return false;
	return true;
}
