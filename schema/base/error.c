#include "schema/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a code point would make the sentence invalid UTF-8 and with it the reply that carries it. */
static void trim_broken_tail(char *text)
{
	size_t length = strlen(text), tail = length;
	while (tail > 0 && ((unsigned char)text[tail - 1] & 0xc0) == 0x80)
		tail--;
	if (tail == 0)
		return;
	unsigned char lead = (unsigned char)text[tail - 1];
	size_t wanted = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (length - tail + 1 < wanted)
		text[tail - 1] = '\0';
}

int error_set(struct error *error, int code, const char *format, ...)
{
	if (!error)
		return code;
	va_list args;
	va_start(args, format);
	int length = vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	if (length >= (int)sizeof error->text)
		trim_broken_tail(error->text);
	return code;
}

int error_no_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "out of memory");
}

int error_prefix(struct error *error, int code, const char *prefix)
{
	if (!error)
		return code;
	struct error old = *error;
	return error_set(error, code, "%s: %s", prefix, old.text);
}
