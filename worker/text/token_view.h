/* One sentence as token names: Unicode normal form C, split into units, with marks around the entities. Names are hashes of
 * the tokens' bytes; marks and the words of the text that look like them are the same tokens. */
#ifndef WORKER_TEXT_TOKEN_VIEW_H
#define WORKER_TEXT_TOKEN_VIEW_H

#include "worker/text/bpe.h"
#include "worker/text/tokens.h"

struct spelling;
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
	struct spelling *spelling;       /* told how the tokens are written; NULL = nobody asks */
	const struct vocabulary *merges; /* bpe: what was learned; NULL = nothing yet */
	struct bpe_learner *learner;     /* bpe: counts the words instead of making tokens of them; NULL = no */
};

#define TOKEN_VIEW_NULL ((struct token_view){0})

/* Frees the arrays; a zeroed view is fine. */
void token_view_finish(struct token_view *view);

/* Replaces the view by the row's tokens, at least one. 0 or -ENOMEM. */
int token_view_read(struct token_view *view, const struct token_options *options, const struct text_row *row);

/* Keeps at most `most` tokens: the first one if the view opens with one, and those around the entities. */
void token_view_crop(struct token_view *view, const struct token_options *options);

/* Adds the opening token and every mark there is around entities of this type, however they are marked. 0 or -ENOMEM. */
int token_view_add_marks(struct token_view *view, const char *type);

#endif
