/* The median stopping rule, with any percentile: Golovin et al. 2017, "Google Vizier: A Service for
 * Black-Box Optimization", section 3.2; as in Optuna the trial's best value so far is compared with
 * what complete trials had at exactly that step. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/pruners/pruner_type.h"
#include "schema/base/memory.h"

struct percentile {
	double percentile;
	size_t startup_trials, min_trials;
	int64_t warmup_steps, interval_steps;
};

static int percentile_create(
        void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	(void)spec;
	struct percentile *percentile = memory_alloc(1, sizeof *percentile);
	if (!percentile)
		return error_no_memory(error);
	bool median = strcmp(method->info->name, "median") == 0;
	percentile->percentile = median ? 50 : method_number(method, "percentile");
	percentile->startup_trials = (size_t)method_number(method, "n_startup_trials");
	percentile->min_trials = (size_t)method_number(method, "n_min_trials");
	percentile->warmup_steps = (int64_t)method_number(method, "n_warmup_steps");
	percentile->interval_steps = (int64_t)method_number(method, "interval_steps");
	*state = percentile;
	return 0;
}

/* Linear between neighbours, rounded as numpy's percentile rounds. */
static double interpolate(const struct step_values *values, double percentile)
{
	assert(values->count > 0 && percentile >= 0 && percentile <= 100);
	double place = (double)(values->count - 1) * (percentile / 100);
	size_t below = (size_t)place;
	if (below + 1 >= values->count)
		return values->sorted[values->count - 1];
	double a = values->sorted[below], b = values->sorted[below + 1], t = place - (double)below;
	return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

static int percentile_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	const struct percentile *percentile = state;
	const struct trial_curve *curve = &curves->rows[row];
	if (curves->complete_count == 0 || curves->complete_count < percentile->startup_trials)
		return 0;
	if (verdict->step < percentile->warmup_steps ||
	        !curve_opens_interval(curve, percentile->warmup_steps, percentile->interval_steps))
		return 0;
	verdict->value = curve->best;
	verdict->prune = isnan(curve->best);
	const struct step_values *values = curves_at_step(curves, verdict->step);
	if (verdict->prune || !values || values->trial_count < percentile->min_trials || values->count == 0)
		return 0;
	bool maximize = curves->direction == MAXIMIZE;
	verdict->threshold = interpolate(values, maximize ? 100 - percentile->percentile : percentile->percentile);
	verdict->prune = maximize ? curve->best < verdict->threshold : curve->best > verdict->threshold;
	return 0;
}

const struct pruner_type median_pruner = {
        .name = "median",
        .create = percentile_create,
        .destroy = memory_free,
        .judge = percentile_judge,
};

const struct pruner_type percentile_pruner = {
        .name = "percentile",
        .create = percentile_create,
        .destroy = memory_free,
        .judge = percentile_judge,
};
