#include "worker/models/token_source.h"

#include <assert.h>

#include "schema/base/utf8.h"
#include "worker/text/spelling.h"
#include "worker/tokenizers/marked_text.h"
#include "worker/tokenizers/tokenizer.h"

void token_source_finish(struct token_source *source)
{
	inventory_finish(&source->inventory);
}

int token_source_learn(struct token_source *source, const struct text_rows *rows)
{
	return source->tokenizer ? 0 : tokens_learn(&source->inventory, &source->options, rows);
}

int token_source_encode(struct tokens *out, const struct token_source *source, const struct text_rows *rows)
{
	if (source->tokenizer)
		return marked_text_encode(out, source->tokenizer, &source->options, rows);
	return tokens_encode(out, &source->inventory, &source->options, rows);
}

size_t token_source_size(const struct token_source *source)
{
	return source->tokenizer ? tokenizer_size(source->tokenizer) : source->inventory.names.count + TOKEN_FIRST;
}

int token_source_spell(struct text *out, const struct token_source *source, const struct text_rows *rows)
{
	return source->tokenizer ? 0 : spelling_print(out, &source->inventory, &source->options, rows);
}

static bool has_hangul(const struct text_row *row)
{
	const char *end = row->sentence + row->length_bytes;
	for (const char *at = row->sentence; at < end;) {
		const uint32_t code = utf8_next(&at, end);
		if (code >= 0xAC00 && code <= 0xD7A3)
			return true;
	}
	return false;
}

/* A tokenizer warns of nothing but what it does to Hangul. */
static bool concerns(const struct text_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (has_hangul(&rows->rows[i]))
			return true;
	return false;
}

void token_source_sample(
        struct text *out, const struct token_source *source, const struct text_rows *rows, const struct tokens *tokens)
{
	enum { SHOWN = 48 };
	const char *warning = tokenizer_warning(source->tokenizer);
	const size_t length = tokens->rows ? tokens_length(tokens, 0) : 0;
	assert(source->tokenizer);
	text_append(out, "first row:");
	for (size_t i = 0; i < length && i < SHOWN; i++) {
		const char *piece = tokenizer_piece(source->tokenizer, tokens->ids[i]);
		text_printf(out, " %s", piece ? piece : "?");
	}
	text_printf(out, "%s\n", length > SHOWN ? " …" : "");
	if (warning && concerns(rows))
		text_printf(out, "warning: %s\n", warning);
}
