#include "daemon/studies/judgement.h"

#include <errno.h>

#include "daemon/studies/job.h"
#include "schema/base/memory.h"

struct judgement {
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

static void destroy(struct judgement *judgement)
{
	history_destroy(judgement->history);
	search_release(judgement->search);
	memory_free(judgement);
}

void study_judgement_destroy(struct judgement *judgement)
{
	if (!judgement)
		return;
	if (judgement->under_way)
		judgement->unwanted = true;
	else
		destroy(judgement);
}

static void run(struct study_job *job)
{
	struct judgement *judgement = (struct judgement *)(void *)job;
	judgement->outcome =
	        importance_judge(judgement->shares, &judgement->trial_count, judgement->history, &judgement->question);
}

static int settle(struct study_job *job)
{
	struct judgement *judgement = (struct judgement *)(void *)job;
	judgement->under_way = false;
	judgement->table->judging = NULL;
	if (judgement->unwanted)
		destroy(judgement);
	return 0;
}

int judgement_begin(struct judgement **out, struct study_table *table, const struct study *study,
        const struct importance_question *question)
{
	size_t count = study->spec->space->count;
	struct judgement *judgement = memory_alloc(1, sizeof *judgement + count * sizeof *judgement->shares);
	if (!judgement)
		return -ENOMEM;
	judgement->job = (struct study_job){.is_long = true, .run = run, .settle = settle};
	judgement->table = table;
	judgement->search = search_claim(study->search);
	judgement->question = *question;
	judgement->outcome = -ECANCELED;
	int rc = history_copy(&judgement->history, study->search->history);
	if (rc == 0)
		rc = table->options.work(table->options.context, &judgement->job);
	if (rc < 0) {
		destroy(judgement);
		return rc;
	}
	judgement->under_way = true;
	table->judging = judgement;
	*out = judgement;
	return 0;
}

int judgement_outcome(const struct judgement *judgement)
{
	return judgement->under_way ? STUDIES_LATER : judgement->outcome;
}

const double *judgement_shares(const struct judgement *judgement, const struct space **space, size_t *trial_count)
{
	*space = judgement->search->spec->space;
	*trial_count = judgement->trial_count;
	return judgement->shares;
}
