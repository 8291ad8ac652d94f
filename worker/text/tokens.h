/* Sentences as tokens, for the neural models: words, syllables, characters, words with their
 * n-grams, or byte pairs, with the two entities marked. */
#ifndef WORKER_TEXT_TOKENS_H
#define WORKER_TEXT_TOKENS_H

#include "worker/text/row.h"
#include "worker/text/token_options.h"
#include "worker/text/token_view.h"
#include "worker/text/vocabulary.h"

/* What was learned of the training rows. */
struct inventory {
	struct vocabulary names;  /* of tokens */
	struct vocabulary merges; /* bpe: pairs by rank, see bpe.h */
};

#define INVENTORY_NULL ((struct inventory){0})

/* Frees both; a zeroed inventory is fine. */
void inventory_finish(struct inventory *inventory);

/* Adds the marks of entities of these types (ended by NULL), for every way of marking them. 0 or
 * -ENOMEM. */
int inventory_add_marks(struct inventory *inventory, const char *const *types);

/* Token ids: 0 is padding, 1 any unknown token, the others are columns of the vocabulary + 2. */
enum { TOKEN_PADDING, TOKEN_UNKNOWN, TOKEN_FIRST };

struct tokens {
	size_t rows, capacity;
	size_t *starts;             /* (rows + 1) where each sentence begins in ids; owned */
	int *ids;                   /* (starts[rows]), owned */
	struct token_place *places; /* (rows), owned */

	/* ngrams only, else NULL. */
	size_t *gram_starts; /* (ids + 1) where each token's n-grams begin; owned */
	int *grams;          /* (gram_starts[ids]) buckets, from 1 on; owned */
	size_t gram_capacity;
};

#define TOKENS_NULL ((struct tokens){0})

/* Frees the arrays; zeroed tokens are fine. */
void tokens_finish(struct tokens *tokens);

/* Learns the tokens of the rows. 0 or -ENOMEM (the inventory is then to be finished all the
 * same). */
int tokens_learn(struct inventory *out, const struct token_options *options, const struct text_rows *rows);

/* The rows in token ids. Sentences of too many tokens keep the part around their entities. 0 or
 * -ENOMEM (empty). */
int tokens_encode(struct tokens *out, const struct inventory *inventory, const struct token_options *options,
        const struct text_rows *rows);

/* Tokens of a row, of the longest row. */
size_t tokens_length(const struct tokens *tokens, size_t row);
size_t tokens_longest(const struct tokens *tokens);

#endif
