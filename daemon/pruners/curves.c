#include "daemon/pruners/curves.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

void curves_init(struct curves *curves, enum direction direction)
{
	*curves = (struct curves){.direction = direction, .longest_complete = -1, .best_row = CURVES_NONE};
}

void curves_finish(struct curves *curves)
{
	for (size_t i = 0; i < curves->count; i++) {
		memory_free(curves->rows[i].steps);
		memory_free(curves->rows[i].values);
	}
	for (size_t i = 0; i < curves->step_count; i++)
		memory_free(curves->steps[i].sorted);
	memory_free(curves->rows);
	memory_free(curves->buckets);
	memory_free(curves->steps);
	*curves = (struct curves){0};
}

bool curves_better(const struct curves *curves, double a, double b)
{
	if (isnan(a) || isnan(b))
		return !isnan(a) && isnan(b);
	return curves->direction == MAXIMIZE ? a > b : a < b;
}

static size_t find_bucket(const struct curves *curves, int64_t number)
{
	size_t mask = curves->bucket_count - 1;
	assert(curves->count < curves->bucket_count);
	size_t at = (size_t)rng_mix((uint64_t)number, 0) & mask;
	while (curves->buckets[at] != 0 && curves->rows[curves->buckets[at] - 1].number != number)
		at = (at + 1) & mask;
	return at;
}

size_t curves_find(const struct curves *curves, int64_t number)
{
	if (curves->bucket_count == 0)
		return CURVES_NONE;
	size_t found = curves->buckets[find_bucket(curves, number)];
	return found == 0 ? CURVES_NONE : found - 1;
}

static int grow_buckets(struct curves *curves)
{
	size_t larger = curves->bucket_count == 0 ? 64 : 2 * curves->bucket_count;
	size_t *grown = memory_alloc(larger, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	memory_free(curves->buckets);
	curves->buckets = grown;
	curves->bucket_count = larger;
	for (size_t i = 0; i < curves->count; i++)
		grown[find_bucket(curves, curves->rows[i].number)] = i + 1;
	return 0;
}

int curves_add(struct curves *curves, int64_t number)
{
	if (2 * (curves->count + 1) > curves->bucket_count && grow_buckets(curves) != 0)
		return -ENOMEM;
	if (array_reserve(curves->rows, &curves->capacity, curves->count + 1) < 0)
		return -ENOMEM;
	size_t bucket = find_bucket(curves, number);
	if (curves->buckets[bucket] != 0)
		return 0;
	curves->rows[curves->count] = (struct trial_curve){
	        .number = number, .state = TRIAL_RUNNING, .final_value = (double)NAN, .best = (double)NAN};
	curves->buckets[bucket] = ++curves->count;
	return 0;
}

static int reserve_value(struct trial_curve *curve)
{
	if (curve->count < curve->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(curve->capacity, curve->count + 1);
	array_resize(curve->steps, &growth, 1);
	array_resize(curve->values, &growth, 1);
	return array_growth_end(&curve->capacity, &growth);
}

int curves_put(bool *news, struct curves *curves, size_t row, int64_t step, double value)
{
	assert(row < curves->count);
	struct trial_curve *curve = &curves->rows[row];
	size_t at = curve->count;
	while (at > 0 && curve->steps[at - 1] >= step)
		at--;
	*news = at == curve->count || curve->steps[at] != step;
	if (!*news)
		return 0;
	if (reserve_value(curve) != 0)
		return -ENOMEM;
	memmove(curve->steps + at + 1, curve->steps + at, (curve->count - at) * sizeof *curve->steps);
	memmove(curve->values + at + 1, curve->values + at, (curve->count - at) * sizeof *curve->values);
	curve->steps[at] = step;
	curve->values[at] = value;
	curve->count++;
	if (curves_better(curves, value, curve->best))
		curve->best = value;
	return 0;
}

static size_t lower_step(const struct curves *curves, int64_t step)
{
	size_t low = 0, high = curves->step_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (curves->steps[middle].step < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct step_values *take_step(struct curves *curves, int64_t step)
{
	size_t at = lower_step(curves, step);
	if (at < curves->step_count && curves->steps[at].step == step)
		return &curves->steps[at];
	if (array_reserve(curves->steps, &curves->step_capacity, curves->step_count + 1) < 0)
		return NULL;
	memmove(curves->steps + at + 1, curves->steps + at, (curves->step_count - at) * sizeof *curves->steps);
	curves->steps[at] = (struct step_values){.step = step};
	curves->step_count++;
	return &curves->steps[at];
}

static size_t lower_value(const struct step_values *values, double value)
{
	size_t low = 0, high = values->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (values->sorted[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_value(struct curves *curves, int64_t step, double value)
{
	struct step_values *values = take_step(curves, step);
	if (!values)
		return;
	if (array_reserve(values->sorted, &values->capacity, values->count + 1) < 0)
		return;
	values->trial_count++;
	if (isnan(value))
		return;
	size_t at = lower_value(values, value);
	memmove(values->sorted + at + 1, values->sorted + at, (values->count - at) * sizeof value);
	values->sorted[at] = value;
	values->count++;
}

static void count_complete(struct curves *curves, size_t row)
{
	const struct trial_curve *curve = &curves->rows[row];
	curves->complete_count++;
	if (curve->count > 0 && curve->steps[curve->count - 1] > curves->longest_complete)
		curves->longest_complete = curve->steps[curve->count - 1];
	if (curves->best_row == CURVES_NONE ||
	        curves_better(curves, curve->final_value, curves->rows[curves->best_row].final_value))
		curves->best_row = row;
}

void curves_end(struct curves *curves, size_t row, enum trial_state state, double value)
{
	assert(row < curves->count);
	struct trial_curve *curve = &curves->rows[row];
	if (curve->state != TRIAL_RUNNING)
		return;
	curve->state = state;
	if (state != TRIAL_COMPLETE)
		return;
	curve->final_value = value;
	count_complete(curves, row);
	for (size_t i = 0; i < curve->count; i++)
		add_value(curves, curve->steps[i], curve->values[i]);
}

void curves_resume(struct curves *curves, int64_t number)
{
	size_t row = curves_find(curves, number);
	if (row != CURVES_NONE && curves->rows[row].state == TRIAL_PRUNED)
		curves->rows[row].state = TRIAL_RUNNING;
}

const struct step_values *curves_at_step(const struct curves *curves, int64_t step)
{
	size_t at = lower_step(curves, step);
	return at < curves->step_count && curves->steps[at].step == step ? &curves->steps[at] : NULL;
}

bool curve_opens_interval(const struct trial_curve *curve, int64_t warmup, int64_t interval)
{
	assert(curve->count > 0 && interval > 0);
	int64_t step = curve->steps[curve->count - 1];
	int64_t opening = (step - warmup) / interval * interval + warmup;
	return curve->count < 2 || curve->steps[curve->count - 2] < opening;
}
