#include "worker/text/token_options.h"

const char *const token_units[] = {"word", "syllable", "character", "ngrams", "bpe", NULL};
const char *const token_markers[] = {"none", "entity", "punct", "typed", "typed_punct", "mask", "query", NULL};

size_t token_options_gram_rows(const struct token_options *options)
{
	return options->unit == TOKEN_UNIT_NGRAMS ? (size_t)options->ngram_buckets + 1 : 0;
}
