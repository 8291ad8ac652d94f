/* Early termination as W&B's sweeps do it since February 2023. A band is a number of reports,
 * counted from 1: `min_iter: 3` judges the third. A running trial that has made so many is compared
 * with the values that all trials had there, and stopped when it is not among the best 1 / eta. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/pruners/pruner_type.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

#define BANDS_AT_MOST 100

struct band {
	size_t place; /* the report that counts, from 1 */
	size_t count, capacity;
	double *losses; /* (count) rising */
};

struct wandb_hyperband {
	double pass_share; /* 1 / eta */
	bool strict;       /* judge by the value at the band, not by the best so far */
	size_t band_count;
	struct band bands[BANDS_AT_MOST]; /* rising */
	size_t row_count;
	size_t *entered; /* (row_count) bands that hold the loss of the trial in a row */
};

static void wandb_destroy(void *state)
{
	struct wandb_hyperband *wandb = state;
	if (!wandb)
		return;
	for (size_t i = 0; i < wandb->band_count; i++)
		memory_free(wandb->bands[i].losses);
	memory_free(wandb->entered);
	memory_free(wandb);
}

/* min, min·eta, min·eta² …, truncated. */
static void set_bands_upwards(struct wandb_hyperband *wandb, double min_iter, double eta)
{
	for (double place = min_iter; wandb->band_count < BANDS_AT_MOST && place < 1e15; place *= eta)
		wandb->bands[wandb->band_count++].place = (size_t)place;
}

/* The `s` values max/eta, max/eta² … that are at least 1, truncated, smallest first. */
static void set_bands_downwards(struct wandb_hyperband *wandb, double max_iter, double eta, double s)
{
	double places[BANDS_AT_MOST], place = max_iter / eta;
	size_t count = 0;
	for (; (double)count < s && count < BANDS_AT_MOST && place >= 1; place /= eta)
		places[count++] = place;
	while (count > 0)
		wandb->bands[wandb->band_count++].place = (size_t)places[--count];
}

static int wandb_create(void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	(void)spec;
	double min_iter = method_number(method, "min_iter"), max_iter = method_number(method, "max_iter");
	double eta = method_number(method, "eta"), s = method_number(method, "s");
	struct wandb_hyperband *wandb = memory_alloc(1, sizeof *wandb);
	if (!wandb)
		return error_no_memory(error);
	wandb->pass_share = 1 / eta;
	wandb->strict = method_flag(method, "strict");
	if (!isnan(max_iter) && !isnan(s))
		set_bands_downwards(wandb, max_iter, eta, s);
	else if (!isnan(min_iter))
		set_bands_upwards(wandb, min_iter, eta);
	if (wandb->band_count == 0) {
		wandb_destroy(wandb);
		return error_set(
		        error, -EINVAL, "early termination needs min_iter, or max_iter and s with max_iter >= eta");
	}
	*state = wandb;
	return 0;
}

static size_t lower_loss(const struct band *band, double loss)
{
	size_t low = 0, high = band->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (band->losses[middle] < loss)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int add_loss(struct band *band, double loss)
{
	if (array_reserve(band->losses, &band->capacity, band->count + 1) < 0)
		return -ENOMEM;
	size_t at = lower_loss(band, loss);
	memmove(band->losses + at + 1, band->losses + at, (band->count - at) * sizeof loss);
	band->losses[at] = loss;
	band->count++;
	return 0;
}

static int reserve_row(struct wandb_hyperband *wandb, size_t row)
{
	const size_t before = wandb->row_count;
	if (array_reserve(wandb->entered, &wandb->row_count, row + 1) < 0)
		return -ENOMEM;
	for (size_t i = before; i < wandb->row_count; i++)
		wandb->entered[i] = 0;
	return 0;
}

/* The `place`-th value that is a number (from 1), as a loss; false when there are not so many. */
static bool find_loss(double *loss, const struct curves *curves, const struct trial_curve *curve, size_t place)
{
	for (size_t i = 0; i < curve->count; i++) {
		if (isnan(curve->values[i]) || --place > 0)
			continue;
		*loss = curves->direction == MAXIMIZE ? -curve->values[i] : curve->values[i];
		return true;
	}
	return false;
}

static int wandb_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	struct wandb_hyperband *wandb = state;
	const struct trial_curve *curve = &curves->rows[row];
	double sign = curves->direction == MAXIMIZE ? -1 : 1;
	if (reserve_row(wandb, row) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < wandb->band_count; i++) {
		struct band *band = &wandb->bands[i];
		double loss;
		if (!find_loss(&loss, curves, curve, band->place))
			break;
		if (i >= wandb->entered[row]) {
			if (add_loss(band, loss) != 0)
				return -ENOMEM;
			wandb->entered[row] = i + 1;
		}
		assert(band->count > 0);
		double threshold = band->losses[(size_t)(wandb->pass_share * (double)band->count)];
		double judged = wandb->strict ? loss : sign * curve->best;
		verdict->rung = (int64_t)i;
		verdict->value = sign * judged;
		verdict->threshold = sign * threshold;
		verdict->prune = judged > threshold;
	}
	return 0;
}

const struct pruner_type wandb_hyperband_pruner = {
        .name = "wandb_hyperband",
        .create = wandb_create,
        .destroy = wandb_destroy,
        .judge = wandb_judge,
};
