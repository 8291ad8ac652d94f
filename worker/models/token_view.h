/* One sentence as token names: Unicode normal form C, split into units, with marks around the entities. Names are hashes of
 * the tokens' bytes. */
#ifndef WORKER_MODELS_TOKEN_VIEW_H
#define WORKER_MODELS_TOKEN_VIEW_H

#include "worker/models/tokens.h"

struct spelling;

struct token_view {
	uint64_t *names; /* (count), owned */
	size_t count, capacity;
	struct token_place place;
	struct spelling *spelling; /* told how the tokens are written; NULL = nobody asks; borrowed */
};

#define TOKEN_VIEW_NULL ((struct token_view){0})

/* Frees the names; a zeroed view is fine. */
void token_view_finish(struct token_view *view);

/* Replaces the view by the row's tokens, at least one. 0 or -ENOMEM. */
int token_view_read(struct token_view *view, const struct token_options *options, const struct model_row *row);

/* Keeps at most `most` tokens: the first one if the view opens with one, and those around the entities. */
void token_view_crop(struct token_view *view, const struct token_options *options);

#endif
