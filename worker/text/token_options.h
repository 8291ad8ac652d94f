/* How a sentence is split into tokens and its entities are marked. */
#ifndef WORKER_TEXT_TOKEN_OPTIONS_H
#define WORKER_TEXT_TOKEN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct token_options {
	int unit;          /* index into token_units */
	int marker;        /* index into token_markers */
	int64_t min_count; /* tokens that training rows have less often are unknown */
	int64_t most;      /* tokens of a sentence; of longer ones a part is kept */
	bool fold_case;    /* capital letters count as small ones */
	bool open;         /* begin with a token that stands for the sentence */

	/* ngrams: a word is also its character n-grams, `<` and `>` at its ends (Bojanowski et al.
	 * 2017, §3.2). */
	int64_t ngram_min, ngram_max; /* code points */
	int64_t ngram_buckets;        /* n-grams share that many vectors, by their hashes */

	int64_t bpe_size; /* bpe: pairs learned at most */
};

/* As in token_units. */
enum token_unit { TOKEN_UNIT_WORD, TOKEN_UNIT_SYLLABLE, TOKEN_UNIT_CHARACTER, TOKEN_UNIT_NGRAMS, TOKEN_UNIT_BPE };
extern const char *const token_units[];   /* word, syllable, character, ngrams, bpe; ended by NULL */
extern const char *const token_markers[]; /* ended by NULL */

/* Rows of the table of n-gram vectors; 0 for units without n-grams. */
size_t token_options_gram_rows(const struct token_options *options);

#endif
