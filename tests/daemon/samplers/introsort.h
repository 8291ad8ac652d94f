/* The order in which the golden numbers' maker left equal values: numpy's argsort (before its vector versions) is an
 * introsort (Musser 1997, "Introspective Sorting and Selection Algorithms"), which is not stable; replayed step by step. */
#ifndef TESTS_DAEMON_SAMPLERS_INTROSORT_H
#define TESTS_DAEMON_SAMPLERS_INTROSORT_H

#include "daemon/samplers/parzen.h"

/* Sorts marks by mu; for parzen->sort. */
void introsort_marks(struct mark *marks, size_t count);

#endif
