/* Reading golden files: JSON numbers that Optuna's own functions computed. */
#ifndef TESTS_DAEMON_GOLDEN_H
#define TESTS_DAEMON_GOLDEN_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "schema/space/space.h"

/* What a conform program counts. */
struct tally {
	size_t passed, failed;
};

/* Reads and parses a file; on failure prints why and returns NULL. Free with cJSON_Delete. */
cJSON *golden_read(const char *path);

/* A number, or the words nan, inf, -inf; NAN for null and everything else. */
double golden_number(const cJSON *item);

/* The numbers of an array into `out` (at most `capacity`); returns how many. */
size_t golden_numbers(double *out, size_t capacity, const cJSON *array);

/* Builds the space a golden file describes, sorted by name as every space is. NULL when
 * malformed. */
struct space *golden_space(const cJSON *list);

/* Counts a comparison: equal within `tolerance`, relative or absolute; prints a disagreement. */
void tally_compare(struct tally *tally, const char *what, double ours, double theirs, double tolerance);

/* Counts a yes or no; prints `what` when it is no. */
void tally_count(struct tally *tally, bool agree, const char *what);

/* Prints "N passed, N failed"; returns the exit code. */
int tally_report(const struct tally *tally);

#endif
