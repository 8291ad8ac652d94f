/* Byte-pair encoding (Sennrich, Haddow & Birch 2016, algorithm 1) on the code points of words: the commonest pair of neighbours
 * becomes one symbol, again and again. The last symbol of a word is another one than the same text elsewhere (their end-of-word
 * mark). Symbols have names: hashes of their bytes and that mark. What was learned is a vocabulary of pairs of names; a pair's
 * column is its turn. */
#ifndef WORKER_TEXT_BPE_H
#define WORKER_TEXT_BPE_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/heap.h"
#include "schema/base/text.h"
#include "worker/text/vocabulary.h"

enum { BPE_PIECES_MAX = 128 };

/* The name of the symbol that these bytes are, at the end of a word (`last`) or elsewhere. */
uint64_t bpe_name(const char *bytes, size_t length, bool last);

struct bpe_pieces {
	size_t ends[BPE_PIECES_MAX]; /* bytes from the start of the word */
	uint64_t names[BPE_PIECES_MAX];
	size_t count;
};

/* Cuts a word (valid UTF-8, not empty) by the pairs learned; of a longer word only the first BPE_PIECES_MAX code points. Returns
 * how many bytes the pieces are. */
size_t bpe_cut(struct bpe_pieces *out, const struct vocabulary *merges, const char *word, size_t length);

struct bpe_learner {
	struct vocabulary words, symbols, pairs; /* of names; owned */
	struct bpe_word *word_list;              /* (words), owned */
	struct bpe_symbol *symbol_list;          /* (symbols), owned */
	struct bpe_pair **pair_list;             /* (pairs), owned; they live in the arena */
	size_t word_capacity, symbol_capacity, pair_capacity;
	uint32_t *spelling; /* (spelling_count) symbols of all words, owned */
	size_t spelling_count, spelling_capacity;
	struct text bytes; /* of all words */
	struct heap heap;  /* of pairs, commonest first */
	struct arena arena;
};

#define BPE_LEARNER_NULL ((struct bpe_learner){0})

#endif
