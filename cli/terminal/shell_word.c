#include "cli/terminal/shell_word.h"

#include <string.h>

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-"

/* In single quotes nothing is special to a shell but the quote itself. */
void shell_word_quote(struct text *out, const char *word)
{
	text_append(out, "'");
	for (; *word; word++) {
		if (*word == '\'')
			text_append(out, "'\\''");
		else
			text_append_bytes(out, word, 1);
	}
	text_append(out, "'");
}

void shell_word_append(struct text *out, const char *word)
{
	if (*word && *word != '=' && word[strspn(word, PLAIN)] == '\0')
		text_append(out, word);
	else
		shell_word_quote(out, word);
}
