#include "worker/data/repeated.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/data/row.h"

typedef int (*compare_fn)(const struct example *a, const struct example *b);
typedef int (*sort_fn)(const void *a, const void *b);

static int compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_entities(const struct entity *a, const struct entity *b)
{
	int order = compare_sizes(a->start, b->start);
	return order ? order : compare_sizes(a->end, b->end);
}

static int compare_content(const struct example *a, const struct example *b)
{
	int order = strcmp(a->sentence, b->sentence);
	if (!order)
		order = compare_entities(&a->subject, &b->subject);
	return order ? order : compare_entities(&a->object, &b->object);
}

static int compare_ids(const struct example *a, const struct example *b)
{
	return strcmp(a->id, b->id);
}

/* Rows lie in one array in file order, so their addresses break ties and the earliest of equals
 * comes first. */
static int by_content(const void *a, const void *b)
{
	const struct example *const *left = a, *const *right = b;
	int order = compare_content(*left, *right);
	return order ? order : (*left > *right) - (*left < *right);
}

static int by_id(const void *a, const void *b)
{
	const struct example *const *left = a, *const *right = b;
	int order = compare_ids(*left, *right);
	return order ? order : (*left > *right) - (*left < *right);
}

static void reject(struct reading *reading, const struct example *first, const struct example *again)
{
	const char *const *names = reading->dataset->labels->names;
	if (compare_content(first, again) != 0)
		row_reject(reading, again->line, "the id \"%.60s\" is that of line %zu", again->id, first->line);
	else if (first->label == again->label)
		row_reject(reading, again->line, "the same sentence and entities as in line %zu", first->line);
	else
		row_reject(reading, again->line,
		        "the same sentence and entities as in line %zu, but %s there and %s here", first->line,
		        names[first->label], names[again->label]);
}

#define NOBODY SIZE_MAX

struct sameness {
	size_t *first; /* (count) of every row, by number, the first one that is equal; owned */
	size_t *kept;  /* (count) of every first one, the place of the row that was kept of all its equals; owned */
};

static void sameness_finish(struct sameness *same)
{
	memory_free(same->first);
	memory_free(same->kept);
}

static int sameness_init(struct sameness *out, const struct dataset *dataset, sort_fn by, compare_fn compare)
{
	const size_t count = dataset->count;
	const struct example **order = memory_alloc(count, sizeof *order), *first = dataset->examples;
	*out = (struct sameness){memory_alloc(count, sizeof *out->first), memory_alloc(count, sizeof *out->kept)};
	if (!order || !out->first || !out->kept) {
		memory_free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		order[i] = &dataset->examples[i];
	qsort(order, count, sizeof *order, by);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || compare(first, order[i]) != 0)
			first = order[i];
		out->first[order[i] - dataset->examples] = (size_t)(first - dataset->examples);
		out->kept[i] = NOBODY;
	}
	memory_free(order);
	return 0;
}

/* Only a row that is kept makes another one repeated. */
static void drop_repeated(struct reading *reading, const struct sameness *content, const struct sameness *ids)
{
	struct dataset *dataset = reading->dataset;
	size_t kept = 0;
	for (size_t i = 0; i < dataset->count; i++) {
		size_t *same = &content->kept[content->first[i]], *named = &ids->kept[ids->first[i]];
		const size_t there = *same != NOBODY ? *same : *named;
		if (there != NOBODY) {
			reject(reading, &dataset->examples[there], &dataset->examples[i]);
			continue;
		}
		*same = *named = kept;
		dataset->examples[kept++] = dataset->examples[i];
	}
	dataset->count = kept;
}

int rows_drop_repeated(struct reading *reading)
{
	struct sameness content, ids = {0};
	if (reading->dataset->count < 2)
		return 0;
	int rc = sameness_init(&content, reading->dataset, by_content, compare_content);
	if (rc == 0)
		rc = sameness_init(&ids, reading->dataset, by_id, compare_ids);
	if (rc == 0)
		drop_repeated(reading, &content, &ids);
	sameness_finish(&content);
	sameness_finish(&ids);
	return rc;
}
