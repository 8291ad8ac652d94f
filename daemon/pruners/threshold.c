/* Stops a trial whose newest value is NAN or outside fixed bounds. */
#include <errno.h>
#include <math.h>

#include "daemon/pruners/pruner_type.h"
#include "schema/base/memory.h"

struct threshold {
	double lower, upper; /* infinite where not given */
	int64_t warmup_steps, interval_steps;
};

static int threshold_create(
        void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	(void)spec;
	double lower = method_number(method, "lower"), upper = method_number(method, "upper");
	if (isnan(lower) && isnan(upper))
		return error_set(error, -EINVAL, "the threshold pruner needs a lower or an upper bound");
	if (lower > upper)
		return error_set(error, -EINVAL, "the lower bound must not be above the upper one");
	struct threshold *threshold = memory_alloc(1, sizeof *threshold);
	if (!threshold)
		return error_no_memory(error);
	threshold->lower = isnan(lower) ? -(double)INFINITY : lower;
	threshold->upper = isnan(upper) ? (double)INFINITY : upper;
	threshold->warmup_steps = (int64_t)method_number(method, "n_warmup_steps");
	threshold->interval_steps = (int64_t)method_number(method, "interval_steps");
	*state = threshold;
	return 0;
}

static int threshold_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	const struct threshold *threshold = state;
	if (verdict->step < threshold->warmup_steps ||
	        !curve_opens_interval(&curves->rows[row], threshold->warmup_steps, threshold->interval_steps))
		return 0;
	if (verdict->value < threshold->lower)
		verdict->threshold = threshold->lower;
	else if (verdict->value > threshold->upper)
		verdict->threshold = threshold->upper;
	verdict->prune = isnan(verdict->value) || !isnan(verdict->threshold);
	return 0;
}

const struct pruner_type threshold_pruner = {
        .name = "threshold",
        .create = threshold_create,
        .destroy = memory_free,
        .judge = threshold_judge,
};
