/* Features of what vectors of words say: the means of those in the sentence, in each entity and
 * between the two. Unlike all others they are numbers, not counts. */
#ifndef WORKER_FEATURES_VECTOR_FEATURE_H
#define WORKER_FEATURES_VECTOR_FEATURE_H

#include <stddef.h>
#include <stdint.h>

#include "worker/text/row.h"
#include "worker/vectors/vectors.h"

/* How many numbers a row has. */
size_t vector_feature_count(const struct vectors *vectors);

/* The name of number `index`. */
uint64_t vector_feature_key(size_t index);

/* Fills `out` (vector_feature_count) with the row's numbers, each mean scaled to length 1. 0 or
 * -ENOMEM. */
int vector_feature_fill(float *out, const struct vectors *vectors, const struct text_row *row);

#endif
