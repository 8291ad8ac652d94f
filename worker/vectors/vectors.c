#include "worker/vectors/vectors.h"

#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "worker/text/marked_sentence.h"
#include "worker/tokenizers/tokenizer.h"

void vectors_finish(struct vectors *vectors)
{
	memory_free(vectors->values);
	memory_free(vectors->rows);
	vocabulary_finish(&vectors->words);
	tokenizer_destroy(vectors->tokenizer);
	*vectors = VECTORS_NULL;
}

void vectors_destroy(struct vectors *vectors)
{
	if (vectors)
		vectors_finish(vectors);
	memory_free(vectors);
}

/* Replaces the view by the text's words in small letters. */
static int read_words(struct token_view *view, const char *text, size_t length)
{
	const struct token_options options = {.unit = TOKEN_UNIT_WORD, .fold_case = true};
	const struct text_row row = {.sentence = text, .length_bytes = length};
	return marked_sentence_read(view, &options, &row);
}

int vectors_add_word(struct vectors *vectors, const struct vector_word *word)
{
	struct token_view view = TOKEN_VIEW_NULL;
	const size_t count = vectors->words.count;
	uint32_t column;
	int rc = read_words(&view, word->bytes, word->length);
	if (rc == 0 && view.count == 1)
		rc = array_reserve(vectors->rows, &vectors->row_capacity, count + 1);
	if (rc == 0 && view.count == 1)
		rc = vocabulary_add(&column, &vectors->words, view.names[0]);
	if (rc == 0 && vectors->words.count > count)
		vectors->rows[count] = word->row;
	token_view_finish(&view);
	return rc;
}

static void add_row(float *out, const struct vectors *vectors, size_t row)
{
	for (size_t k = 0; k < vectors->width; k++)
		out[k] += vectors->values[row * vectors->width + k];
}

/* The sum of the vectors of a text's words / pieces: how many there are, or -ENOMEM. */
static int add_words(float *out, const struct vectors *vectors, const char *text, size_t length)
{
	struct token_view view = TOKEN_VIEW_NULL;
	int count = 0;
	int rc = read_words(&view, text, length);
	for (size_t i = 0; rc == 0 && i < view.count; i++) {
		const uint32_t column = vocabulary_find(&vectors->words, view.names[i]);
		if (column == VOCABULARY_ABSENT)
			continue;
		add_row(out, vectors, vectors->rows[column]);
		count++;
	}
	token_view_finish(&view);
	return rc < 0 ? rc : count;
}

static int add_pieces(float *out, const struct vectors *vectors, const char *text, size_t length)
{
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	const int unknown = tokenizer_special(vectors->tokenizer, TOKENIZER_UNK);
	int count = 0;
	int rc = tokenizer_encode(&pieces, vectors->tokenizer, text, length);
	for (size_t i = 0; rc == 0 && i < pieces.count; i++) {
		if (pieces.pieces[i].id == unknown)
			continue;
		add_row(out, vectors, (size_t)pieces.pieces[i].id);
		count++;
	}
	token_pieces_finish(&pieces);
	return rc < 0 ? rc : count;
}

int vectors_mean(float *out, const struct vectors *vectors, const char *text, size_t length)
{
	memset(out, 0, vectors->width * sizeof *out);
	const int count =
	        vectors->tokenizer ? add_pieces(out, vectors, text, length) : add_words(out, vectors, text, length);
	for (size_t k = 0; count > 0 && k < vectors->width; k++)
		out[k] /= (float)count;
	return count > 0 ? 1 : count;
}
