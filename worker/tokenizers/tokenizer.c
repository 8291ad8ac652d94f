#include "worker/tokenizers/tokenizer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/tokenizers/tokenizer_parts.h"
#include "worker/tokenizers/tokenizer_source.h"

void tokenizer_destroy(struct tokenizer *tokenizer)
{
	if (!tokenizer)
		return;
	normalizer_finish(&tokenizer->normalizer);
	word_model_finish(&tokenizer->model);
	added_tokens_finish(&tokenizer->added);
	tokenizer_files_finish(&tokenizer->files);
	memory_free(tokenizer);
}

int tokenizer_read(struct tokenizer **out, const char *folder, struct error *error)
{
	struct tokenizer *tokenizer = memory_alloc(1, sizeof *tokenizer);
	if (!tokenizer)
		return error_no_memory(error);
	tokenizer->model = WORD_MODEL_NULL;
	int rc = tokenizer_files_read(&tokenizer->files, folder, error);
	if (rc == 0) {
		rc = tokenizer_source_read(tokenizer, error);
		if (rc < 0 && rc != -ENOMEM)
			error_prefix(error, rc, folder);
	}
	if (rc < 0) {
		tokenizer_destroy(tokenizer);
		return rc;
	}
	tokenizer->first_new = tokenizer->added.count;
	*out = tokenizer;
	return 0;
}

int tokenizer_add(struct tokenizer *tokenizer, const char *content)
{
	const int id = tokenizer_parts_find(tokenizer, content);
	const struct added_token token = {.content = content, .id = (int)tokenizer->size, .special = true};
	if (id != PIECE_NONE && added_tokens_find(&tokenizer->added, content))
		return id;
	struct added_token known = token;
	known.id = id == PIECE_NONE ? token.id : id;
	int rc = tokenizer_parts_put(tokenizer, &known);
	return rc < 0 ? rc : known.id;
}

int tokenizer_special(const struct tokenizer *tokenizer, enum tokenizer_special which)
{
	assert(which < TOKENIZER_SPECIALS);
	return tokenizer->specials[which];
}

bool tokenizer_grew(const struct tokenizer *tokenizer)
{
	return tokenizer->added.count > tokenizer->first_new;
}

size_t tokenizer_size(const struct tokenizer *tokenizer)
{
	return tokenizer->size;
}

const char *tokenizer_piece(const struct tokenizer *tokenizer, int id)
{
	const struct piece_list *pieces = &tokenizer->model.pieces;
	if (id >= 0 && (size_t)id < pieces->count && pieces->texts[id])
		return pieces->texts[id];
	const struct added_token *token = added_tokens_of(&tokenizer->added, id);
	return token ? token->content : NULL;
}

const char *tokenizer_word(const struct tokenizer *tokenizer, int id)
{
	static const char blank[] = "\xE2\x96\x81", inside[] = "##";
	const char *text = tokenizer_piece(tokenizer, id);
	const struct word_model_class *class = tokenizer->model.class;
	if (!text || added_tokens_of(&tokenizer->added, id) || class == &byte_pairs_class)
		return NULL;
	if (class == &word_piece_class)
		return strncmp(text, inside, strlen(inside)) == 0 ? NULL : text;
	return strncmp(text, blank, strlen(blank)) == 0 && text[strlen(blank)] ? text + strlen(blank) : NULL;
}

const char *tokenizer_warning(const struct tokenizer *tokenizer)
{
	struct aligned_text text = ALIGNED_TEXT_NULL;
	static const char syllable[] = "\xEA\xB0\x80";
	const bool whole = aligned_text_append_given(&text, syllable, (struct text_origin){0, 3}) < 0 ||
	                   normalizer_apply(&text, &tokenizer->normalizer) < 0 || text.length == 3;
	aligned_text_finish(&text);
	return whole ? NULL
	             : "its tokenizer takes Hangul syllables apart into letters (it drops accents): "
	               "for Korean text another checkpoint is probably better";
}

struct text_cut {
	struct token_pieces *out;
	const struct tokenizer *tokenizer;
};

static int take_word(void *context, const struct aligned_span *word)
{
	const struct text_cut *encoding = context;
	const struct word_model *model = &encoding->tokenizer->model;
	return model->class->encode(encoding->out, model, word);
}

static int encode_words(const struct text_cut *encoding, const struct aligned_text *text, size_t from, size_t to)
{
	struct text_cut context = *encoding;
	const struct aligned_span span = aligned_text_span(text, from, to);
	if (span.length == 0)
		return 0;
	return splitter_walk(&encoding->tokenizer->splitter, &span, &(struct word_taker){take_word, &context});
}

/* A normalized text: the tokens that are looked for in it, and the words between them. */
static int encode_normalized(const struct text_cut *encoding, const struct aligned_text *text)
{
	const struct added_tokens *added = &encoding->tokenizer->added;
	struct added_search search = {text->bytes, text->length, 0, true};
	struct added_match match;
	int rc = 0;
	while (rc == 0 && added->normalized.nodes > 0 && added_tokens_match(&match, added, &search)) {
		const struct aligned_span span = aligned_text_span(text, match.begin, match.end);
		rc = encode_words(encoding, text, search.from, match.begin);
		if (rc == 0)
			rc = token_pieces_add(encoding->out, match.token->id, aligned_span_origin(&span));
		search.from = match.end;
	}
	return rc < 0 ? rc : encode_words(encoding, text, search.from, text->length);
}

/* Bytes [begin, end) of the given text, between two added tokens. */
static int encode_part(
        const struct text_cut *encoding, struct aligned_text *scratch, const char *given, struct text_origin part)
{
	if (part.begin == part.end)
		return 0;
	scratch->length = 0;
	int rc = aligned_text_append_given(scratch, given, part);
	if (rc == 0)
		rc = normalizer_apply(scratch, &encoding->tokenizer->normalizer);
	return rc < 0 ? rc : encode_normalized(encoding, scratch);
}

int tokenizer_encode(struct token_pieces *out, const struct tokenizer *tokenizer, const char *text, size_t length)
{
	const struct text_cut encoding = {out, tokenizer};
	struct aligned_text scratch = ALIGNED_TEXT_NULL;
	struct added_search search = {text, length, 0, false};
	struct added_match match;
	int rc = length >= UINT32_MAX ? -EFBIG : 0;
	while (rc == 0 && added_tokens_match(&match, &tokenizer->added, &search)) {
		const struct text_origin origin = {(uint32_t)match.begin, (uint32_t)match.end};
		rc = encode_part(&encoding, &scratch, text, (struct text_origin){(uint32_t)search.from, origin.begin});
		if (rc == 0)
			rc = token_pieces_add(out, match.token->id, origin);
		search.from = match.end;
	}
	if (rc == 0)
		rc = encode_part(
		        &encoding, &scratch, text, (struct text_origin){(uint32_t)search.from, (uint32_t)length});
	aligned_text_finish(&scratch);
	return rc;
}
