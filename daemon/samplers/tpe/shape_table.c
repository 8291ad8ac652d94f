#include "daemon/samplers/tpe/shape_table.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "daemon/samplers/normal_masses.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

#define BUCKETS_AT_FIRST 128
#define ROWS_AT_MOST 1024 /* cells kept of one dimension */
#define ROWS_WIDE 64      /* cells kept when there are too many for hits to be likely */
#define CHUNK 64
#define CELLS_FEW 32 /* so few are met again soon: their rows are always filled */
#define FEW 4        /* so many times fewer shapes than another row lacks are not worth the row */

static size_t count_rows(const struct param *param)
{
	size_t cells = param_cardinality(param);
	return cells > ROWS_AT_MOST ? ROWS_WIDE : cells;
}

int shape_table_init(struct shape_table *table, const struct param *param, double low, double high)
{
	*table = (struct shape_table){.param = param, .low = low, .high = high, .row_count = count_rows(param)};
	table->bucket_count = BUCKETS_AT_FIRST;
	table->buckets = memory_alloc(table->bucket_count, sizeof *table->buckets);
	table->rows = memory_alloc(table->row_count, sizeof *table->rows);
	if (!table->buckets || !table->rows) {
		shape_table_finish(table);
		return -ENOMEM;
	}
	for (size_t i = 0; i < table->row_count; i++)
		table->rows[i].x = NAN;
	uint32_t prior;
	return shape_table_find(&prior, table, 0.5 * (low + high), high - low);
}

void shape_table_finish(struct shape_table *table)
{
	for (size_t i = 0; table->rows && i < table->row_count; i++)
		memory_free(table->rows[i].log_mass);
	memory_free(table->rows);
	memory_free(table->buckets);
	memory_free(table->mus);
	memory_free(table->sigmas);
	memory_free(table->log_range_masses);
	*table = (struct shape_table){0};
}

/* The bucket that holds the shape, or the empty one where it belongs (linear probing). */
static size_t find_bucket(const struct shape_table *table, double mu, double sigma)
{
	uint64_t bits[2];
	memcpy(&bits[0], &mu, sizeof mu);
	memcpy(&bits[1], &sigma, sizeof sigma);
	size_t mask = table->bucket_count - 1;
	size_t at = (size_t)rng_mix(bits[0], bits[1]) & mask;
	for (;; at = (at + 1) & mask) {
		if (table->buckets[at] == 0)
			return at;
		size_t shape = table->buckets[at] - 1;
		if (table->mus[shape] == mu && table->sigmas[shape] == sigma)
			return at;
	}
}

static int grow_buckets(struct shape_table *table)
{
	if (2 * (table->shape_count + 1) <= table->bucket_count)
		return 0;
	uint32_t *grown = memory_alloc(2 * table->bucket_count, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	memory_free(table->buckets);
	table->buckets = grown;
	table->bucket_count *= 2;
	for (size_t i = 0; i < table->shape_count; i++)
		grown[find_bucket(table, table->mus[i], table->sigmas[i])] = (uint32_t)(i + 1);
	return 0;
}

static int grow_shapes(struct shape_table *table)
{
	if (table->shape_count < table->shape_capacity)
		return 0;
	struct array_growth growth = array_growth_begin(table->shape_capacity, table->shape_count + 1);
	array_resize(table->mus, &growth, 1);
	array_resize(table->sigmas, &growth, 1);
	array_resize(table->log_range_masses, &growth, 1);
	return array_growth_end(&table->shape_capacity, &growth);
}

int shape_table_find(uint32_t *out, struct shape_table *table, double mu, double sigma)
{
	size_t bucket = find_bucket(table, mu, sigma);
	if (table->buckets[bucket] == 0) {
		if (grow_buckets(table) != 0 || grow_shapes(table) != 0)
			return -ENOMEM;
		bucket = find_bucket(table, mu, sigma);
		size_t shape = table->shape_count++;
		table->mus[shape] = mu;
		table->sigmas[shape] = sigma;
		table->log_range_masses[shape] = normal_log_mass((table->low - mu) / sigma, (table->high - mu) / sigma);
		table->buckets[bucket] = (uint32_t)table->shape_count;
	}
	assert(table->buckets[bucket] >= 1 && table->buckets[bucket] <= table->shape_count);
	*out = table->buckets[bucket] - 1;
	return 0;
}

void shape_table_clear(struct shape_table *table)
{
	memset(table->buckets, 0, table->bucket_count * sizeof *table->buckets);
	table->shape_count = 1;
	table->buckets[find_bucket(table, table->mus[0], table->sigmas[0])] = 1;
	for (size_t i = 0; i < table->row_count; i++)
		if (table->rows[i].filled > 1)
			table->rows[i].filled = 1;
}

static struct shape_row *row_of(struct shape_table *table, double x)
{
	double cell = nearbyint((x - table->param->low) / table->param->step);
	size_t index = cell > 0 && cell < 1e15 ? (size_t)cell : 0;
	struct shape_row *row = &table->rows[index % table->row_count];
	if (row->x != x) {
		row->x = x;
		row->filled = 0;
	}
	return row;
}

static void find_cell(double *interval, const struct shape_table *table, double x)
{
	for (size_t end = 0; end < 2; end++) {
		double bound = x + (end == 0 ? -0.5 : 0.5) * table->param->step;
		interval[end] = table->param->log ? log(bound) : bound;
	}
}

static int fill_row(struct shape_table *table, struct shape_row *row)
{
	double cell[2];
	if (array_reserve(row->log_mass, &row->capacity, table->shape_count) < 0)
		return -ENOMEM;
	size_t from = row->filled, count = table->shape_count - from;
	if (count == 0)
		return 0;
	const struct normals normals = {table->mus + from, table->sigmas + from, count};
	find_cell(cell, table, row->x);
	normal_log_masses(row->log_mass + from, cell, &normals);
	for (size_t i = from; i < table->shape_count; i++)
		row->log_mass[i] -= table->log_range_masses[i];
	row->filled = table->shape_count;
	return 0;
}

static void compute_masses(double *out, const struct shape_table *table, double x, const struct shape_list *shapes)
{
	double cell[2], mus[CHUNK], sigmas[CHUNK];
	find_cell(cell, table, x);
	for (size_t from = 0; from < shapes->count; from += CHUNK) {
		size_t count = shapes->count - from < CHUNK ? shapes->count - from : CHUNK;
		const uint32_t *items = shapes->items + from;
		for (size_t i = 0; i < count; i++) {
			mus[i] = table->mus[items[i]];
			sigmas[i] = table->sigmas[items[i]];
		}
		normal_log_masses(out + from, cell, &(struct normals){mus, sigmas, count});
		for (size_t i = 0; i < count; i++)
			out[from + i] -= table->log_range_masses[items[i]];
	}
}

int shape_table_masses(double *out, struct shape_table *table, double x, const struct shape_list *shapes)
{
	assert(table->shape_count > 0 && !isnan(x));
	struct shape_row *row = row_of(table, x);
	if (table->row_count > CELLS_FEW && table->shape_count - row->filled > FEW * shapes->count) {
		compute_masses(out, table, x, shapes);
		return 0;
	}
	if (fill_row(table, row) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < shapes->count; i++)
		out[i] = row->log_mass[shapes->items[i]];
	return 0;
}
