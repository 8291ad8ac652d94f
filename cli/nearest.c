/* Optimal string alignment distance: F. J. Damerau, "A technique for computer detection and correction of spelling
 * errors", CACM 7(3), 1964, by dynamic programming over prefixes. */
#include "cli/nearest.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 32

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t word_distance(const char *a, const char *b)
{
	size_t cost[WORD_MAX][WORD_MAX]; /* (prefix of a, prefix of b) */
	size_t rows = strlen(a), columns = strlen(b);
	if (rows >= WORD_MAX || columns >= WORD_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= rows; i++)
		cost[i][0] = i;
	for (size_t j = 0; j <= columns; j++)
		cost[0][j] = j;
	for (size_t i = 1; i <= rows; i++)
		for (size_t j = 1; j <= columns; j++) {
			size_t best = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;
			best = smaller(best, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = smaller(best, cost[i - 2][j - 2] + 1);
			cost[i][j] = best;
		}
	return cost[rows][columns];
}

/* Keeps the nearest candidate so far in *best. */
static void offer(const char **best, size_t *best_distance, const char *candidate, const char *word)
{
	size_t distance = word_distance(candidate, word);
	if (distance <= 2 && distance * 2 < strlen(word) + 1 && distance < *best_distance) {
		*best = candidate;
		*best_distance = distance;
	}
}

const char *nearest_verb(const char *word)
{
	const char *best = NULL;
	size_t distance = SIZE_MAX;
	for (const struct verb *const *verb = verbs; *verb; verb++)
		offer(&best, &distance, (*verb)->name, word);
	return best;
}

const char *nearest_flag(const struct verb *verb, const char *word)
{
	const char *best = NULL;
	size_t distance = SIZE_MAX;
	for (const struct flag *flag = verb ? verb->flags : NULL; flag && flag->name; flag++)
		offer(&best, &distance, flag->name, word);
	for (const struct flag *flag = global_flags; flag->name; flag++)
		offer(&best, &distance, flag->name, word);
	return best;
}
