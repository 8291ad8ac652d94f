#include "schema/study/duration.h"

#include <stddef.h>
#include <string.h>

#include "schema/base/number.h"

static const struct {
	const char *name;
	double seconds;
} units[] = {
        {"s", 1},
        {"sec", 1},
        {"second", 1},
        {"seconds", 1}, /* */
        {"m", 60},
        {"min", 60},
        {"minute", 60},
        {"minutes", 60}, /* */
        {"h", 3600},
        {"hour", 3600},
        {"hours", 3600}, /* */
        {"d", 86400},
        {"day", 86400},
        {"days", 86400},
};

static size_t blanks(const char *text)
{
	return strspn(text, " \t");
}

static double unit_of(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i].name) == length && strncmp(units[i].name, word, length) == 0)
			return units[i].seconds;
	return 0;
}

/* The number and the unit that *text begins with, in seconds; −1 when it begins otherwise. */
static double take(const char **text)
{
	char digits[NUMBER_TEXT_BYTES];
	size_t length = strspn(*text, "0123456789.");
	double number;
	if (length == 0 || length >= sizeof digits)
		return -1;
	memcpy(digits, *text, length);
	digits[length] = '\0';
	const char *word = *text + length + blanks(*text + length);
	size_t letters = strspn(word, "abcdefghijklmnopqrstuvwxyz");
	double unit = unit_of(word, letters);
	if (unit == 0 || !number_parse(&number, digits, false))
		return -1;
	*text = word + letters + blanks(word + letters);
	return number * unit;
}

bool duration_parse(double *seconds, const char *text)
{
	double sum = 0;
	text += blanks(text);
	if (!*text)
		return false;
	while (*text) {
		double part = take(&text);
		if (part < 0)
			return false;
		sum += part;
	}
	*seconds = sum;
	return true;
}
