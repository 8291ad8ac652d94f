/* Vectors of words that somebody made of much text: a file of word2vec or fastText, or a folder
 * with a table of vectors and the tokenizer that it belongs to (model2vec, or any pretrained
 * encoder, of which only the table is taken). */
#ifndef WORKER_VECTORS_VECTORS_H
#define WORKER_VECTORS_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/sha256.h"
#include "worker/text/token_view.h"
#include "worker/text/vocabulary.h"

struct tokenizer;

struct vectors {
	size_t width, count;
	float *values;           /* (count, width) their mean is 0, their mean square 1; owned */
	struct vocabulary words; /* whole words in small letters, by the names of tokens.h */
	uint32_t *rows;          /* (words) where each word's vector is; owned */
	size_t row_capacity;
	struct tokenizer *tokenizer; /* of a folder: its ids are rows; owned; NULL = only whole words */
	char digest[SHA256_HEX_BYTES];
};

#define VECTORS_NULL ((struct vectors){0})

enum { VECTOR_WIDTH_MAX = 4096 };

/* Frees all; zeroed vectors are fine. */
void vectors_finish(struct vectors *vectors);

/* Also frees vectors on the heap; NULL is fine. */
void vectors_destroy(struct vectors *vectors);

/* The mean of the vectors of what the text (valid UTF-8) consists of: words, or a folder's pieces.
 * 1; 0 when none of that is known (then `out` is 0); -ENOMEM. */
int vectors_mean(float *out, const struct vectors *vectors, const char *text, size_t length);

/* Adds the word to those that have row `row`, unless it has one or is no single word. 0 or
 * -ENOMEM. */
struct vector_word {
	const char *bytes;
	size_t length;
	uint32_t row;
};
int vectors_add_word(struct vectors *vectors, const struct vector_word *word);

#endif
