/* Any bytes as a text for each kind of tokenizer: its pieces follow one another and lie in it. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "worker/tokenizers/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tokenizer *tokenizer, const char *text, size_t length)
{
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	size_t begin = 0;
	assert(tokenizer_encode(&pieces, tokenizer, text, length) == 0);
	for (size_t i = 0; i < pieces.count; i++) {
		const struct token_piece *piece = &pieces.pieces[i];
		assert(tokenizer_piece(tokenizer, piece->id));
		assert(piece->origin.begin >= begin && piece->origin.begin < piece->origin.end);
		assert(piece->origin.end <= length);
		begin = piece->origin.begin;
	}
	token_pieces_finish(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tokenizer *tokenizers[4];
	static const char *const folders[] = {"bert-cased", "bert-uncased", "roberta", "xlm-roberta"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", TOKENIZERS_GOLDEN, folders[i]);
		if (!tokenizers[i] && tokenizer_read(&tokenizers[i], path, NULL) < 0)
			abort();
		check(tokenizers[i], (const char *)data, size);
	}
	return 0;
}
