/* "Did you mean …?" */
#ifndef SCHEMA_BASE_NEAREST_H
#define SCHEMA_BASE_NEAREST_H

#include <stddef.h>

/* Edit distance in letters, neighbouring ones swapped counting once (Damerau 1964); at most `limit`
 * + 1. */
size_t edit_distance(const char *a, const char *b, size_t limit);

/* Keeps in *best the name nearest to `word` among those offered one by one; *distance starts at the
 * largest distance that counts, plus one. */
void nearest_offer(const char **best, size_t *distance, const char *word, const char *name);

#define NEAREST_DISTANCE 3 /* start value: two slips are a slip, three another word */

#endif
