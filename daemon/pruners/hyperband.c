/* Hyperband: Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar 2018, "Hyperband: A Novel Bandit-Based
 * Approach to Hyperparameter Optimization"; as in Optuna each bracket is asynchronous successive
 * halving of its own, and a trial's bracket follows from the study's name and the trial's number
 * alone. */
#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/pruners/bracket_rule.h"
#include "daemon/pruners/pruner_type.h"
#include "daemon/pruners/rungs.h"
#include "schema/base/memory.h"

struct hyperband {
	char *study_name;
	int64_t min_resource, max_resource; /* max 0 = not known yet */
	int64_t reduction_factor;
	size_t bootstrap_count;
	struct bracket_rule rule; /* which trial is in which bracket */
	struct rungs brackets[BRACKETS_AT_MOST];
};

static void set_brackets(struct hyperband *hyperband)
{
	bracket_rule_set(
	        &hyperband->rule, hyperband->min_resource, hyperband->max_resource, hyperband->reduction_factor);
	for (size_t i = 0; i < hyperband->rule.count; i++) {
		hyperband->brackets[i].min_resource = hyperband->min_resource;
		hyperband->brackets[i].reduction_factor = hyperband->reduction_factor;
		hyperband->brackets[i].early_stopping_rate = (int64_t)i;
		hyperband->brackets[i].bootstrap_count = hyperband->bootstrap_count;
	}
}

static void hyperband_destroy(void *state)
{
	struct hyperband *hyperband = state;
	if (!hyperband)
		return;
	for (size_t i = 0; i < hyperband->rule.count; i++)
		rungs_finish(&hyperband->brackets[i]);
	memory_free(hyperband->study_name);
	memory_free(hyperband);
}

static int hyperband_create(
        void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	double min = method_number(method, "min_resource"), max = method_number(method, "max_resource");
	double bootstrap = method_number(method, "bootstrap_count");
	if (isnan(max) && bootstrap > 0)
		return error_set(error, -EINVAL, "bootstrap_count needs a max_resource that is given as a number");
	if (max < min)
		return error_set(error, -EINVAL, "max_resource must not be below min_resource");
	struct hyperband *hyperband = memory_alloc(1, sizeof *hyperband);
	if (!hyperband)
		return error_no_memory(error);
	hyperband->study_name = memory_strdup(spec->name);
	if (!hyperband->study_name) {
		hyperband_destroy(hyperband);
		return error_no_memory(error);
	}
	hyperband->rule.study_name = hyperband->study_name;
	hyperband->min_resource = (int64_t)min;
	hyperband->reduction_factor = (int64_t)method_number(method, "reduction_factor");
	hyperband->bootstrap_count = (size_t)bootstrap;
	if (!isnan(max)) {
		hyperband->max_resource = (int64_t)max;
		set_brackets(hyperband);
	}
	*state = hyperband;
	return 0;
}

static const struct bracket_rule *hyperband_rule(const void *state)
{
	return &((const struct hyperband *)state)->rule;
}

static int hyperband_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	struct hyperband *hyperband = state;
	if (hyperband->rule.count == 0) {
		if (curves->longest_complete < 0)
			return 0;
		hyperband->max_resource = curves->longest_complete + 1;
		set_brackets(hyperband);
	}
	int bracket = bracket_rule_find(&hyperband->rule, curves->rows[row].number);
	assert(bracket >= 0 && (size_t)bracket < hyperband->rule.count);
	return rungs_climb(&hyperband->brackets[bracket], curves, row, verdict);
}

const struct pruner_type hyperband_pruner = {
        .name = "hyperband",
        .create = hyperband_create,
        .destroy = hyperband_destroy,
        .judge = hyperband_judge,
        .rule = hyperband_rule,
};
