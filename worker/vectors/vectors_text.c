#include "worker/vectors/vectors_text.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/base/utf8.h"
#include "worker/pretrained/mapped_file.h"

struct line_source {
	struct vectors *vectors;
	const char *path, *at, *end;
	size_t number;    /* of the line at hand, 1-based */
	struct text line; /* without what ends it */
	size_t capacity;  /* rows of the vectors that there is room for */
};

/* Takes the next line; false behind the last one. */
static bool take_line(struct line_source *source)
{
	if (source->at == source->end)
		return false;
	const char *stop = memchr(source->at, '\n', (size_t)(source->end - source->at));
	const char *to = stop ? stop : source->end;
	text_clear(&source->line);
	text_append_bytes(&source->line, source->at, (size_t)(to - source->at));
	while (source->line.length > 0 && strchr(" \t\r", source->line.data[source->line.length - 1]))
		source->line.data[--source->line.length] = '\0';
	source->at = stop ? stop + 1 : source->end;
	source->number++;
	return true;
}

static bool is_gap(char c)
{
	return c == ' ' || c == '\t';
}

static size_t count_fields(const struct text *line)
{
	size_t count = 0;
	for (size_t i = 0; i < line->length; i++)
		count += !is_gap(line->data[i]) && (i == 0 || is_gap(line->data[i - 1]));
	return count;
}

/* Where the last `count` fields of the line begin; 0 when it has no more than those. */
static size_t last_fields(const struct text *line, size_t count)
{
	size_t at = line->length;
	for (; at > 0; at--)
		if (!is_gap(line->data[at - 1]) && (at == line->length || is_gap(line->data[at]))) {
			size_t begin = at;
			while (begin > 0 && !is_gap(line->data[begin - 1]))
				begin--;
			if (--count == 0)
				return begin;
			at = begin + 1;
		}
	return 0;
}

static int refuse(const struct line_source *source, struct error *error, const char *what)
{
	return error_set(error, -EINVAL, "%s: line %zu: expected %s", source->path, source->number, what);
}

/* The numbers from byte `from` of the line on, into the next row. */
static int read_numbers(struct line_source *source, size_t from, struct error *error)
{
	struct vectors *vectors = source->vectors;
	char *at = source->line.data + from;
	if (array_reserve_rows(vectors->values, &source->capacity, vectors->count + 1, vectors->width) < 0)
		return error_no_memory(error);
	float *row = vectors->values + vectors->count * vectors->width;
	for (size_t i = 0; i < vectors->width; i++) {
		char *end = at;
		row[i] = strtof(at, &end);
		if (end == at || !(is_gap(*end) || *end == '\0') || !isfinite(row[i]) || fabsf(row[i]) > 1e15f)
			return refuse(source, error, "numbers behind the word");
		at = end;
	}
	return 0;
}

static int read_line(struct line_source *source, struct error *error)
{
	struct vectors *vectors = source->vectors;
	const size_t from = last_fields(&source->line, vectors->width);
	size_t length = from;
	if (from == 0)
		return refuse(source, error, "a word and as many numbers as before");
	while (length > 0 && is_gap(source->line.data[length - 1]))
		length--;
	int rc = read_numbers(source, from, error);
	if (rc < 0 || !utf8_valid(source->line.data, length) || length == 0)
		return rc;
	const struct vector_word word = {source->line.data, length, (uint32_t)vectors->count};
	const size_t before = vectors->words.count;
	if (vectors_add_word(vectors, &word) < 0)
		return error_no_memory(error);
	vectors->count += vectors->words.count > before; /* others are written over */
	return 0;
}

/* The first line tells the width, and is the first word's unless it only does that. */
static int read_first(struct line_source *source, struct error *error)
{
	if (!take_line(source))
		return refuse(source, error, "a word and numbers");
	if (source->line.failed)
		return error_no_memory(error);
	const size_t fields = count_fields(&source->line);
	const bool heading = fields == 2 && strspn(source->line.data, "0123456789 \t") == source->line.length;
	const char *width = heading ? source->line.data + last_fields(&source->line, 1) : NULL;
	source->vectors->width = heading ? strtoul(width, NULL, 10) : fields - (fields > 0);
	if (source->vectors->width < 1 || source->vectors->width > VECTOR_WIDTH_MAX)
		return refuse(source, error, "a word and 1 to 4096 numbers");
	return heading ? 0 : read_line(source, error);
}

static int read_lines(struct line_source *source, size_t most, struct error *error)
{
	int rc = read_first(source, error);
	while (rc == 0 && source->vectors->count < most && take_line(source))
		rc = source->line.failed       ? error_no_memory(error)
		     : source->line.length > 0 ? read_line(source, error)
		                               : 0;
	if (rc == 0 && source->vectors->count == 0)
		rc = refuse(source, error, "at least one word");
	return rc;
}

/* The folder and the name of a path. */
static int open_file(struct mapped_file *out, const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? memory_strndup(path, (size_t)(slash - path) + 1) : memory_strdup(".");
	int rc = folder ? mapped_file_open(out, folder, slash ? slash + 1 : path, error) : error_no_memory(error);
	memory_free(folder);
	return rc;
}

int vectors_text_read(struct vectors *out, const char *path, size_t most, struct error *error)
{
	struct mapped_file file = {0};
	int rc = open_file(&file, path, error);
	if (rc < 0)
		return rc;
	const char *bytes = (const char *)file.bytes;
	struct line_source source = {.vectors = out, .path = path, .at = bytes, .end = bytes + file.length};
	rc = read_lines(&source, most, error);
	sha256_hex(out->digest, bytes, (size_t)(source.at - bytes));
	text_finish(&source.line);
	mapped_file_close(&file);
	return rc;
}
