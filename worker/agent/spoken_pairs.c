#include "worker/agent/spoken_pairs.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema/base/number.h"

#define NAME_MAX_BYTES 128
#define NUMBER_MAX_BYTES 64

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_./@-", c)) || (unsigned char)c >= 0x80;
}

/* ---- numbers ---- */

/* What may stand behind a number. A comma may, but not one with a digit behind it. */
static bool ends_number(const char *after)
{
	if (*after == '\0' || isspace((unsigned char)*after) || strchr(";)]}|'\"%(!?<>&~", *after))
		return true;
	if (*after == ',')
		return !isdigit((unsigned char)after[1]);
	if (*after == '.')
		return after[1] == '\0' || isspace((unsigned char)after[1]);
	return strncmp(after, "±", 2) == 0 || strncmp(after, "+-", 2) == 0 || strncmp(after, "+/-", 3) == 0;
}

static bool parse_span(double *value, const char *text, size_t length)
{
	char digits[NUMBER_MAX_BYTES];
	if (length == 0 || length >= sizeof digits)
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	return number_parse(value, digits, true);
}

/* The first place from where a number could reach to `at`. */
static const char *leftmost(const char *line, const char *at)
{
	while (at > line && (isalnum((unsigned char)at[-1]) || strchr("+-.", at[-1])))
		at--;
	return at;
}

bool spoken_number_around(double *value, const char *line, const char *start, size_t length)
{
	if (start - line >= 2 && start[-1] == ',' && isdigit((unsigned char)start[-2]))
		return false;
	for (const char *at = leftmost(line, start); at <= start; at++) {
		bool inside_a_word = at < start && at > line && in_name(at[-1]);
		size_t span = inside_a_word ? 0 : number_span(at);
		if (span > 0 && at + span >= start + length)
			return ends_number(at + span) && parse_span(value, at, span);
	}
	return false;
}

/* ---- steps ---- */

/* `epoch` is a measure as well, but how far a training is counts first. */
static int rank_as_step(const char *name)
{
	return strcasecmp(name, "step") == 0 ? 2 : strcasecmp(name, "epoch") == 0 ? 1 : 0;
}

struct pair_reader {
	struct program_report *out;
	const struct report_listener *listener;
	const char *line;
	int step_rank; /* of what out->step comes from */
};

static void take_step(struct pair_reader *pairs, int rank, double value)
{
	if (rank < pairs->step_rank || !number_is_integral(value) || value < 0)
		return;
	pairs->out->step = (int64_t)value;
	pairs->step_rank = rank;
}

/* "Epoch 3", "epoch 3/10": no sign between. */
static void find_spoken_step(struct pair_reader *pairs)
{
	static const char *const words[] = {"epoch", "step"};
	for (const char *at = pairs->line; *at; at++)
		for (size_t i = 0; i < 2; i++) {
			size_t length = strlen(words[i]);
			const char *digits = at + length + 1;
			if (strncasecmp(at, words[i], length) != 0 || at[length] != ' ' ||
			        (at > pairs->line && in_name(at[-1])))
				continue;
			size_t count = strspn(digits, "0123456789");
			double value;
			const bool ends = digits[count] == '/' || !in_name(digits[count]);
			if (count > 0 && ends && parse_span(&value, digits, count))
				take_step(pairs, rank_as_step(words[i]), value);
		}
}

/* ---- names ---- */

static bool ends_with(const char *start, const char *end, const char *name)
{
	size_t length = strlen(name);
	if (length == 0 || (size_t)(end - start) < length || strncmp(end - length, name, length) != 0)
		return false;
	return (size_t)(end - start) == length || !in_name(end[-1 - (long)length]);
}

/* The longest wanted name that ends there. */
static const char *wanted_name(const struct pair_reader *pairs, const char *end)
{
	const struct report_listener *listener = pairs->listener;
	const char *best = ends_with(pairs->line, end, listener->metric) ? listener->metric : "";
	for (size_t i = 0; listener->run && i < listener->run->metrics.count; i++) {
		const char *name = listener->run->metrics.items[i];
		if (strlen(name) > strlen(best) && ends_with(pairs->line, end, name))
			best = name;
	}
	for (size_t i = 0; listener->run && i < listener->run->constraints.count; i++) {
		const char *name = listener->run->constraints.items[i];
		if (strlen(name) > strlen(best) && ends_with(pairs->line, end, name))
			best = name;
	}
	return *best ? best : NULL;
}

/* The word that ends there, in quotes or not. */
static bool plain_name(char out[NAME_MAX_BYTES], const struct pair_reader *pairs, const char *end)
{
	const char *start = end;
	while (start > pairs->line && in_name(start[-1]))
		start--;
	size_t length = (size_t)(end - start);
	if (length == 0 || length >= NAME_MAX_BYTES || isdigit((unsigned char)*start))
		return false;
	memcpy(out, start, length);
	out[length] = '\0';
	return true;
}

static const char *name_end(const struct pair_reader *pairs, const char *sign)
{
	const char *end = sign;
	while (end > pairs->line && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return end > pairs->line && strchr("'\"`", end[-1]) ? end - 1 : end;
}

/* ---- pairs ---- */

static int note_unread(struct pair_reader *pairs, const char *name, const char *text)
{
	if (pairs->out->unread)
		return 0;
	pairs->out->unread = arena_printf(&pairs->out->arena, "%s=%.*s", name, (int)strcspn(text, " \t;)]}|"), text);
	return pairs->out->unread ? 0 : -ENOMEM;
}

static int take_pair(struct pair_reader *pairs, const char *name, const char *text, bool wanted)
{
	int rank = rank_as_step(name);
	size_t span = number_span(text);
	const char *after = text + span;
	double value;
	bool whole = ends_number(after) || (rank && *after == '/');
	if (!span || !whole || !parse_span(&value, text, span))
		return wanted && *text && !isspace((unsigned char)*text) ? note_unread(pairs, name, text) : 0;
	if (rank)
		take_step(pairs, rank, value);
	return rank == 2 || program_report_put(pairs->out, name, value) ? 0 : -ENOMEM;
}

/* Around the '=' or ':' at `sign`. */
static int read_pair(struct pair_reader *pairs, const char *sign)
{
	const char *end = name_end(pairs, sign), *text = sign + 1;
	bool compares = *sign == '=' && (sign[1] == '=' || (sign > pairs->line && strchr("=!<>:", sign[-1])));
	text += strspn(text, " \t");
	const char *wanted = wanted_name(pairs, end);
	char word[NAME_MAX_BYTES];
	if (compares || (!wanted && !plain_name(word, pairs, end)))
		return 0;
	bool loose = *sign == ':' && text == sign + 1 && end == sign;
	if (!wanted && loose && !rank_as_step(word))
		return 0;
	return take_pair(pairs, wanted ? wanted : word, text, wanted != NULL);
}

int spoken_pairs_read(struct program_report *out, const struct report_listener *listener, const char *line)
{
	struct pair_reader pairs = {.out = out, .listener = listener, .line = line};
	int rc = 0;
	for (const char *sign = strpbrk(line, "=:"); sign && rc == 0; sign = strpbrk(sign + 1, "=:"))
		rc = read_pair(&pairs, sign);
	if (rc == 0 && pairs.step_rank < 2)
		find_spoken_step(&pairs);
	return rc;
}
