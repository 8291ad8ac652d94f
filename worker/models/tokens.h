/* Sentences as tokens, for the neural models: words, syllables or characters, with the two entities marked. */
#ifndef WORKER_MODELS_TOKENS_H
#define WORKER_MODELS_TOKENS_H

#include <stdbool.h>

#include "worker/models/model.h"
#include "worker/models/vocabulary.h"

struct token_options {
	int unit;          /* index into token_units */
	int marker;        /* index into token_markers */
	int64_t min_count; /* tokens that training rows have less often are unknown */
	int64_t most;      /* tokens kept of a sentence */
	bool fold_case;    /* capital letters count as small ones */
	bool open;         /* begin with a token that stands for the sentence */
};

extern const char *const token_units[];   /* word, syllable, character; ended by NULL */
extern const char *const token_markers[]; /* ended by NULL */

/* Token ids: 0 is padding, 1 any unknown token, the others are columns of the vocabulary + 2. */
enum { TOKEN_PADDING, TOKEN_UNKNOWN, TOKEN_FIRST };

/* Where a sentence's entities lie: tokens [start, end), subject first; their marks are inside. */
struct token_place {
	int starts[2], ends[2];
};

struct tokens {
	size_t rows, capacity;
	size_t *starts;             /* (rows + 1) where each sentence begins in ids; owned */
	int *ids;                   /* (starts[rows]), owned */
	struct token_place *places; /* (rows), owned */
};

#define TOKENS_NULL ((struct tokens){0})

/* Frees the arrays; zeroed tokens are fine. */
void tokens_finish(struct tokens *tokens);

/* Learns the vocabulary of the rows. 0 or -ENOMEM (the vocabulary is then to be finished all the same). */
int tokens_learn(struct vocabulary *out, const struct token_options *options, const struct model_rows *rows);

/* The rows in token ids. Sentences of too many tokens keep the part around their entities. 0 or -ENOMEM (empty). */
int tokens_encode(struct tokens *out, const struct vocabulary *vocabulary, const struct token_options *options,
        const struct model_rows *rows);

/* Tokens of a row, of the longest row. */
size_t tokens_length(const struct tokens *tokens, size_t row);
size_t tokens_longest(const struct tokens *tokens);

#endif
