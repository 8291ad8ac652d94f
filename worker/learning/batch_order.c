#include "worker/learning/batch_order.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

#define GROUP_BATCHES 16 /* that are sorted by length together */

int batch_order_init(struct batch_order *order, size_t rows, size_t batch_size)
{
	assert(batch_size > 0 && rows <= UINT32_MAX);
	*order = (struct batch_order){
	        .rows = rows, .batch_size = batch_size, .batch_count = (rows + batch_size - 1) / batch_size};
	order->numbers = memory_alloc(rows, sizeof *order->numbers);
	order->keys = memory_alloc(rows, sizeof *order->keys);
	order->batches = memory_alloc(order->batch_count, sizeof *order->batches);
	return order->numbers && order->keys && order->batches ? 0 : -ENOMEM;
}

void batch_order_finish(struct batch_order *order)
{
	memory_free(order->numbers);
	memory_free(order->keys);
	memory_free(order->batches);
	*order = BATCH_ORDER_NULL;
}

static int compare_keys(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Sorts numbers [from, to) by their keys: 32 bits to sort by, then the row number in 32 bits. */
static void sort_by_keys(struct batch_order *order, size_t from, size_t to)
{
	qsort(order->keys + from, to - from, sizeof *order->keys, compare_keys);
	for (size_t i = from; i < to; i++)
		order->numbers[i] = order->keys[i] & UINT32_MAX;
}

/* Shorter rows first, among equals the lower row number. */
static void sort_by_length(struct batch_order *order, const struct tokens *tokens, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		order->keys[i] = (uint64_t)tokens_length(tokens, order->numbers[i]) << 32 | order->numbers[i];
	sort_by_keys(order, from, to);
}

/* Floats that are not negative are ordered as their bits are. */
static uint32_t bits_of(float number)
{
	uint32_t bits;
	memcpy(&bits, &number, sizeof bits);
	return bits;
}

static void sort_by_difficulty(struct batch_order *order, const float *difficulty)
{
	for (size_t i = 0; i < order->rows; i++) {
		assert(!signbit(difficulty[i]));
		order->keys[i] = (uint64_t)bits_of(difficulty[i]) << 32 | i;
	}
	sort_by_keys(order, 0, order->rows);
}

static size_t rows_of(const struct batch_order *order, double share)
{
	const size_t rows = (size_t)(share * (double)order->rows + 0.5);
	return rows < 1 ? 1 : rows < order->rows ? rows : order->rows;
}

static size_t batches_of(const struct batch_order *order, size_t rows)
{
	return (rows + order->batch_size - 1) / order->batch_size;
}

size_t batch_order_count(const struct batch_order *order, double share)
{
	return batches_of(order, rows_of(order, share));
}

void batch_order_sort(struct batch_order *order, const struct tokens *tokens)
{
	for (size_t i = 0; i < order->rows; i++)
		order->numbers[i] = i;
	sort_by_length(order, tokens, 0, order->rows);
	order->used = order->rows;
	order->batch_count = batches_of(order, order->used);
	for (size_t i = 0; i < order->batch_count; i++)
		order->batches[i] = i;
}

void batch_order_shuffle(
        struct batch_order *order, const struct tokens *tokens, const struct easiest *easiest, struct rng *rng)
{
	const size_t group = GROUP_BATCHES * order->batch_size, used = rows_of(order, easiest->share);
	batch_order_sort(order, tokens);
	if (easiest->difficulty && used < order->rows)
		sort_by_difficulty(order, easiest->difficulty);
	order->used = used;
	order->batch_count = batches_of(order, used);
	rng_shuffle(rng, order->numbers, used);
	for (size_t from = 0; from < used; from += group)
		sort_by_length(order, tokens, from, from + group < used ? from + group : used);
	rng_shuffle(rng, order->batches, order->batch_count);
}

const size_t *batch_order_rows(const struct batch_order *order, size_t i, size_t *count)
{
	assert(i < order->batch_count);
	const size_t from = order->batches[i] * order->batch_size, left = order->used - from;
	assert(from < order->used);
	*count = left < order->batch_size ? left : order->batch_size;
	return order->numbers + from;
}
