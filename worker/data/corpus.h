/* A corpus that may be given away: generated Korean sentences with two marked entities and one of
 * sixteen of KLUE-RE's relations, in KLUE's JSON layout. Names are made of syllables, clauses of
 * templates. The task is not trivial, so that tuning has an effect: relations share wordings and
 * types, other clauses stand beside the one that tells the relation, and some labels are wrong. */
#ifndef WORKER_DATA_CORPUS_H
#define WORKER_DATA_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/text.h"

struct corpus_options {
	size_t rows;
	uint64_t seed;
	double noise; /* share of rows whose label is drawn anew, 0 to 1 */
	double typos; /* share of mistyped syllables outside the names, 0 to 1 */
};

/* Appends the corpus. Equal options give equal bytes on every machine. out->failed tells of
 * memory. */
void corpus_print(struct text *out, const struct corpus_options *options);

#endif
