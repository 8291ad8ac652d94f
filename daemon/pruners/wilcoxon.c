/* Stops a trial that a signed-rank test finds worse than the best one on the instances (steps) both
 * have seen, as Optuna's WilcoxonPruner: steps are instance ids in any order. Never when the
 * trial's mean is not worse than the best trial's. */
#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/pruners/pruner_type.h"
#include "daemon/pruners/signed_rank.h"
#include "schema/base/memory.h"

struct wilcoxon {
	double p_threshold;
	size_t startup_steps;
};

static int wilcoxon_create(
        void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	(void)spec;
	struct wilcoxon *wilcoxon = memory_alloc(1, sizeof *wilcoxon);
	if (!wilcoxon)
		return error_no_memory(error);
	wilcoxon->p_threshold = method_number(method, "p_threshold");
	wilcoxon->startup_steps = (size_t)method_number(method, "n_startup_steps");
	*state = wilcoxon;
	return 0;
}

/* Mean of a curve; NAN when there is none or some value is not finite. */
static double mean(const struct trial_curve *curve)
{
	double sum = 0;
	for (size_t i = 0; i < curve->count; i++) {
		if (!isfinite(curve->values[i]))
			return (double)NAN;
		sum += curve->values[i];
	}
	return sum / (double)curve->count;
}

/* By how much `curve` is worse than `best` on each common step: into `out`; returns how many. */
static size_t list_differences(
        double *out, const struct trial_curve *curve, const struct trial_curve *best, double sign)
{
	size_t count = 0;
	for (size_t i = 0, j = 0; i < curve->count && j < best->count;) {
		if (curve->steps[i] == best->steps[j])
			out[count++] = sign * (curve->values[i++] - best->values[j++]);
		else if (curve->steps[i] < best->steps[j])
			i++;
		else
			j++;
	}
	return count;
}

static int wilcoxon_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	const struct wilcoxon *wilcoxon = state;
	if (curves->best_row == CURVES_NONE)
		return 0;
	assert(curves->best_row < curves->count);
	const struct trial_curve *curve = &curves->rows[row], *best = &curves->rows[curves->best_row];
	double own_mean = mean(curve), best_mean = mean(best);
	if (isnan(own_mean) || isnan(best_mean) || !curves_better(curves, best_mean, own_mean))
		return 0;
	double *differences = memory_alloc(curve->count, sizeof *differences);
	if (!differences)
		return -ENOMEM;
	double p = 1, sign = curves->direction == MAXIMIZE ? -1 : 1;
	size_t count = list_differences(differences, curve, best, sign);
	size_t needed = wilcoxon->startup_steps > 2 ? wilcoxon->startup_steps : 2;
	int rc = count >= needed ? signed_rank_p_value(&p, differences, count) : 0;
	memory_free(differences);
	if (rc)
		return rc;
	verdict->value = p;
	verdict->threshold = wilcoxon->p_threshold;
	verdict->prune = count >= needed && p < wilcoxon->p_threshold;
	return 0;
}

const struct pruner_type wilcoxon_pruner = {
        .name = "wilcoxon",
        .create = wilcoxon_create,
        .destroy = memory_free,
        .judge = wilcoxon_judge,
};
