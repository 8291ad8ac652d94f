#include "daemon/pruners/fold_records.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

#define BAR_LEAST 3   /* the bar is the third best … */
#define BAR_SHARE 10u /* … or where a tenth of all trials ends */

void fold_records_init(struct fold_records *records, size_t fold_count, bool maximize)
{
	*records = (struct fold_records){.maximize = maximize, .fold_count = fold_count, .bar = (double)NAN};
}

void fold_records_finish(struct fold_records *records)
{
	for (size_t row = 0; row < records->count; row++) {
		for (size_t fold = 0; fold < records->fold_count; fold++) {
			memory_free(records->rows[row].folds[fold].steps);
			memory_free(records->rows[row].folds[fold].values);
		}
		memory_free(records->rows[row].folds);
	}
	memory_free(records->rows);
	memory_free(records->finals);
	fold_model_finish(&records->model);
	*records = (struct fold_records){0};
}

int fold_records_add(struct fold_records *records, int64_t number)
{
	if (array_reserve(records->rows, &records->capacity, records->count + 1) < 0 ||
	        array_reserve_rows(records->finals, &records->final_capacity, records->count + 1, records->fold_count) <
	                0)
		return -ENOMEM;
	struct fold_record *folds = memory_alloc(records->fold_count, sizeof *folds);
	if (!folds)
		return -ENOMEM;
	records->rows[records->count] =
	        (struct fold_row){.number = number, .state = TRIAL_RUNNING, .forecast = (double)NAN, .folds = folds};
	double *finals = records->finals + records->count++ * records->fold_count;
	for (size_t fold = 0; fold < records->fold_count; fold++)
		finals[fold] = (double)NAN;
	return 0;
}

static int reserve_value(struct fold_record *record)
{
	if (record->count < record->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(record->capacity, record->count + 1);
	array_resize(record->steps, &growth, 1);
	array_resize(record->values, &growth, 1);
	return array_growth_end(&record->capacity, &growth);
}

int fold_record_put(struct fold_record *record, int64_t step, double value)
{
	size_t at = record->count;
	while (at > 0 && record->steps[at - 1] >= step)
		at--;
	if (at < record->count && record->steps[at] == step) {
		record->values[at] = value;
		return 0;
	}
	if (reserve_value(record) != 0)
		return -ENOMEM;
	memmove(record->steps + at + 1, record->steps + at, (record->count - at) * sizeof *record->steps);
	memmove(record->values + at + 1, record->values + at, (record->count - at) * sizeof *record->values);
	record->steps[at] = step;
	record->values[at] = value;
	record->count++;
	return 0;
}

/* The place of the first step that is not before that one. */
static size_t place_of(const struct fold_record *record, int64_t step)
{
	size_t low = 0, high = record->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (record->steps[middle] < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool fold_record_knows(const struct fold_record *record, int64_t step)
{
	size_t at = place_of(record, step);
	return at < record->count && record->steps[at] == step;
}

double fold_record_at(const struct fold_record *record, int64_t step)
{
	return fold_record_knows(record, step) ? record->values[place_of(record, step)] : (double)NAN;
}

double *fold_records_finals(const struct fold_records *records, size_t row)
{
	assert(row < records->count);
	return records->finals + row * records->fold_count;
}

size_t fold_records_done(const struct fold_records *records, size_t row)
{
	const double *finals = fold_records_finals(records, row);
	size_t done = 0;
	for (size_t fold = 0; fold < records->fold_count; fold++)
		done += isfinite(finals[fold]) ? 1 : 0;
	return done;
}

bool fold_records_competes(const struct fold_records *records, size_t row)
{
	return !records->rows[row].infeasible && fold_records_done(records, row) == records->fold_count;
}

size_t fold_records_first(const struct fold_records *records, size_t row)
{
	return (size_t)(records->rows[row].number % (int64_t)records->fold_count);
}

static void look_around(struct fold_records *records)
{
	records->told_count = records->complete_count = records->epoch_count = 0;
	for (size_t row = 0; row < records->count; row++) {
		const struct fold_row *trial = &records->rows[row];
		records->told_count += trial->state == TRIAL_COMPLETE || trial->state == TRIAL_PRUNED;
		records->complete_count += trial->state == TRIAL_COMPLETE;
		for (size_t fold = 0; fold < records->fold_count; fold++)
			if (isfinite(fold_records_finals(records, row)[fold]) &&
			        trial->folds[fold].count > records->epoch_count)
				records->epoch_count = trial->folds[fold].count;
	}
}

struct worth {
	double mean, variance;
};

static int compare_worths(const void *left, const void *right)
{
	const struct worth *a = left, *b = right;
	return (a->mean < b->mean) - (a->mean > b->mean);
}

/* The trials that compete, the better first (turned so that more is better); returns how many. */
static size_t list_worths(struct worth *out, const struct fold_records *records)
{
	size_t count = 0;
	for (size_t row = 0; row < records->count; row++) {
		struct worth *worth = &out[count];
		if (!fold_records_competes(records, row))
			continue;
		fold_records_worth(&worth->mean, &worth->variance, records, row);
		worth->mean *= records->maximize ? 1 : -1;
		count++;
	}
	qsort(out, count, sizeof *out, compare_worths);
	return count;
}

static int set_bar(struct fold_records *records)
{
	size_t place = (records->told_count + BAR_SHARE - 1) / BAR_SHARE;
	place = place < BAR_LEAST ? BAR_LEAST : place;
	struct worth *worths = memory_alloc(records->count, sizeof *worths);
	if (!worths)
		return -ENOMEM;
	size_t count = list_worths(worths, records);
	if (place <= count) {
		records->bar = records->maximize ? worths[place - 1].mean : -worths[place - 1].mean;
		records->bar_variance = worths[place - 1].variance;
	}
	memory_free(worths);
	return 0;
}

int fold_records_fit(struct fold_records *records)
{
	const struct fold_table table = {
	        .values = records->finals,
	        .trial_count = records->count,
	        .column_count = records->fold_count,
	        .fold_count = records->fold_count,
	        .maximize = records->maximize,
	};
	struct fold_model model;
	int rc = fold_model_fit(&model, &table);
	if (rc)
		return rc;
	fold_model_finish(&records->model);
	records->model = model;
	look_around(records);
	records->bar = (double)NAN;
	return model.fitted ? set_bar(records) : 0;
}

void fold_records_worth(double *mean, double *variance, const struct fold_records *records, size_t row)
{
	const struct fold_row *trial = &records->rows[row];
	if (fold_records_done(records, row) == 0 && isfinite(trial->forecast)) {
		const struct fold_evidence seen = {trial->forecast, trial->forecast_variance, 1};
		fold_model_weigh(mean, variance, &records->model, &seen);
		return;
	}
	fold_model_posterior(mean, variance, &records->model, fold_records_finals(records, row));
}
