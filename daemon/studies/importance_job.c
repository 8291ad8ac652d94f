#include "daemon/studies/importance_job.h"

#include <errno.h>

#include "daemon/studies/job.h"
#include "daemon/studies/search.h"
#include "schema/base/memory.h"

struct importance_job {
	struct study_job job;
	struct study_table *table; /* borrowed; outlives its jobs */
	struct search *search;     /* a claim: the spec */
	struct history *history;   /* a copy */
	struct importance_question question;
	bool under_way, unwanted; /* unwanted: its owner is gone */
	int outcome;
	size_t trial_count;
	double shares[]; /* (space count) */
};

static void destroy(struct importance_job *importance)
{
	history_destroy(importance->history);
	search_release(importance->search);
	memory_free(importance);
}

void study_importance_job_destroy(struct importance_job *importance)
{
	if (!importance)
		return;
	if (importance->under_way)
		importance->unwanted = true;
	else
		destroy(importance);
}

static void run(struct study_job *job)
{
	struct importance_job *importance = (struct importance_job *)(void *)job;
	importance->outcome = importance_judge(
	        importance->shares, &importance->trial_count, importance->history, &importance->question);
}

static int settle(struct study_job *job)
{
	struct importance_job *importance = (struct importance_job *)(void *)job;
	importance->under_way = false;
	importance->table->judging = NULL;
	if (importance->unwanted)
		destroy(importance);
	return 0;
}

int importance_job_begin(struct importance_job **out, struct study_table *table, const struct study *study,
        const struct importance_question *question)
{
	size_t count = study->spec->space->count;
	struct importance_job *importance = memory_alloc(1, sizeof *importance + count * sizeof *importance->shares);
	if (!importance)
		return -ENOMEM;
	importance->job = (struct study_job){.is_long = true, .run = run, .settle = settle};
	importance->table = table;
	importance->search = search_claim(study->choice.search);
	importance->question = *question;
	importance->outcome = -ECANCELED;
	int rc = history_copy(&importance->history, study->choice.search->history);
	if (rc == 0)
		rc = table->options.work(table->options.context, &importance->job);
	if (rc < 0) {
		destroy(importance);
		return rc;
	}
	importance->under_way = true;
	table->judging = importance;
	*out = importance;
	return 0;
}

int importance_job_outcome(const struct importance_job *importance)
{
	return importance->under_way ? STUDIES_LATER : importance->outcome;
}

const double *importance_job_shares(
        const struct importance_job *importance, const struct space **space, size_t *trial_count)
{
	*space = importance->search->spec->space;
	*trial_count = importance->trial_count;
	return importance->shares;
}
