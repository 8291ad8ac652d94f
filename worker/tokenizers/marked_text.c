#include "worker/tokenizers/marked_text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "worker/text/nfc.h"
#include "worker/text/token_view.h"

const char *const marked_text_markers[] = {
        "none", "entity", "punct", "typed", "typed_punct", "mask", "query", [MARKED_TEXT_ADDED] = "added", NULL};

/* In the order of marked_text_markers: how subject and object are written, and what is put before
 * the sentence, with a [SEP] between. $ stands for the entity, % for its type. Where entities have
 * no types, `untyped` stands for the row: one of the two that follow, or that without %. */
enum { UNTYPED_MASK = MARKED_TEXT_ADDED + 1, UNTYPED_QUERY };
static const struct {
	const char *entity[2], *prompt[2];
	int untyped;
} patterns[] = {
        {{"$", "$"}, {"", ""}, 0},
        {{"<subj> $ </subj>", "<obj> $ </obj>"}, {"", ""}, 1},
        {{"@ $ @", "# $ #"}, {"", ""}, 2},
        {{"<subj:%> $ </subj:%>", "<obj:%> $ </obj:%>"}, {"", ""}, 1},
        {{"@ * % * $ @", "# ^ % ^ $ #"}, {"", ""}, 2},
        {{"<subj-%>", "<obj-%>"}, {"", ""}, UNTYPED_MASK},
        {{"@ $ @", "# $ #"}, {"@ * % * $ @ ", "# ^ % ^ $ #"}, UNTYPED_QUERY},
        [MARKED_TEXT_ADDED] = {{"<subj> $</subj>", "<obj> $</obj>"}, {"", ""}, MARKED_TEXT_ADDED},
        [UNTYPED_MASK] = {{"<subj>", "<obj>"}, {"", ""}, UNTYPED_MASK},
        [UNTYPED_QUERY] = {{"@ $ @", "# $ #"}, {"@ $ @ ", "# $ #"}, UNTYPED_QUERY},
};

int marked_text_prepare(struct tokenizer *tokenizer, const struct token_options *options)
{
	static const char *const marks[] = {"<subj>", "</subj>", "<obj>", "</obj>"};
	for (size_t i = 0; options->marker == MARKED_TEXT_ADDED && i < sizeof marks / sizeof *marks; i++) {
		const int id = tokenizer_add(tokenizer, marks[i]);
		if (id < 0)
			return id;
	}
	return 0;
}

/* One row on its way: what is to be cut, where its entities with their marks lie in it, and the
 * tokens that it has become. */
struct marked_row {
	const struct tokenizer *tokenizer;
	const struct text_row *row;
	int marker;
	struct text text;
	size_t begins[2], ends[2]; /* bytes of text */
	struct token_pieces pieces;
	struct token_view view;
};

static void marked_row_finish(struct marked_row *marked)
{
	text_finish(&marked->text);
	token_pieces_finish(&marked->pieces);
	token_view_finish(&marked->view);
}

static int add_part(struct marked_row *marked, size_t begin, size_t end)
{
	struct nfc nfc;
	if (nfc_init(&nfc, marked->row->sentence + begin, end - begin, false) < 0)
		return -ENOMEM;
	text_append_bytes(&marked->text, nfc.bytes, nfc.length);
	nfc_finish(&nfc);
	return 0;
}

static int add_pattern(struct marked_row *marked, const char *pattern, const struct text_span *span)
{
	int rc = 0;
	for (; rc == 0 && *pattern; pattern++) {
		if (*pattern == '$')
			rc = add_part(marked, span->begin_bytes, span->end_bytes);
		else if (*pattern == '%')
			text_append(&marked->text, span->type);
		else
			text_append_bytes(&marked->text, pattern, 1);
	}
	return rc;
}

static int add_entity(struct marked_row *marked, int which)
{
	const struct text_span *span = which ? &marked->row->object : &marked->row->subject;
	marked->begins[which] = marked->text.length;
	int rc = add_pattern(marked, patterns[marked->marker].entity[which], span);
	marked->ends[which] = marked->text.length;
	return rc;
}

/* The sentence with its marks. */
static int write_sentence(struct marked_row *marked)
{
	const struct text_row *row = marked->row;
	const int first = row->object.begin_bytes < row->subject.begin_bytes;
	size_t at = 0;
	int rc = 0;
	text_clear(&marked->text);
	for (int i = 0; rc == 0 && row->subject.type && i < 2; i++) {
		const struct text_span *span = first ^ i ? &row->object : &row->subject;
		if (span->begin_bytes > at) /* entities may lie in each other */
			rc = add_part(marked, at, span->begin_bytes);
		if (rc == 0)
			rc = add_entity(marked, first ^ i);
		at = span->end_bytes > at ? span->end_bytes : at;
	}
	return rc < 0 ? rc : add_part(marked, at, row->length_bytes);
}

/* Cuts the text at hand and appends its tokens to the view. */
static int cut_text(struct marked_row *marked)
{
	if (marked->text.failed)
		return -ENOMEM;
	marked->pieces.count = 0;
	int rc = tokenizer_encode(&marked->pieces, marked->tokenizer, text_string(&marked->text), marked->text.length);
	for (size_t i = 0; rc == 0 && i < marked->pieces.count; i++)
		rc = token_view_add_named(&marked->view, (uint64_t)marked->pieces.pieces[i].id, "", 0);
	return rc;
}

static int marker_of(const struct text_row *row, const struct token_options *options)
{
	const bool typed = row->subject.type && (*row->subject.type || *row->object.type);
	return typed ? options->marker : patterns[options->marker].untyped;
}

static int add_special(struct marked_row *marked, enum tokenizer_special which)
{
	return token_view_add_named(&marked->view, (uint64_t)tokenizer_special(marked->tokenizer, which), "", 0);
}

static int add_prompt(struct marked_row *marked)
{
	const char *const *prompt = patterns[marked->marker].prompt;
	if (!marked->row->subject.type || !*prompt[0])
		return 0;
	text_clear(&marked->text);
	int rc = add_pattern(marked, prompt[0], &marked->row->subject);
	if (rc == 0)
		rc = add_pattern(marked, prompt[1], &marked->row->object);
	if (rc == 0)
		rc = cut_text(marked);
	return rc < 0 ? rc : add_special(marked, TOKENIZER_SEP);
}

/* The tokens that share a byte with the entity. One that has become none, as of control characters
 * alone, has the token behind it, or else the one before. `from` is where the pieces are in the
 * view. */
static void place_entity(struct marked_row *marked, int which, size_t from)
{
	const struct token_piece *pieces = marked->pieces.pieces;
	const size_t count = marked->pieces.count;
	size_t start = 0;
	while (start < count && pieces[start].origin.end <= marked->begins[which])
		start++;
	size_t end = start;
	while (end < count && pieces[end].origin.begin < marked->ends[which])
		end++;
	start = from + start < marked->view.count ? from + start : marked->view.count - 1;
	end = from + end > start ? from + end : start + 1;
	marked->view.place.starts[which] = (int)start;
	marked->view.place.ends[which] = (int)end;
}

static int read_row(struct marked_row *marked, const struct token_options *options)
{
	static const struct token_place nowhere = {{TOKEN_NOWHERE, TOKEN_NOWHERE}, {TOKEN_NOWHERE, TOKEN_NOWHERE}};
	const struct token_options cropping = {.most = options->most - 1, .open = true};
	marked->marker = marker_of(marked->row, options);
	marked->view.count = 0;
	marked->view.place = nowhere;
	int rc = add_special(marked, TOKENIZER_CLS);
	if (rc == 0)
		rc = add_prompt(marked);
	const size_t from = marked->view.count;
	if (rc == 0)
		rc = write_sentence(marked);
	if (rc == 0)
		rc = cut_text(marked);
	for (int i = 0; rc == 0 && marked->row->subject.type && i < 2; i++)
		place_entity(marked, i, from);
	if (rc < 0)
		return rc;
	token_view_crop(&marked->view, &cropping);
	return add_special(marked, TOKENIZER_SEP);
}

static int append_row(struct tokens *out, const struct token_view *view)
{
	const size_t at = out->starts[out->rows];
	if (array_reserve(out->ids, &out->capacity, at + view->count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++)
		out->ids[at + i] = (int)view->names[i];
	out->places[out->rows++] = view->place;
	out->starts[out->rows] = at + view->count;
	return 0;
}

int marked_text_encode(struct tokens *out, const struct tokenizer *tokenizer, const struct token_options *options,
        const struct text_rows *rows)
{
	struct marked_row marked = {.tokenizer = tokenizer};
	assert(options->most >= MARKED_TEXT_LEAST);
	*out = TOKENS_NULL;
	out->starts = memory_alloc(rows->count + 1, sizeof *out->starts);
	out->places = memory_alloc(rows->count, sizeof *out->places);
	int rc = out->starts && out->places ? 0 : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		marked.row = &rows->rows[i];
		rc = read_row(&marked, options);
		if (rc == 0)
			rc = append_row(out, &marked.view);
	}
	marked_row_finish(&marked);
	if (rc < 0)
		tokens_finish(out);
	return rc;
}
