/* Classes of words that are known beforehand, from a text of lines `word<TAB>class class …`, in any
 * language and any of Unicode's normal forms. A word may hold blanks; capital ASCII letters count
 * as small ones. */
#ifndef WORKER_FEATURES_LEXICON_H
#define WORKER_FEATURES_LEXICON_H

#include "schema/base/error.h"
#include "worker/text/vocabulary.h"

struct lexicon {
	struct vocabulary words; /* by hash */
	size_t *starts;          /* (words + 1) where the classes of each begin; owned */
	uint64_t *classes;       /* (starts[words]) by hash, owned */
	size_t start_capacity, class_capacity;
};

#define LEXICON_NULL ((struct lexicon){0})

/* Reads the text; empty lines are passed over. -EINVAL with the line's number and what is wrong
 * with it: no UTF-8, no word, no class, a word that was there already; -ENOMEM. Nothing is left
 * then. */
int lexicon_parse(struct lexicon *out, const char *bytes, size_t length, struct error *error);

/* Frees the tables; a zeroed lexicon is fine. */
void lexicon_finish(struct lexicon *lexicon);

/* The classes of a word of code points (count) in normal form C, and how many there are; NULL when
 * the lexicon does not know it. */
const uint64_t *lexicon_find(size_t *out_count, const struct lexicon *lexicon, const uint32_t *codes, size_t count);

#endif
