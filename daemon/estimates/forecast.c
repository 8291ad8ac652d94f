#include "daemon/estimates/forecast.h"

#include <errno.h>
#include <stdbool.h>

#include "schema/base/memory.h"

#define RIDGE 2.0 /* points that say that the slope is 1 */

/* Squares and products around the means of the folds, over all folds. */
struct within {
	double squares, products, count;
	double raw; /* squares around zero */
};

static void add(struct forecast_fold *fold, const struct forecast_point *point, double sign)
{
	fold->count += sign;
	fold->early += sign * point->early;
	fold->final += sign * point->final;
	fold->early_squares += sign * point->early * point->early;
	fold->products += sign * point->early * point->final;
}

static void add_within(struct within *within, const struct forecast_fold *fold, double sign)
{
	if (fold->count < 1)
		return;
	within->squares += sign * (fold->early_squares - fold->early * fold->early / fold->count);
	within->products += sign * (fold->products - fold->early * fold->final / fold->count);
	within->count += sign * fold->count;
	within->raw += sign * fold->early_squares;
}

static double slope_of(const struct within *within)
{
	double ridge = within->count > 0 ? RIDGE * within->squares / within->count : 0;
	bool alike = !(within->squares > 1e-12 * within->raw); /* what is left after rounding says nothing */
	return !alike ? (within->products + ridge) / (within->squares + ridge) : 1;
}

static double final_of(const struct forecast_fold *fold, double slope, double early)
{
	return fold->final / fold->count + slope * (early - fold->early / fold->count);
}

/* Takes the points [first, last) of one trial out of the sums, or puts them back. */
static void leave(struct forecast *forecast, struct within *within, const struct forecast_point *first,
        const struct forecast_point *last, double sign)
{
	for (const struct forecast_point *point = first; point < last; point++) {
		struct forecast_fold *fold = &forecast->folds[point->fold];
		add_within(within, fold, -1);
		add(fold, point, sign);
		add_within(within, fold, 1);
	}
}

/* The squared errors of one trial's forecasts without it. */
static double miss(struct forecast *forecast, struct within within, const struct forecast_point *first,
        const struct forecast_point *last)
{
	double squares = 0;
	leave(forecast, &within, first, last, -1);
	double slope = slope_of(&within);
	for (const struct forecast_point *point = first; point < last; point++) {
		const struct forecast_fold *fold = &forecast->folds[point->fold];
		double error = fold->count > 0 ? point->final - final_of(fold, slope, point->early) : 0;
		squares += error * error;
	}
	leave(forecast, &within, first, last, 1);
	return squares;
}

int forecast_fit(struct forecast *out, const struct forecast_point *points, size_t count, size_t fold_count)
{
	struct forecast forecast = {.folds = memory_alloc(fold_count, sizeof *forecast.folds)};
	struct within within = {0};
	if (!forecast.folds)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		add(&forecast.folds[points[i].fold], &points[i], 1);
	for (size_t fold = 0; fold < fold_count; fold++)
		add_within(&within, &forecast.folds[fold], 1);
	forecast.slope = slope_of(&within);
	for (size_t first = 0, last; first < count; first = last) {
		for (last = first + 1; last < count && points[last].trial == points[first].trial;)
			last++;
		forecast.variance += miss(&forecast, within, points + first, points + last) / (double)count;
	}
	*out = forecast;
	return 0;
}

void forecast_finish(struct forecast *forecast)
{
	memory_free(forecast->folds);
	*forecast = (struct forecast){0};
}

double forecast_final(const struct forecast *forecast, size_t fold, double early)
{
	return final_of(&forecast->folds[fold], forecast->slope, early);
}
