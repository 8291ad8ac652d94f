#include "daemon/pruners/auto_epochs.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/estimates/forecast.h"
#include "schema/base/memory.h"

enum { CURVES_LEAST = 10, TRIALS_MOST = 1000, BOX_LENGTHS = 3 };

/* Of many trials the newest are enough to compare with: a report is heard as fast after ten
 * thousand trials as after one. */
static size_t first_row(const struct fold_records *records)
{
	return records->count > TRIALS_MOST ? records->count - TRIALS_MOST : 0;
}

static const struct fold_record *record_of(const struct fold_records *records, const struct epochs *seen)
{
	return &records->rows[seen->row].folds[seen->fold];
}

/* The statistic that is a fold's result, up to and with a step that it has; else NAN. */
static double value_at(const struct fold_records *records, const struct fold_record *record, int64_t step, bool best)
{
	double value = fold_record_at(record, step);
	for (size_t i = 0; best && !isnan(value) && i < record->count && record->steps[i] < step; i++)
		if (records->maximize ? record->values[i] > value : record->values[i] < value)
			value = record->values[i];
	return value;
}

/* The curves of other trials that are known to their end, at that step. */
static size_t list_points(struct forecast_point *out, const struct fold_records *records, const struct epochs *seen)
{
	size_t count = 0;
	int64_t step = record_of(records, seen)->steps[seen->count - 1];
	for (size_t row = first_row(records); row < records->count; row++)
		for (size_t fold = 0; row != seen->row && fold < records->fold_count; fold++) {
			struct forecast_point point = {.trial = row, .fold = fold};
			point.final = fold_records_finals(records, row)[fold];
			if (!isfinite(point.final))
				continue;
			point.early = value_at(records, &records->rows[row].folds[fold], step, seen->best_counts);
			if (isfinite(point.early))
				out[count++] = point;
		}
	return count;
}

static size_t count_of(const struct forecast_point *points, size_t count, size_t fold)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += points[i].fold == fold;
	return found;
}

int epochs_forecast(struct fold_evidence *out, const struct fold_records *records, const struct epochs *seen)
{
	const struct fold_record *own = record_of(records, seen);
	assert(seen->count > 0 && seen->count <= own->count);
	double early = value_at(records, own, own->steps[seen->count - 1], seen->best_counts);
	struct forecast forecast;
	size_t most = (records->count - first_row(records)) * records->fold_count;
	struct forecast_point *points = memory_alloc(most, sizeof *points);
	if (!points)
		return -ENOMEM;
	size_t count = list_points(points, records, seen);
	bool enough = isfinite(early) && count_of(points, count, seen->fold) >= CURVES_LEAST;
	int rc = enough ? forecast_fit(&forecast, points, count, records->fold_count) : 1;
	memory_free(points);
	if (rc != 0)
		return rc;
	*out = (struct fold_evidence){
	        .value = forecast_final(&forecast, seen->fold, early) - records->model.effects[seen->fold],
	        .extra = forecast.variance,
	        .count = 1,
	};
	forecast_finish(&forecast);
	return 0;
}

bool epochs_are_a_look(const struct fold_records *records, const struct epochs *seen)
{
	size_t parts = records->fold_count > 1 ? 3 : 4, whole = records->epoch_count;
	if (seen->count < 2 || seen->count >= whole)
		return false;
	for (size_t part = 1; part < parts; part++)
		if (seen->count - 1 == (whole * part + parts - 1) / parts)
			return true;
	return false;
}

static int compare_numbers(const void *left, const void *right)
{
	const double *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static double quantile(const double *sorted, size_t count, double share)
{
	double place = (double)(count - 1) * share;
	size_t below = (size_t)place;
	double next = below + 1 < count ? sorted[below + 1] : sorted[below];
	return sorted[below] + (next - sorted[below]) * (place - (double)below);
}

/* Where values are outliers at the `count`-th report: on the bad side of the box. NAN without
 * enough others or memory. */
static double bound_at(const struct fold_records *records, const struct epochs *seen, double *scratch)
{
	size_t count = 0;
	int64_t step = record_of(records, seen)->steps[seen->count - 1];
	for (size_t row = first_row(records); row < records->count; row++) {
		double value = fold_record_at(&records->rows[row].folds[seen->fold], step);
		if (row != seen->row && records->rows[row].state != TRIAL_RUNNING && isfinite(value))
			scratch[count++] = value;
	}
	if (count < CURVES_LEAST)
		return (double)NAN;
	qsort(scratch, count, sizeof *scratch, compare_numbers);
	double low = quantile(scratch, count, 0.25), high = quantile(scratch, count, 0.75);
	if (!(high > low))
		return (double)NAN; /* a box without length does not say what is far */
	return records->maximize ? low - BOX_LENGTHS * (high - low) : high + BOX_LENGTHS * (high - low);
}

/* What is not worse than three quarters of the others is far from the bound, and is most common. */
static bool may_be_beyond(const struct fold_records *records, const struct epochs *seen)
{
	const struct fold_record *own = record_of(records, seen);
	double value = own->values[seen->count - 1];
	size_t worse = 0, count = 0, first = first_row(records);
	for (size_t row = first; row < records->count; row++) {
		const struct fold_record *other = &records->rows[row].folds[seen->fold];
		double theirs = fold_record_at(other, own->steps[seen->count - 1]);
		if (row == seen->row || records->rows[row].state == TRIAL_RUNNING || !isfinite(theirs))
			continue;
		worse += records->maximize ? theirs < value : theirs > value;
		count++;
		if (4 * worse > records->count - first)
			return false;
	}
	return 4 * worse <= count;
}

static bool is_beyond(double *bound, const struct fold_records *records, const struct epochs *seen, double *scratch)
{
	double value = record_of(records, seen)->values[seen->count - 1];
	*bound = bound_at(records, seen, scratch);
	return records->maximize ? value < *bound : value > *bound;
}

bool epochs_are_an_outlier(double *bound, const struct fold_records *records, const struct epochs *seen)
{
	size_t start = (records->epoch_count + 5) / 6;
	start = start < 2 ? 2 : start;
	if (seen->count < start + 1 || seen->count >= records->epoch_count || !may_be_beyond(records, seen))
		return false;
	double *scratch = memory_alloc(records->count - first_row(records), sizeof *scratch), before;
	if (!scratch)
		return false;
	struct epochs last_but_one = *seen;
	last_but_one.count--;
	bool beyond = is_beyond(&before, records, &last_but_one, scratch) && is_beyond(bound, records, seen, scratch);
	memory_free(scratch);
	return beyond;
}
