/* SentencePiece's table of replacements (precompiled_charsmap): the size of a trie as a 32-bit
 * number, the trie's units (darts-clone, a double array), and the replacements, each ended by a
 * NUL. All numbers are little-endian. Source: google/sentencepiece, normalizer.cc. */
#ifndef WORKER_TOKENIZERS_CHARSMAP_H
#define WORKER_TOKENIZERS_CHARSMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/tokenizers/aligned_text.h"

struct charsmap {
	uint32_t *units; /* (unit_count), owned */
	size_t unit_count;
	char *replacements; /* (length), the last byte is a NUL; owned */
	size_t length;
	bool by_grapheme; /* as huggingface/tokenizers does it; else as sentencepiece does */
};

#define CHARSMAP_NULL ((struct charsmap){0})

/* Frees the tables; a zeroed map is fine. */
void charsmap_finish(struct charsmap *map);

/* Reads the table from `length` bytes. 0; -EINVAL when they are none; -ENOMEM. */
int charsmap_read(struct charsmap *out, const char *bytes, size_t length);

/* Appends the span with its replacements to `out`: the longest that begins at each place; or by
 * grapheme, the shortest that begins a grapheme of less than 6 bytes, else that begins each of its
 * code points, which then stand for all of it. 0 or -ENOMEM. */
int charsmap_apply(struct aligned_text *out, const struct charsmap *map, const struct aligned_span *span);

#endif
