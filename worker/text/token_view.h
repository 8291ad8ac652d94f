/* The tokens of one sentence under construction, by name: a name is a hash of the token's bytes. */
#ifndef WORKER_TEXT_TOKEN_VIEW_H
#define WORKER_TEXT_TOKEN_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "worker/text/token_options.h"
#include "worker/text/vocabulary.h"

struct bpe_learner;

/* Where a sentence's entities lie: tokens [start, end), subject first; their marks are inside. A
 * sentence without entities has TOKEN_NOWHERE as both starts. */
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

	/* To be set before tokens are added; borrowed. */
	/* Called with each token and how it is written; NULL = not wanted. */
	void (*note)(void *context, uint64_t name, const char *bytes, size_t length);
	void *note_context;
	const struct vocabulary *merges; /* bpe: the learned merges; NULL = none yet */
	struct bpe_learner *learner;     /* bpe: counts the words instead of making tokens of them; NULL = no */
};

#define TOKEN_VIEW_NULL ((struct token_view){0})

/* Frees the arrays; a zeroed view is fine. */
void token_view_finish(struct token_view *view);

/* Adds a token that is called by these bytes. 0 or -ENOMEM. */
int token_view_add(struct token_view *view, const char *bytes, size_t length);

/* Adds a token whose name is known; the bytes are how it is written. 0 or -ENOMEM. */
int token_view_add_named(struct token_view *view, uint64_t name, const char *bytes, size_t length);

/* Adds an n-gram of these bytes, as one of `buckets`, to the last token. 0 or -ENOMEM. */
int token_view_add_gram(struct token_view *view, const char *bytes, size_t length, int64_t buckets);

/* Keeps at most options->most tokens: the first one if the view opens with one, and those around
 * the entities. */
void token_view_crop(struct token_view *view, const struct token_options *options);

#endif
