#include "daemon/studies/study.h"

#include <errno.h>
#include <math.h>

#include "daemon/studies/best_models.h"
#include "daemon/studies/context.h"
#include "daemon/studies/known_estimates.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/repeats.h"
#include "daemon/studies/search.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/workers.h"
#include "schema/base/memory.h"

static int build(struct study *study, struct study_spec *spec, struct error *error)
{
	int rc = pruning_create(&study->pruning, spec, error);
	if (rc == 0)
		pruning_set_seed(study->pruning, study->seed);
	if (rc == 0)
		rc = search_create(&study->choice.search, spec, study->seed, error);
	if (rc == 0)
		search_part(study->choice.search, pruning_rule(study->pruning));
	return rc == -EINVAL ? STUDIES_SPEC_WRONG : rc;
}

int study_create(
        struct study **out, struct context *context, struct study_spec *spec, uint64_t seed, struct error *error)
{
	struct study *study = memory_alloc(1, sizeof *study);
	if (!study)
		return error_no_memory(error);
	study->context = context;
	study->seed = seed;
	study->results.value_low = INFINITY;
	study->results.value_high = -INFINITY;
	study->time.from = context_now(context);
	list_init(&study->queues.waiting);
	list_init(&study->queues.running);
	list_init(&study->queues.ready);
	int rc = best_models_init(&study->results.models, spec) < 0 ? error_no_memory(error) : 0;
	if (rc == 0)
		rc = build(study, spec, error);
	if (rc != 0) {
		study_destroy(study);
		return rc;
	}
	study->spec = spec;
	*out = study;
	return 0;
}

void study_destroy(struct study *study)
{
	if (!study)
		return;
	for (size_t i = 0; i < study->trials.count; i++)
		trial_destroy(study->trials.entries[i].item);
	index_finish(&study->trials);
	workers_finish(&study->workers);
	known_estimates_destroy(study->results.estimates);
	best_models_finish(&study->results.models);
	suggestion_leave(study);
	pruning_destroy(study->pruning);
	search_release(study->choice.search);
	memory_free(study);
}

double study_running_s(const struct study *study)
{
	if (study->state != STUDY_RUNNING)
		return study->time.spent_s;
	return study->time.spent_s + (double)(context_now(study->context).ms - study->time.from.ms) / 1000;
}

/* Trials that other programs or another study ran are no part of the budget. */
static int64_t own_count(const struct study *study, enum trial_state state)
{
	return study->counts[state] - study->foreign_counts[state];
}

int64_t study_done_count(const struct study *study)
{
	int64_t done = own_count(study, TRIAL_COMPLETE) + own_count(study, TRIAL_FAILED);
	return done + (study->spec->budget_pruned_count ? own_count(study, TRIAL_PRUNED) : 0);
}

static int64_t counted_trials(const struct study *study)
{
	return own_count(study, TRIAL_RUNNING) + study_done_count(study);
}

static int64_t trials_left(const struct study *study)
{
	return study->spec->budget_trials - counted_trials(study);
}

enum study_reason study_limit(const struct study *study)
{
	const struct study_spec *spec = study->spec;
	if (study->results.target_reached)
		return REASON_TARGET;
	if (spec->budget_trials > 0 && trials_left(study) <= repeats_reserve(study, trials_left(study)))
		return REASON_BUDGET;
	if (spec->budget_s > 0 && study_running_s(study) >= spec->budget_s)
		return REASON_TIME;
	return study->choice.exhausted && list_empty(&study->queues.waiting) ? REASON_EXHAUSTED : REASON_NONE;
}

int64_t study_repeat_runs(const struct study *study)
{
	enum study_reason why = study->state == STUDY_RUNNING ? study_limit(study) : REASON_NONE;
	int64_t reserved = repeats_reserved_runs(study->spec), left = trials_left(study) * study->spec->folds;
	if (reserved == 0 || (why != REASON_BUDGET && why != REASON_EXHAUSTED))
		return 0;
	return (left < reserved ? left : reserved) - study->repeat_run_count;
}

struct monotime study_deadline(const struct study *study)
{
	if (study->state != STUDY_RUNNING || study->spec->budget_s <= 0 || study_limit(study))
		return (struct monotime){INT64_MAX};
	double left_s = study->spec->budget_s - study->time.spent_s;
	return (struct monotime){study->time.from.ms + (int64_t)ceil(left_s * 1000)};
}

bool study_has_work(const struct study *study)
{
	return !list_empty(&study->queues.waiting) || !study_limit(study) ||
	       repeats_are_due(study, study_repeat_runs(study));
}

bool study_is_over(const struct study *study)
{
	bool out = study->queues.leased_count > 0 || !list_empty(&study->queues.ready);
	return study->state == STUDY_RUNNING && !out && !study_has_work(study);
}
