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
#include "daemon/studies/spending.h"
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
	spending_finish(&study->spending);
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

static struct cost spent_on_trials(const struct study *study)
{
	return spending_cost(&study->spending, study->spec->stopped_cost);
}

/* Beside what trials cost: folds of one that was resumed are its own. */
static double repeat_runs(const struct study *study)
{
	return (double)(study->repeat_run_count - study->resumed_run_count);
}

struct cost study_spent(const struct study *study)
{
	struct cost cost = spent_on_trials(study);
	cost.runs += repeat_runs(study);
	cost.trials += repeat_runs(study) / (double)study->spec->folds;
	return cost;
}

struct cost study_spent_on(const struct study *study, const struct trial *trial)
{
	struct cost cost = spending_of(&study->spending, study->spec->stopped_cost, trial);
	for (int64_t slot = 0; slot < trial->repeat_count * trial->fold_count; slot++) {
		cost.runs += trial->repeats[slot] != NULL;
		cost.trials += trial->repeats[slot] ? 1 / (double)study->spec->folds : 0;
	}
	return cost;
}

/* What a budget of trials or runs has left, in trials; sums of fractions are whole where they
 * should be. */
static double rest(const struct study_spec *spec, struct cost cost)
{
	double left = INFINITY;
	if (spec->budget_trials > 0)
		left = (double)spec->budget_trials - cost.trials;
	if (spec->budget_runs > 0)
		left = fmin(left, ((double)spec->budget_runs - cost.runs) / (double)spec->folds);
	return fabs(left - round(left)) < 1e-9 ? round(left) : left;
}

double study_trials_left(const struct study *study)
{
	return fmax(rest(study->spec, study_spent(study)), 0);
}

/* As if no trial under way were stopped: the rest of one that is comes back. Repeats have a reserve
 * of their own. */
static double trials_left(const struct study *study)
{
	struct cost cost = spent_on_trials(study);
	struct list_link *at, *following;
	cost.trials += (double)own_count(study, TRIAL_RUNNING);
	if (study->spec->budget_runs > 0)
		list_each (at, following, &study->queues.running)
			cost.runs += (double)list_entry(at, struct trial, member)->fold_count;
	return rest(study->spec, cost);
}

static bool budget_is_used_up(const struct study *study)
{
	double left = trials_left(study);
	return left <= (double)repeats_reserve(study, left);
}

static bool time_is_up(const struct study *study)
{
	return study->spec->budget_s > 0 && study_running_s(study) >= study->spec->budget_s;
}

enum study_reason study_limit(const struct study *study)
{
	if (study->results.target_reached)
		return REASON_TARGET;
	if (budget_is_used_up(study))
		return REASON_BUDGET;
	if (time_is_up(study))
		return REASON_TIME;
	return study->choice.exhausted && list_empty(&study->queues.waiting) ? REASON_EXHAUSTED : REASON_NONE;
}

int64_t study_repeat_runs(const struct study *study)
{
	bool open = study->state == STUDY_RUNNING || study->state == STUDY_FINISHED;
	enum study_reason why = open ? study_limit(study) : REASON_NONE;
	int64_t reserved = repeats_reserved_runs(study->spec);
	if (reserved == 0 || time_is_up(study) || (why != REASON_BUDGET && why != REASON_EXHAUSTED))
		return 0;
	double left = trials_left(study) * (double)study->spec->folds - repeat_runs(study);
	return (int64_t)fmin(floor(left + 1e-9), (double)reserved - repeat_runs(study));
}

struct monotime study_deadline(const struct study *study)
{
	if (study->state != STUDY_RUNNING || study->spec->budget_s <= 0 || time_is_up(study))
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
