#include "daemon/pruners/pruner.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static const struct pruner_type *const pruner_types[] = {
        &median_pruner,
        &percentile_pruner,
        &successive_halving_pruner,
        &hyperband_pruner,
        &patient_pruner,
        &threshold_pruner,
        &wilcoxon_pruner,
        &wandb_hyperband_pruner,
        &auto_pruner,
};

static const struct pruner_type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof pruner_types / sizeof *pruner_types; i++)
		if (strcmp(pruner_types[i]->name, name) == 0)
			return pruner_types[i];
	return NULL;
}

int pruner_init(struct pruner *pruner, const struct method *method, const struct study_spec *spec, struct error *error)
{
	*pruner = (struct pruner){0};
	if (strcmp(method->info->name, "none") == 0)
		return 0;
	const struct pruner_type *type = find_type(method->info->name);
	if (!type)
		return error_set(error, -EINVAL, "this version has no pruner \"%s\" yet", method->info->name);
	pruner->type = type;
	return type->create(&pruner->state, method, spec, error);
}

void pruner_finish(struct pruner *pruner)
{
	if (pruner->type)
		pruner->type->destroy(pruner->state);
	*pruner = (struct pruner){0};
}

int pruner_judge(struct verdict *verdict, struct pruner *pruner, const struct curves *curves, size_t row)
{
	const struct trial_curve *curve = &curves->rows[row];
	assert(row < curves->count && curve->count > 0);
	*verdict = verdict_none(curve->steps[curve->count - 1], curve->values[curve->count - 1]);
	if (!pruner->type)
		return 0;
	verdict->pruner = pruner->type->name;
	return pruner->type->judge(pruner->state, curves, row, verdict);
}
