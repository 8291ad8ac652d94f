/* A normalized text as words, which a model then cuts into pieces each. */
#ifndef WORKER_TOKENIZERS_SPLITTER_H
#define WORKER_TOKENIZERS_SPLITTER_H

#include <stdbool.h>

#include "worker/tokenizers/aligned_text.h"

enum word_mark {
	WORD_PLAIN,
	WORD_METASPACE, /* blanks become U+2581, and begin words */
	WORD_GPT2,      /* GPT-2's pattern: words keep the blank before them */
	WORD_MARKS
};

struct splitter {
	bool at_white;       /* split at white space, which goes */
	bool at_punctuation; /* punctuation is words of its own */
	enum word_mark mark; /* what is then done with each word */
	bool prefix;         /* a mark or a blank is put before a word that begins with none */
	bool first_only;     /* ... but only at the text's beginning */
	bool apart;          /* the marks split, or GPT-2's pattern does */
};

/* Called with each word, never empty; what it returns other than 0 ends the walk. */
struct word_taker {
	int (*take)(void *context, const struct aligned_span *word);
	void *context;
};

/* Hands the words of the span to `taker`, in order. 0, what `take` returned, or -ENOMEM. */
int splitter_walk(const struct splitter *splitter, const struct aligned_span *span, const struct word_taker *taker);

#endif
