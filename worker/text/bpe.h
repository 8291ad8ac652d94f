/* Byte-pair encoding (Sennrich, Haddow & Birch 2016, algorithm 1) on the code points of words: the
 * commonest pair of neighbours becomes one symbol, again and again. The last symbol of a word is
 * another one than the same text elsewhere (their end-of-word mark). Symbols have names: hashes of
 * their bytes and that mark. The learned merges are a vocabulary of pairs of names; a pair's column
 * is its rank: lower ones are merged first. */
#ifndef WORKER_TEXT_BPE_H
#define WORKER_TEXT_BPE_H

#include <stdbool.h>

#include "worker/text/vocabulary.h"

enum { BPE_PIECES_MAX = 128 };

/* The name of the symbol that these bytes are, at the end of a word (`last`) or elsewhere. */
uint64_t bpe_name(const char *bytes, size_t length, bool last);

struct bpe_pieces {
	size_t ends[BPE_PIECES_MAX]; /* bytes from the start of the word */
	uint64_t names[BPE_PIECES_MAX];
	size_t count;
};

/* Cuts a word (valid UTF-8, not empty) into pieces by the learned merges. Of a word of more than
 * BPE_PIECES_MAX code points only the first so many are cut. Returns how many bytes the pieces
 * cover. */
size_t bpe_cut(struct bpe_pieces *out, const struct vocabulary *merges, const char *word, size_t length);

#endif
