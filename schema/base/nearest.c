#include "schema/base/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "schema/base/utf8.h"

#define LETTERS_MAX 64

struct spelled_word {
	uint32_t letters[LETTERS_MAX];
	size_t length;
};

static bool spell(struct spelled_word *out, const char *text)
{
	const char *at = text, *end = text + strlen(text);
	for (out->length = 0; at < end && out->length < LETTERS_MAX; out->length++)
		out->letters[out->length] = utf8_next(&at, end);
	return at == end;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance_of(const struct spelled_word *a, const struct spelled_word *b)
{
	size_t rows[3][LETTERS_MAX + 1];
	for (size_t j = 0; j <= b->length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a->length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b->length; j++) {
			size_t changed = above[j - 1] + (a->letters[i - 1] != b->letters[j - 1]);
			row[j] = least(changed, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a->letters[i - 1] == b->letters[j - 2] &&
			        a->letters[i - 2] == b->letters[j - 1])
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return rows[a->length % 3][b->length];
}

size_t edit_distance(const char *a, const char *b, size_t limit)
{
	struct spelled_word first, second;
	return spell(&first, a) && spell(&second, b) ? least(distance_of(&first, &second), limit + 1) : limit + 1;
}

void nearest_offer(const char **best, size_t *distance, const char *word, const char *name)
{
	size_t found = edit_distance(word, name, *distance);
	if (found < *distance && found < utf8_count(name) && found < utf8_count(word)) {
		*distance = found;
		*best = name;
	}
}
