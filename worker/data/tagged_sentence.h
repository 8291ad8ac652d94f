/* A sentence as SemEval-2010 Task 8 has it, with its entities between <e1> and </e1>, <e2> and
 * </e2>. */
#ifndef WORKER_DATA_TAGGED_SENTENCE_H
#define WORKER_DATA_TAGGED_SENTENCE_H

#include "schema/base/text.h"
#include "worker/data/format.h"

struct tagged_sentence {
	struct text sentence;      /* without the tags */
	struct text words[2];      /* of e1 and e2 */
	double starts[2], ends[2]; /* code points, end inclusive */
};

/* Frees the texts; a zeroed one is fine. */
void tagged_sentence_finish(struct tagged_sentence *tagged);

/* Reads the UTF-8 from `at` to `end` into `tagged` (zeroed or used before). NULL, or what is wrong
 * with it, a static phrase. */
const char *tagged_sentence_parse(struct tagged_sentence *tagged, const char *at, const char *end);

/* True when memory ran out. */
bool tagged_sentence_failed(const struct tagged_sentence *tagged);

/* Fills the sentence and both entities of a row, whose texts are then borrowed. */
void tagged_sentence_fill(struct row *out, const struct tagged_sentence *tagged);

#endif
