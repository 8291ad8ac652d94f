/* Any bytes as one of the files of a tokenizer, which the first byte names: it is read, or refused
 * with a sentence; one that is read cuts any text into pieces that lie in it. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/tokenizers/tokenizer.h"
#include "worker/tokenizers/tokenizer_source.h"
#include "worker/tokenizers/tokenizer_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_encoding(const struct tokenizer *tokenizer, const char *text, size_t length)
{
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	assert(tokenizer_encode(&pieces, tokenizer, text, length) == 0);
	for (size_t i = 0; i < pieces.count; i++) {
		const struct token_piece *piece = &pieces.pieces[i];
		assert(piece->id >= 0 && (size_t)piece->id < tokenizer_size(tokenizer));
		assert(piece->origin.begin < piece->origin.end && piece->origin.end <= length);
	}
	token_pieces_finish(&pieces);
}

static void put_file(struct tokenizer *tokenizer, enum tokenizer_file file, const char *bytes, size_t length)
{
	tokenizer->files.files[file].bytes = memory_alloc(length + 1, 1);
	tokenizer->files.files[file].length = length;
	memcpy(tokenizer->files.files[file].bytes, bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char words[] = "[CLS]\n[SEP]\n[UNK]\na\n##b\n";
	struct tokenizer *tokenizer = memory_alloc(1, sizeof *tokenizer);
	struct error error = {""};
	char digest[SHA256_HEX_BYTES];
	const enum tokenizer_file file = size > 0 ? data[0] % TOKENIZER_FILES : FILE_TOKENIZER;
	const char *text = size > 0 ? (const char *)data + 1 : "";
	const size_t length = size > 0 ? size - 1 : 0;
	tokenizer->model = WORD_MODEL_NULL;
	put_file(tokenizer, file, text, length);
	if (file == FILE_MERGES)
		put_file(tokenizer, FILE_VOCABULARY_JSON, "{}", 2);
	else if (file == FILE_CONFIG || file == FILE_SPECIALS || file == FILE_ADDED)
		put_file(tokenizer, FILE_VOCABULARY_TEXT, words, sizeof words - 1);
	const int rc = tokenizer_source_read(tokenizer, &error);
	assert((rc == 0) == (*error.text == '\0'));
	if (rc == 0) {
		tokenizer->first_new = tokenizer->added.count;
		check_encoding(tokenizer, text, length);
		const int added = tokenizer_add(tokenizer, "<fuzz>");
		assert(added >= 0 && tokenizer_piece(tokenizer, added));
		assert(tokenizer_digest(digest, tokenizer) == 0);
	}
	tokenizer_destroy(tokenizer);
	return 0;
}
