#include "worker/trainer/sentences.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/base/utf8.h"
#include "schema/base/file.h"
#include "worker/trainer/task.h"

void sentences_finish(struct sentences *sentences)
{
	for (size_t i = 0; i < sentences->text_count; i++)
		memory_free(sentences->texts[i]);
	memory_free(sentences->texts);
	memory_free(sentences->rows);
	dataset_finish(&sentences->data);
	*sentences = SENTENCES_NULL;
}

static int add_row(struct sentences *sentences, const struct text_row *row)
{
	if (array_reserve(sentences->rows, &sentences->capacity, sentences->count + 1) < 0)
		return -ENOMEM;
	sentences->rows[sentences->count++] = *row;
	return 0;
}

static int keep_text(struct sentences *sentences, char *text)
{
	if (array_reserve(sentences->texts, &sentences->text_capacity, sentences->text_count + 1) < 0) {
		memory_free(text);
		return -ENOMEM;
	}
	sentences->texts[sentences->text_count++] = text;
	return 0;
}

static bool is_blank(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(" \t\r\v\f", line[i]))
			return false;
	return true;
}

static int add_lines(
        struct sentences *sentences, const char *text, size_t length, const char *path, struct error *error)
{
	const char *const end = text + length;
	size_t number = 1;
	int rc = 0;
	for (const char *line = text; rc == 0 && line < end; number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const size_t bytes = (size_t)((stop ? stop : end) - line);
		if (!utf8_valid(line, bytes))
			return error_set(error, -EINVAL, "%s:%zu: this is not UTF-8", path, number);
		if (!is_blank(line, bytes))
			rc = add_row(sentences, &(struct text_row){.sentence = line, .length_bytes = bytes});
		line += bytes + 1;
	}
	return rc;
}

int sentences_add_text(struct sentences *sentences, const char *path, struct error *error)
{
	char *text = NULL;
	size_t length = 0;
	int rc = file_read_text(&text, &length, path, error);
	if (rc == 0)
		rc = keep_text(sentences, text);
	if (rc < 0)
		return rc;
	return add_lines(sentences, text, length, path, error);
}

int sentences_add_data(struct sentences *sentences, const char *path, struct error *error)
{
	const struct dataset_rules rules = {.skip_bad = true};
	struct row_set set = {0};
	int rc = task_read_file(&sentences->data, path, &rules, error);
	if (rc < 0)
		return rc;
	rc = row_set_init(&set, &sentences->data, NULL, sentences->data.count);
	for (size_t i = 0; rc == 0 && i < set.count; i++)
		rc = add_row(sentences, &set.rows[i]);
	row_set_finish(&set);
	return rc;
}

static uint64_t hash(const struct text_row *row, uint64_t seed)
{
	uint64_t sum = seed;
	for (size_t i = 0; i < row->length_bytes; i++)
		sum = rng_mix(sum, (unsigned char)row->sentence[i]);
	return sum;
}

struct keyed {
	uint64_t key;
	struct text_row row;
};

static int compare(const void *a, const void *b)
{
	const uint64_t x = ((const struct keyed *)a)->key, y = ((const struct keyed *)b)->key;
	return (x > y) - (x < y);
}

/* The sentences by their hashes; equal ones may be in any order, which makes no difference. */
static struct keyed *sort(const struct sentences *sentences, uint64_t seed)
{
	struct keyed *keyed = memory_alloc(sentences->count, sizeof *keyed);
	for (size_t i = 0; keyed && i < sentences->count; i++)
		keyed[i] = (struct keyed){hash(&sentences->rows[i], seed), sentences->rows[i]};
	if (keyed)
		qsort(keyed, sentences->count, sizeof *keyed, compare);
	return keyed;
}

int sentences_hold_out(size_t *held, struct sentences *sentences, double share, uint64_t seed)
{
	const size_t count = sentences->count, wanted = (size_t)(share * (double)count + 0.5);
	if (count == 0)
		return -EINVAL;
	struct keyed *keyed = sort(sentences, seed);
	if (!keyed)
		return -ENOMEM;
	size_t from = count - (wanted < 1 ? 1 : wanted < count ? wanted : count - 1);
	while (from > 0 && keyed[from - 1].key == keyed[from].key)
		from--;
	for (size_t i = 0; i < count; i++)
		sentences->rows[i] = keyed[i].row;
	memory_free(keyed);
	assert(from < count);
	*held = count - from;
	return from ? 0 : -EINVAL;
}
