#include "daemon/samplers/importance/importance.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/importance/importance_type.h"
#include "schema/base/memory.h"

static const struct importance_type *const types[] = {&ped_anova, &fanova};

const struct importance_type *importance_find(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	return NULL;
}

static bool is_evidence(const struct history *history, size_t row, size_t objective)
{
	bool finite = history->states[row] == TRIAL_COMPLETE;
	for (size_t k = 0; k < history->objective_count && finite; k++)
		finite = (objective != OBJECTIVE_ALL && objective != k) ||
		         isfinite(history->losses[row * history->objective_count + k]);
	return finite;
}

/* Zero for the parameters that can be judged, NAN for the rest. */
static void mark_judged(double *shares, const struct evidence *evidence, bool everywhere)
{
	for (size_t p = 0; p < evidence->history->space->count; p++) {
		size_t active = 0;
		for (size_t i = 0; i < evidence->count; i++)
			if (!isnan(history_point(evidence->history, evidence->rows[i])[p]))
				active++;
		shares[p] = active > 0 && (!everywhere || active == evidence->count) ? 0 : (double)NAN;
	}
}

static void make_shares(double *weights, size_t count)
{
	double sum = 0, judged = 0;
	for (size_t p = 0; p < count; p++)
		if (!isnan(weights[p])) {
			sum += weights[p];
			judged++;
		}
	for (size_t p = 0; p < count; p++)
		if (!isnan(weights[p]))
			weights[p] = sum > 0 ? weights[p] / sum : 1 / judged;
}

int importance_judge(
        double *shares, size_t *trial_count, const struct history *history, const struct importance_question *question)
{
	const struct importance_type *type = question->type;
	size_t objective = history->objective_count == 1 ? 0 : question->objective;
	assert(objective == OBJECTIVE_ALL || objective < history->objective_count);
	if (objective == OBJECTIVE_ALL && !type->several)
		return -EINVAL;
	size_t *rows = memory_alloc(history->count + 1, sizeof *rows);
	if (!rows)
		return -ENOMEM;
	struct evidence evidence = {history, objective, 0, rows, question->seed};
	for (size_t row = 0; row < history->count; row++)
		if (is_evidence(history, row, objective))
			rows[evidence.count++] = row;
	mark_judged(shares, &evidence, type->everywhere);
	int rc = evidence.count >= 2 ? type->weigh(shares, &evidence) : 0;
	make_shares(shares, history->space->count);
	if (!rc)
		*trial_count = evidence.count;
	memory_free(rows);
	return rc;
}
