/* Asynchronous successive halving: Li et al. 2018, "A System for Massively Parallel Hyperparameter
 * Tuning". As in Optuna a trial that is not among the best at a rung is stopped for good instead of
 * waiting for promotion. */
#include <errno.h>
#include <math.h>

#include "daemon/pruners/pruner_type.h"
#include "daemon/pruners/rungs.h"
#include "schema/base/memory.h"

static int halving_create(void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	(void)spec;
	double min_resource = method_number(method, "min_resource");
	double bootstrap = method_number(method, "bootstrap_count");
	if (isnan(min_resource) && bootstrap > 0)
		return error_set(error, -EINVAL, "bootstrap_count needs a min_resource that is given as a number");
	struct rungs *rungs = memory_alloc(1, sizeof *rungs);
	if (!rungs)
		return error_no_memory(error);
	rungs->min_resource = isnan(min_resource) ? 0 : (int64_t)min_resource;
	rungs->reduction_factor = (int64_t)method_number(method, "reduction_factor");
	rungs->early_stopping_rate = (int64_t)method_number(method, "min_early_stopping_rate");
	rungs->bootstrap_count = (size_t)bootstrap;
	*state = rungs;
	return 0;
}

static void halving_destroy(void *state)
{
	if (state)
		rungs_finish(state);
	memory_free(state);
}

static int halving_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	struct rungs *rungs = state;
	if (rungs->min_resource == 0) {
		if (curves->longest_complete < 0)
			return 0;
		rungs->min_resource = curves->longest_complete >= 200 ? curves->longest_complete / 100 : 1;
	}
	return rungs_climb(rungs, curves, row, verdict);
}

const struct pruner_type successive_halving_pruner = {
        .name = "successive_halving",
        .create = halving_create,
        .destroy = halving_destroy,
        .judge = halving_judge,
};
