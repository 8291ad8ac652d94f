#include "schema/base/nearest.h"

#include <string.h>

#define WORD_BYTES_MAX 40

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b, size_t limit)
{
	size_t rows[3][WORD_BYTES_MAX + 1];
	size_t a_length = strlen(a), b_length = strlen(b);
	if (a_length > WORD_BYTES_MAX || b_length > WORD_BYTES_MAX)
		return limit + 1;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t changed = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(changed, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return least(rows[a_length % 3][b_length], limit + 1);
}

void nearest_offer(const char **best, size_t *distance, const char *word, const char *name)
{
	size_t found = edit_distance(word, name, *distance);
	if (found < *distance && found < strlen(name) && found < strlen(word)) {
		*distance = found;
		*best = name;
	}
}
