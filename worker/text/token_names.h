/* The tokens of one sentence by their names, as they are found. */
#ifndef WORKER_TEXT_TOKEN_NAMES_H
#define WORKER_TEXT_TOKEN_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include "worker/text/vocabulary.h"

struct bpe_learner;

/* Where a sentence's entities lie: tokens [start, end), subject first; their marks are inside. A sentence without entities has
 * TOKEN_NOWHERE as both starts. */
enum { TOKEN_NOWHERE = -1 };
struct token_place {
	int starts[2], ends[2];
};

/* Where a token's n-grams lie. */
struct token_range {
	size_t start, end;
};

struct token_view {
	uint64_t *names;            /* (count), owned */
	struct token_range *ranges; /* (count) in grams; empty for marks and for units without n-grams; owned */
	size_t count, capacity;
	struct token_place place;
	int *grams; /* (gram_count) buckets, from 1 on; owned */
	size_t gram_count, gram_capacity;

	/* To be set before reading; borrowed. */
	/* Hears how each token is written; NULL = nobody asks. */
	void (*note)(void *context, uint64_t name, const char *bytes, size_t length);
	void *note_context;
	const struct vocabulary *merges; /* bpe: what was learned; NULL = nothing yet */
	struct bpe_learner *learner;     /* bpe: counts the words instead of making tokens of them; NULL = no */
};

#define TOKEN_VIEW_NULL ((struct token_view){0})

#endif
