/* SemEval-2010 Task 8: blocks of lines, separated by an empty one:
 *     8001<TAB>"The <e1>child</e1> was wrapped into the <e2>cradle</e2>."
 *     Entity-Destination(e1,e2)          (missing in files to be predicted)
 *     Comment: …                         (may be missing)
 * Lines may end in CR LF; bytes that are no UTF-8 are read as Latin-1, which is what the published
 * files hold. */
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/data/format.h"
#include "worker/data/row.h"
#include "worker/data/tagged_sentence.h"

struct line {
	const char *start;
	size_t length; /* without the line end and trailing blanks */
};

struct blocks {
	const char *at, *end;
	size_t line;          /* of `at`, 1-based */
	struct text numbered; /* the line "8001<TAB>…" as UTF-8 */
	struct text label;    /* empty: none */
	struct tagged_sentence tagged;
};

static struct line next_line(struct blocks *blocks)
{
	const char *newline = memchr(blocks->at, '\n', (size_t)(blocks->end - blocks->at));
	struct line line = {blocks->at, (size_t)((newline ? newline : blocks->end) - blocks->at)};
	blocks->at = newline ? newline + 1 : blocks->end;
	blocks->line++;
	while (line.length && strchr("\r \t", line.start[line.length - 1]))
		line.length--;
	return line;
}

static bool starts_with(const struct line *line, const char *word)
{
	size_t length = strlen(word);
	return line->length >= length && memcmp(line->start, word, length) == 0;
}

static void set_text(struct text *text, const struct line *line)
{
	text_clear(text);
	if (utf8_valid(line->start, line->length)) {
		text_append_bytes(text, line->start, line->length);
		return;
	}
	for (size_t i = 0; i < line->length; i++) {
		char bytes[4];
		text_append_bytes(text, bytes, utf8_encode((unsigned char)line->start[i], bytes));
	}
}

/* "12<TAB>" at the start: the length of the number, or 0. */
static size_t number_length(const char *bytes, size_t length)
{
	size_t digits = 0;
	while (digits < length && bytes[digits] >= '0' && bytes[digits] <= '9')
		digits++;
	return digits < length && bytes[digits] == '\t' ? digits : 0;
}

static bool semeval_recognised(const struct dataset_source *source)
{
	struct blocks blocks = {.at = source->bytes, .end = source->bytes + source->length};
	struct line line = {0};
	while (blocks.at < blocks.end && line.length == 0)
		line = next_line(&blocks);
	return line.length && number_length(line.start, line.length) > 0;
}

/* The numbered line and the label line have been read. */
static int add_block(struct reading *reading, struct blocks *blocks, size_t line)
{
	char *numbered = blocks->numbered.data;
	size_t digits = numbered ? number_length(numbered, blocks->numbered.length) : 0;
	bool has_nul = numbered && strlen(numbered) != blocks->numbered.length;
	if (digits == 0 || has_nul) {
		row_reject(reading, line,
		        has_nul ? "the row holds a NUL character" : "a line \"number<TAB>sentence\" was expected");
		return 0;
	}
	numbered[digits] = '\0';
	const char *start = numbered + digits + 1, *end = numbered + blocks->numbered.length;
	if (end - start >= 2 && *start == '"' && end[-1] == '"') {
		start++;
		end--;
	}
	struct row row = {.line = line, .id = numbered};
	const char *complaint = tagged_sentence_parse(&blocks->tagged, start, end);
	if (complaint) {
		row_reject(reading, line, "%s", complaint);
		return 0;
	}
	tagged_sentence_fill(&row, &blocks->tagged);
	row.label = blocks->label.length ? blocks->label.data : NULL;
	return row_add(reading, &row);
}

static bool failed(const struct blocks *blocks)
{
	return blocks->numbered.failed || blocks->label.failed || tagged_sentence_failed(&blocks->tagged);
}

/* A numbered line begins a block; the next line is its label unless it is a comment or begins
 * another. */
static int read_block(struct reading *reading, struct blocks *blocks)
{
	size_t number = blocks->line;
	struct line line = next_line(blocks);
	if (line.length == 0 || starts_with(&line, "Comment:"))
		return 0;
	set_text(&blocks->numbered, &line);
	text_clear(&blocks->label);
	struct blocks after = *blocks;
	line = next_line(&after);
	if (line.length && !starts_with(&line, "Comment:") && number_length(line.start, line.length) == 0) {
		set_text(&blocks->label, &line);
		blocks->at = after.at;
		blocks->line = after.line;
	}
	int rc = add_block(reading, blocks, number);
	return rc == 0 && failed(blocks) ? -ENOMEM : rc;
}

static int read_semeval(struct reading *reading)
{
	const char *bytes = reading->source->bytes;
	struct blocks blocks = {.at = bytes, .end = bytes + reading->source->length, .line = 1};
	int rc = 0;
	while (rc == 0 && blocks.at < blocks.end)
		rc = read_block(reading, &blocks);
	text_finish(&blocks.numbered);
	text_finish(&blocks.label);
	tagged_sentence_finish(&blocks.tagged);
	return rc;
}

const struct dataset_format format_semeval = {
        .name = "semeval",
        .labels = label_set_semeval,
        .recognises = semeval_recognised,
        .read = read_semeval,
};
