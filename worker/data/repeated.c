#include "worker/data/repeated.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/data/row.h"

typedef int (*compare_fn)(const struct example *a, const struct example *b);

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

struct sorting {
	struct example **order; /* (count) pointers to the rows */
	bool *repeated;         /* (count) by row number */
};

static void mark_repeated(struct reading *reading, struct sorting *sorting, compare_fn compare)
{
	const struct example *rows = reading->dataset->examples, *first = sorting->order[0];
	for (size_t i = 1; i < reading->dataset->count; i++) {
		const struct example *again = sorting->order[i];
		bool equal = compare(first, again) == 0;
		if (!equal)
			first = again;
		if (!equal || sorting->repeated[again - rows])
			continue;
		sorting->repeated[again - rows] = true;
		reject(reading, first, again);
	}
}

static void drop_marked(struct dataset *dataset, const bool *marked)
{
	size_t kept = 0;
	for (size_t i = 0; i < dataset->count; i++)
		if (!marked[i])
			dataset->examples[kept++] = dataset->examples[i];
	dataset->count = kept;
}

int rows_drop_repeated(struct reading *reading)
{
	struct dataset *dataset = reading->dataset;
	size_t count = dataset->count;
	if (count < 2)
		return 0;
	struct sorting sorting = {memory_alloc(count, sizeof *sorting.order), memory_alloc(count, 1)};
	int rc = -ENOMEM;
	if (!sorting.order || !sorting.repeated)
		goto cleanup;
	for (size_t i = 0; i < count; i++)
		sorting.order[i] = &dataset->examples[i];
	qsort(sorting.order, count, sizeof(struct example *), by_content);
	mark_repeated(reading, &sorting, compare_content);
	qsort(sorting.order, count, sizeof(struct example *), by_id);
	mark_repeated(reading, &sorting, compare_ids);
	drop_marked(dataset, sorting.repeated);
	rc = 0;
cleanup:
	memory_free(sorting.repeated);
	memory_free(sorting.order);
	return rc;
}
