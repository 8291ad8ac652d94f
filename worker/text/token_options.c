#include "worker/text/token_options.h"

const char *const token_units[] = {"word", "syllable", "character", "ngrams", "bpe", NULL};
const char *const token_markers[] = {"none", "entity", "punct", "typed", "typed_punct", "mask", "query", NULL};
