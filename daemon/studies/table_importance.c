#include "daemon/studies/table_importance.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/studies/importance_job.h"
#include "daemon/studies/table.h"

static int find_objective(size_t *out, const struct study_spec *spec, const char *metric, struct error *error)
{
	*out = spec->objective_count == 1 ? 0 : OBJECTIVE_ALL;
	for (size_t k = 0; metric && k < spec->objective_count; k++)
		if (strcmp(spec->objectives[k].name, metric) == 0) {
			*out = k;
			return 0;
		}
	return metric ? error_set(error, STUDIES_BAD_REQUEST, "The study %s has no objective %s", spec->name, metric)
	              : 0;
}

static int compare_shares(const void *left, const void *right)
{
	const struct parameter_share *a = left, *b = right;
	double x = isnan(a->share) ? -1 : a->share, y = isnan(b->share) ? -1 : b->share;
	return x != y ? (x < y) - (x > y) : strcmp(a->name, b->name);
}

/* Puts the verdict into words. */
static int fill_shares(
        struct importance_answer *out, const double *values, const struct space *space, struct arena *arena)
{
	struct parameter_share *shares = arena_alloc(arena, (space->count + 1) * sizeof *shares);
	if (!shares)
		return -ENOMEM;
	for (size_t p = 0; p < space->count; p++)
		shares[p] = (struct parameter_share){space->params[p].name, values[p]};
	qsort(shares, space->count, sizeof *shares, compare_shares);
	out->parameters.items = shares;
	out->parameters.count = space->count;
	return 0;
}

static int judge_now(struct importance_answer *out, const struct study *study,
        const struct importance_question *question, struct arena *arena)
{
	const struct space *space = study->spec->space;
	double *values = arena_alloc(arena, (space->count + 1) * sizeof *values);
	if (!values)
		return -ENOMEM;
	size_t trial_count = 0;
	int rc = importance_judge(values, &trial_count, study->choice.search->history, question);
	out->trial_count = (int64_t)trial_count;
	return rc == 0 ? fill_shares(out, values, space, arena) : rc;
}

/* Begins an importance job where none was begun; its outcome. -EAGAIN when nobody takes the job. */
static int judge_elsewhere(struct importance_job **held, struct study_table *table, const struct study *study,
        const struct importance_question *question)
{
	if (*held && importance_job_outcome(*held) == -ECANCELED) {
		study_importance_job_destroy(*held);
		*held = NULL;
	}
	if (*held)
		return importance_job_outcome(*held);
	bool taken = table->judging || importance_job_begin(held, table, study, question) == 0;
	return taken ? STUDIES_LATER : -EAGAIN;
}

static int read_importance(struct importance_answer *out, const struct importance_job *importance, struct arena *arena)
{
	const struct space *space;
	size_t trial_count;
	const double *shares = importance_job_shares(importance, &space, &trial_count);
	out->trial_count = (int64_t)trial_count;
	return fill_shares(out, shares, space, arena);
}

static int judge(struct importance_answer *out, struct study_table *table, const struct importance_inquiry *inquiry,
        const struct importance_question *question, struct arena *arena)
{
	const struct study *study = table_find(table, inquiry->request->study, NULL);
	bool may_wait = inquiry->job && table->options.work;
	int rc = may_wait ? judge_elsewhere(inquiry->job, table, study, question) : -EAGAIN;
	if (rc == -EAGAIN)
		return judge_now(out, study, question, arena);
	return rc == 0 ? read_importance(out, *inquiry->job, arena) : rc;
}

int study_table_importance(struct importance_answer *out, struct study_table *table,
        const struct importance_inquiry *inquiry, struct arena *arena, struct error *error)
{
	const struct importance_request *request = inquiry->request;
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	struct importance_question question = {.type = importance_find(request->method), .seed = study->seed};
	if (!question.type)
		return error_set(
		        error, STUDIES_BAD_REQUEST, "There is no method %s to judge parameters by", request->method);
	if (study->spec->objective_count == 0)
		return error_set(error, STUDIES_BAD_REQUEST,
		        "The study %s has no metric, so nothing says which parameters matter", study->spec->name);
	int rc = find_objective(&question.objective, study->spec, request->metric, error);
	if (rc != 0)
		return rc;
	bool front = question.objective == OBJECTIVE_ALL;
	struct importance_answer answer = {
	        .method = request->method, .metric = front ? "" : study->spec->objectives[question.objective].name};
	rc = judge(&answer, table, inquiry, &question, arena);
	if (rc == -EINVAL)
		return error_set(error, STUDIES_BAD_REQUEST, "With several objectives, %s needs the name of one",
		        request->method);
	if (rc < 0)
		return error_no_memory(error);
	if (rc == 0)
		*out = answer;
	return rc;
}
