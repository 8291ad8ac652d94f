/* A sampler as a word on a bench's command line: NAME[:OPTION=NUMBER…], as in
 * tpe:n_ei_candidates=48:group=1. */
#ifndef TESTS_BENCH_SAMPLER_WORDS_H
#define TESTS_BENCH_SAMPLER_WORDS_H

#include "schema/study/method.h"

#define SAMPLER_WORDS_AT_MOST 8

/* A sampler and the memory its settings are in. */
struct sampler_words {
	struct method method; /* borrows the rest */
	struct setting settings[SAMPLER_WORDS_AT_MOST];
};

/* Reads the word, which is cut up and must outlive *out. Ends the program with a sentence when it
 * names nothing that is. */
void sampler_words_read(struct sampler_words *out, char *word);

#endif
