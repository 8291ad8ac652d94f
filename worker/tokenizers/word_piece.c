#include "worker/tokenizers/word_piece.h"

#include <string.h>

#include "schema/base/utf8.h"

int word_piece_init(struct word_model *model, const struct word_piece_settings *settings, struct error *error)
{
	const struct piece_trie *trie = &model->pieces.trie;
	model->class = &word_piece_class;
	model->longest = settings->longest;
	model->continued = piece_trie_walk(trie, settings->continued, strlen(settings->continued));
	model->unknown = piece_list_find(&model->pieces, settings->unknown);
	if (model->unknown == PIECE_NONE)
		return error_set(error, -EINVAL, "the vocabulary lacks the unknown token %s", settings->unknown);
	return 0;
}

static size_t count_codes(const struct aligned_span *word, size_t most)
{
	size_t count = 0;
	for (const char *at = word->bytes, *end = at + word->length; at < end && count <= most; count++)
		utf8_next(&at, end);
	return count;
}

/* The longest piece at byte `from`: its id, or PIECE_NONE, and where it ends. */
static int longest_piece(size_t *to, const struct word_model *model, const struct aligned_span *word, size_t from)
{
	const struct piece_trie *trie = &model->pieces.trie;
	uint32_t node = from > 0 ? model->continued : TRIE_ROOT;
	int found = PIECE_NONE;
	if (from > 0 && node == TRIE_NOWHERE)
		return PIECE_NONE;
	for (size_t i = from; i < word->length; i++) {
		node = piece_trie_step(trie, node, (unsigned char)word->bytes[i]);
		if (node == TRIE_NOWHERE)
			break;
		const int id = piece_trie_id(trie, node);
		if (id != PIECE_NONE) {
			found = id;
			*to = i + 1;
		}
	}
	return found;
}

static int encode(struct token_pieces *out, const struct word_model *model, const struct aligned_span *word)
{
	const size_t before = out->count;
	size_t from = count_codes(word, model->longest) > model->longest ? word->length : 0;
	bool known = from == 0;
	int rc = 0;
	while (rc == 0 && known && from < word->length) {
		size_t to = from;
		const int id = longest_piece(&to, model, word, from);
		known = id != PIECE_NONE;
		const struct aligned_span part = {word->bytes + from, word->origins + from, to - from};
		if (known)
			rc = token_pieces_add(out, id, aligned_span_origin(&part));
		from = to;
	}
	if (rc < 0 || known)
		return rc;
	out->count = before;
	return token_pieces_add(out, model->unknown, aligned_span_origin(word));
}

const struct word_model_class word_piece_class = {"WordPiece", encode};
