#include "schema/base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut in the middle of a code point would make the sentence invalid UTF-8 and with it the reply
 * that carries it. */
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

static void write(struct error *error, const char *format, va_list arguments)
{
	int length = vsnprintf(error->text, sizeof error->text, format, arguments);
	if (length >= (int)sizeof error->text)
		trim_broken_tail(error->text);
}

int error_set_at(struct error *error, const char *place, int code, const char *format, ...)
{
	if (!error)
		return code;
	va_list arguments;
	va_start(arguments, format);
	write(error, format, arguments);
	va_end(arguments);
	error->place = place;
	return code;
}

int error_fold(struct error *error, int code, const struct error *cause, const char *format, ...)
{
	assert(cause);
	if (!error)
		return code;
	struct error folded = {.place = cause->place};
	va_list arguments;
	va_start(arguments, format);
	write(&folded, format, arguments);
	va_end(arguments);
	*error = folded;
	return code;
}

int error_prefix(struct error *error, int code, const char *prefix)
{
	return error ? error_fold(error, code, error, "%s: %s", prefix, error->text) : code;
}

const char *error_place(const struct error *error)
{
	return error->place ? error->place : "";
}
