#include "daemon/studies/estimates_job.h"

#include <errno.h>

#include "daemon/studies/best_models.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/job.h"
#include "daemon/studies/known_estimates.h"
#include "daemon/studies/search.h"
#include "schema/base/memory.h"

#define FRESH_MS 2000 /* who asks again and again while trials end is told what was worked out so long ago */

struct estimates_job {
	struct study_job job;
	struct study_table *table; /* borrowed; outlives its jobs */
	struct search *search;     /* a claim: the spec */
	struct history *history;   /* a copy */
	struct known_estimates *known;
	int64_t study_id;
	int64_t defaults; /* their number, or -1 */
	int outcome;
};

static void destroy(struct estimates_job *judging)
{
	history_destroy(judging->history);
	search_release(judging->search);
	known_estimates_destroy(judging->known);
	memory_free(judging);
}

static void run(struct study_job *job)
{
	struct estimates_job *judging = (struct estimates_job *)(void *)job;
	judging->outcome = estimates_make(&judging->known->estimates, judging->history, &judging->defaults);
}

static void keep(struct study *study, struct estimates_job *judging)
{
	judging->known->exist = judging->outcome == 0;
	judging->known->made = context_now(study->context);
	known_estimates_destroy(study->results.estimates);
	study->results.estimates = judging->known;
	judging->known = NULL;
	best_models_forget(&study->results.models);
}

/* One that never ran leaves nothing; without memory there are no estimates until more trials are
 * complete. */
static int settle(struct study_job *job)
{
	struct estimates_job *judging = (struct estimates_job *)(void *)job;
	struct study_table *table = judging->table;
	struct study *study = directory_study_by_id(table->live, judging->study_id);
	if (table->estimating == judging)
		table->estimating = NULL;
	if (study && judging->outcome != -ECANCELED)
		keep(study, judging);
	destroy(judging);
	return 0;
}

static int create(struct estimates_job **out, struct study_table *table, const struct study *study)
{
	struct estimates_job *judging = memory_alloc(1, sizeof *judging);
	if (!judging)
		return -ENOMEM;
	judging->job = (struct study_job){.is_long = true, .run = run, .settle = settle};
	judging->table = table;
	judging->search = search_claim(study->choice.search);
	judging->study_id = study->id;
	judging->defaults = study->results.defaults ? study->results.defaults->record.number : -1;
	judging->outcome = -ECANCELED;
	judging->known = memory_alloc(1, sizeof *judging->known);
	int rc = judging->known ? history_copy(&judging->history, study->choice.search->history) : -ENOMEM;
	if (rc < 0) {
		destroy(judging);
		return rc;
	}
	judging->known->complete_count = study->counts[TRIAL_COMPLETE];
	judging->known->moment = study->moment;
	*out = judging;
	return 0;
}

/* Whoever would not take the job leaves it to us. */
static int begin(struct study_table *table, const struct study *study, bool asked_for)
{
	struct estimates_job *judging;
	int rc = create(&judging, table, study);
	if (rc < 0)
		return rc;
	judging->known->asked_for = asked_for;
	table->estimating = judging;
	if (table->options.work && table->options.work(table->options.context, &judging->job) == 0)
		return STUDIES_LATER;
	run(&judging->job);
	rc = judging->outcome;
	settle(&judging->job);
	return rc == -ENOMEM ? rc : 0;
}

static bool is_fresh(const struct study *study)
{
	const struct known_estimates *known = study->results.estimates;
	if (!known)
		return false;
	bool will_do = known->asked_for && !nothing_more_comes(study);
	return known->complete_count == study->counts[TRIAL_COMPLETE] ||
	       (will_do && context_now(study->context).ms < known->made.ms + FRESH_MS);
}

int estimates_now(const struct estimates **out, struct study_table *table, struct study *study)
{
	*out = NULL;
	if (!estimates_decide(study))
		return 0;
	int rc = is_fresh(study) ? 0 : table->estimating ? STUDIES_LATER : begin(table, study, true);
	if (rc == 0)
		*out = known_estimates_of(study);
	return rc;
}

/* Complete trials that are not among those that the estimates rest on, where these say whose models
 * stay. */
static int64_t count_new(const struct study *study)
{
	const struct known_estimates *known = study->results.estimates;
	bool matters = study->results.models.wanted > 0 && estimates_decide(study);
	return matters ? study->counts[TRIAL_COMPLETE] - (known ? known->complete_count : 0) : 0;
}

int estimates_prepare(struct study_table *table, const struct study *study)
{
	if (table->estimating || count_new(study) <= (int64_t)study->results.models.wanted)
		return 0;
	int rc = begin(table, study, false);
	return rc == STUDIES_LATER ? 0 : rc;
}

int estimates_finally(struct study_table *table, const struct study *study)
{
	if (!nothing_more_comes(study) || count_new(study) == 0)
		return 0;
	return table->estimating ? STUDIES_LATER : begin(table, study, false);
}
