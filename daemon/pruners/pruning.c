#include "daemon/pruners/pruning.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/pruners/pruner.h"
#include "schema/base/memory.h"

struct pruning {
	struct curves curves;
	size_t pruner_count;
	struct pruner *pruners; /* (pruner_count) asked in turn */
};

int pruning_create(struct pruning **out, const struct study_spec *spec, struct error *error)
{
	struct pruning *pruning = memory_alloc(1, sizeof *pruning);
	if (!pruning)
		return error_no_memory(error);
	curves_init(&pruning->curves, spec->prune_direction);
	pruning->pruners = memory_alloc(spec->pruner_count + 1, sizeof *pruning->pruners);
	int rc = pruning->pruners ? 0 : error_no_memory(error);
	while (!rc && pruning->pruner_count < spec->pruner_count) {
		size_t i = pruning->pruner_count++;
		rc = pruner_init(&pruning->pruners[i], &spec->pruners[i], spec, error);
	}
	if (rc) {
		pruning_destroy(pruning);
		return rc;
	}
	*out = pruning;
	return 0;
}

void pruning_destroy(struct pruning *pruning)
{
	if (!pruning)
		return;
	for (size_t i = 0; i < pruning->pruner_count; i++)
		pruner_finish(&pruning->pruners[i]);
	memory_free(pruning->pruners);
	curves_finish(&pruning->curves);
	memory_free(pruning);
}

int pruning_start(struct pruning *pruning, int64_t number)
{
	return curves_add(&pruning->curves, number);
}

static int judge(struct pruning *pruning, size_t row, struct verdict *verdict)
{
	*verdict = (struct verdict){.rung = -1, .value = (double)NAN, .threshold = (double)NAN};
	for (size_t i = 0; i < pruning->pruner_count && !verdict->prune; i++) {
		int rc = pruner_judge(verdict, &pruning->pruners[i], &pruning->curves, row);
		if (rc)
			return rc;
	}
	return 0;
}

int pruning_report(struct verdict *verdict, struct pruning *pruning, int64_t number, int64_t step, double value)
{
	bool news;
	size_t row = curves_find(&pruning->curves, number);
	if (row == CURVES_NONE) {
		if (curves_add(&pruning->curves, number) != 0)
			return -ENOMEM;
		row = curves_find(&pruning->curves, number);
		assert(row != CURVES_NONE);
	}
	struct trial_curve *curve = &pruning->curves.rows[row];
	if (curves_put(&news, &pruning->curves, row, step, value) != 0)
		return -ENOMEM;
	if (news && judge(pruning, row, &curve->verdict) != 0)
		return -ENOMEM;
	*verdict = curve->verdict;
	return 0;
}

void pruning_finish(struct pruning *pruning, int64_t number, enum trial_state state, double value)
{
	size_t row = curves_find(&pruning->curves, number);
	if (row != CURVES_NONE)
		curves_end(&pruning->curves, row, state, value);
}

const struct bracket_rule *pruning_rule(const struct pruning *pruning)
{
	for (size_t i = 0; i < pruning->pruner_count; i++) {
		const struct pruner *pruner = &pruning->pruners[i];
		if (pruner->type && pruner->type->rule)
			return pruner->type->rule(pruner->state);
	}
	return NULL;
}
