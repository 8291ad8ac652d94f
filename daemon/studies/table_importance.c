/* The façade's judgement of parameters. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/importance.h"
#include "daemon/studies/table.h"

static int find_objective(size_t *out, const struct study_spec *spec, const char *metric, struct error *error)
{
	*out = spec->objective_count == 1 ? 0 : OBJECTIVE_ALL;
	for (size_t k = 0; metric && k < spec->objective_count; k++)
		if (strcmp(spec->objectives[k].name, metric) == 0) {
			*out = k;
			return 0;
		}
	return metric ? error_set(error, STUDIES_BAD_REQUEST, "The study %s has no objective %s.", spec->name, metric)
	              : 0;
}

static int compare_shares(const void *left, const void *right)
{
	const struct parameter_share *a = left, *b = right;
	double x = isnan(a->share) ? -1 : a->share, y = isnan(b->share) ? -1 : b->share;
	return x != y ? (x < y) - (x > y) : strcmp(a->name, b->name);
}

static int judge(struct importance_summary *out, const struct study *study, const struct importance_question *question,
        struct arena *arena)
{
	const struct space *space = study->spec->space;
	struct parameter_share *shares = arena_alloc(arena, (space->count + 1) * sizeof *shares);
	double *values = arena_alloc(arena, (space->count + 1) * sizeof *values);
	if (!shares || !values)
		return -ENOMEM;
	int rc = importance_judge(values, &out->trial_count, study->history, question);
	for (size_t p = 0; p < space->count && rc == 0; p++)
		shares[p] = (struct parameter_share){space->params[p].name, values[p]};
	if (rc == 0)
		qsort(shares, space->count, sizeof *shares, compare_shares);
	out->shares = shares;
	out->count = space->count;
	return rc;
}

int study_table_importance(struct study_table *table, const struct importance_request *request,
        struct importance_summary *out, struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	struct importance_question question = {.type = importance_find(request->method), .seed = study->seed};
	if (!question.type)
		return error_set(
		        error, STUDIES_BAD_REQUEST, "There is no method %s to judge parameters by.", request->method);
	int rc = find_objective(&question.objective, study->spec, request->metric, error);
	if (rc != 0)
		return rc;
	bool front = question.objective == OBJECTIVE_ALL;
	struct importance_summary summary = {.metric = front ? "" : study->spec->objectives[question.objective].name};
	rc = judge(&summary, study, &question, arena);
	if (rc == -EINVAL)
		return error_set(error, STUDIES_BAD_REQUEST, "With several objectives, %s needs the name of one.",
		        request->method);
	if (rc < 0)
		return error_set(error, rc, "There is not enough memory.");
	*out = summary;
	return 0;
}
