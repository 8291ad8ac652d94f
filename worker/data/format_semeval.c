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

struct line {
	const char *start;
	size_t length; /* without the line end and trailing blanks */
};

struct blocks {
	const char *at, *end;
	size_t line;          /* of `at`, 1-based */
	struct text numbered; /* the line "8001<TAB>…" as UTF-8 */
	struct text label;    /* empty: none */
	struct text sentence; /* without quotes and tags */
	struct text words[2]; /* of e1 and e2 */
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

/* Passes over `tag` at *at. */
static bool pass_tag(const char **at, const char *tag)
{
	size_t length = strlen(tag);
	if (strncmp(*at, tag, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Copies the sentence without its tags; fills words and spans. NULL, or what is wrong. */
static const char *untag(struct blocks *blocks, const char *at, const char *end, struct row_entity entities[2])
{
	static const char *const opening[2] = {"<e1>", "<e2>"}, *const closing[2] = {"</e1>", "</e2>"};
	int open = -1, seen = 0;
	double place = 0;
	while (at < end) {
		int which = strncmp(at + 1, "/e2", 3) == 0 || strncmp(at + 1, "e2", 2) == 0;
		if (open < 0 && !(seen & 1 << which) && pass_tag(&at, opening[which])) {
			open = which;
			entities[which].start = place;
			seen |= 1 << which;
		} else if (open == which && pass_tag(&at, closing[which])) {
			entities[which].end = place - 1;
			open = -1;
		} else {
			const char *from = at;
			utf8_next(&at, end);
			text_append_bytes(&blocks->sentence, from, (size_t)(at - from));
			if (open >= 0)
				text_append_bytes(&blocks->words[open], from, (size_t)(at - from));
			place++;
		}
	}
	if (open >= 0 || seen != 3)
		return "the sentence needs one <e1>…</e1> and one <e2>…</e2>";
	return NULL;
}

/* The numbered line and the label line have been read. */
static int add_block(struct reading *reading, struct blocks *blocks, size_t line)
{
	char *numbered = blocks->numbered.data;
	size_t digits = numbered ? number_length(numbered, blocks->numbered.length) : 0;
	if (digits == 0 || strlen(numbered) != blocks->numbered.length) {
		row_reject(reading, line, "a line \"number<TAB>sentence\" was expected");
		return 0;
	}
	numbered[digits] = '\0';
	const char *start = numbered + digits + 1, *end = numbered + blocks->numbered.length;
	if (end - start >= 2 && *start == '"' && end[-1] == '"') {
		start++;
		end--;
	}
	text_clear(&blocks->sentence);
	text_clear(&blocks->words[0]);
	text_clear(&blocks->words[1]);
	struct row row = {.line = line, .id = numbered};
	struct row_entity entities[2] = {0};
	const char *complaint = untag(blocks, start, end, entities);
	if (complaint) {
		row_reject(reading, line, "%s", complaint);
		return 0;
	}
	row.sentence = text_string(&blocks->sentence);
	row.subject = (struct row_entity){text_string(&blocks->words[0]), "", entities[0].start, entities[0].end};
	row.object = (struct row_entity){text_string(&blocks->words[1]), "", entities[1].start, entities[1].end};
	row.label = blocks->label.length ? blocks->label.data : NULL;
	return row_add(reading, &row);
}

static bool failed(const struct blocks *blocks)
{
	return blocks->numbered.failed || blocks->label.failed || blocks->sentence.failed || blocks->words[0].failed ||
	       blocks->words[1].failed;
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
	text_finish(&blocks.sentence);
	text_finish(&blocks.words[0]);
	text_finish(&blocks.words[1]);
	return rc;
}

const struct dataset_format format_semeval = {
        .name = "semeval",
        .labels = label_set_semeval,
        .recognises = semeval_recognised,
        .read = read_semeval,
};
