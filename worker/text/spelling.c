#include "worker/text/spelling.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/text/marked_sentence.h"

/* How the tokens of a vocabulary are written. */
struct spelling {
	const struct inventory *inventory; /* borrowed */
	size_t (*places)[2]; /* (inventory->names.count) begin and end in `bytes`; end 0 = not met yet; owned */
	struct text bytes;
};

/* Notes that the token of this name is written so, if the vocabulary has it. */
static void note(void *context, uint64_t name, const char *bytes, size_t length)
{
	struct spelling *spelling = context;
	const uint32_t column = vocabulary_find(&spelling->inventory->names, name);
	if (column == VOCABULARY_ABSENT || spelling->places[column][1] > 0)
		return;
	spelling->places[column][0] = spelling->bytes.length;
	text_append_bytes(&spelling->bytes, bytes, length);
	spelling->places[column][1] = spelling->bytes.length;
}

static int read_rows(struct spelling *spelling, const struct token_options *options, const struct text_rows *rows)
{
	struct token_view view = {.note = note, .note_context = spelling, .merges = &spelling->inventory->merges};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < rows->count; i++)
		rc = marked_sentence_read(&view, options, &rows->rows[i]);
	token_view_finish(&view);
	return spelling->bytes.failed ? -ENOMEM : rc;
}

static void print_token(struct text *out, const char *bytes, size_t length)
{
	static const char plain[] = "\t\n\r\\", escaped[] = "tnr\\";
	for (size_t i = 0; i < length; i++) {
		const char *special = bytes[i] ? strchr(plain, bytes[i]) : NULL;
		if (special)
			text_append(out, "\\");
		text_append_bytes(out, special ? &escaped[special - plain] : &bytes[i], 1);
	}
	text_append(out, "\n");
}

int spelling_print(struct text *out, const struct inventory *inventory, const struct token_options *options,
        const struct text_rows *rows)
{
	const struct vocabulary *vocabulary = &inventory->names;
	struct spelling spelling = {.inventory = inventory};
	spelling.places = memory_alloc(vocabulary->count, sizeof *spelling.places);
	int rc = spelling.places ? read_rows(&spelling, options, rows) : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < vocabulary->count; i++) {
		const size_t begin = spelling.places[i][0];
		if (spelling.places[i][1] == 0)
			continue;
		text_printf(out, "%zu\t", TOKEN_FIRST + i);
		print_token(out, text_string(&spelling.bytes) + begin, spelling.places[i][1] - begin);
	}
	memory_free(spelling.places);
	text_finish(&spelling.bytes);
	return out->failed ? -ENOMEM : rc;
}
