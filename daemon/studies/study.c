#include "daemon/studies/study.h"

#include <errno.h>
#include <math.h>

#include "daemon/studies/run.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/trial.h"
#include "schema/base/memory.h"

static int build(struct study *study, struct study_spec *spec, struct error *error)
{
	int rc = pruning_create(&study->pruning, spec, error);
	if (rc == 0)
		rc = search_create(&study->search, spec, study->seed, error);
	if (rc == 0)
		search_part(study->search, pruning_rule(study->pruning));
	return rc == -EINVAL ? STUDIES_SPEC_WRONG : rc;
}

int study_create(
        struct study **out, struct context *context, struct study_spec *spec, uint64_t seed, struct error *error)
{
	struct study *study = memory_alloc(1, sizeof *study);
	if (!study)
		return -ENOMEM;
	study->context = context;
	study->seed = seed;
	study->reason = "";
	study->value_low = INFINITY;
	study->value_high = -INFINITY;
	study->running_from = context_now(context);
	list_init(&study->queue);
	list_init(&study->running);
	list_init(&study->ready);
	int rc = build(study, spec, error);
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
	suggestion_leave(study);
	pruning_destroy(study->pruning);
	search_release(study->search);
	memory_free(study);
}

double study_running_s(const struct study *study)
{
	if (study->state != STUDY_RUNNING)
		return study->spent_s;
	return study->spent_s + (double)(context_now(study->context).ms - study->running_from.ms) / 1000;
}

static int64_t counted_trials(const struct study *study)
{
	int64_t count = study->counts[TRIAL_RUNNING] + study->counts[TRIAL_COMPLETE] + study->counts[TRIAL_FAILED];
	return count + (study->spec->budget_pruned_count ? study->counts[TRIAL_PRUNED] : 0);
}

const char *study_limit(const struct study *study)
{
	const struct study_spec *spec = study->spec;
	if (study->target_reached)
		return "target";
	if (spec->budget_trials > 0 && counted_trials(study) >= spec->budget_trials)
		return "budget";
	if (spec->budget_s > 0 && study_running_s(study) >= spec->budget_s)
		return "time";
	return study->exhausted && list_empty(&study->queue) ? "exhausted" : NULL;
}

struct monotime study_deadline(const struct study *study)
{
	if (study->state != STUDY_RUNNING || study->spec->budget_s <= 0 || study_limit(study))
		return (struct monotime){INT64_MAX};
	double left_s = study->spec->budget_s - study->spent_s;
	return (struct monotime){study->running_from.ms + (int64_t)ceil(left_s * 1000)};
}

bool trial_better(const struct trial *trial, const struct trial *than)
{
	if (!than)
		return true;
	if (trial->violation < than->violation || trial->violation > than->violation)
		return trial->violation < than->violation;
	const struct objective *first = &trial->study->spec->objectives[0];
	double a = trial->record.values[0], b = than->record.values[0];
	if (objective_better(first, a, b))
		return true;
	return !objective_better(first, b, a) && trial->record.number < than->record.number;
}

int study_save(struct study *study)
{
	struct study_row row = {
	        .id = study->id,
	        .name = study->spec->name,
	        .spec_json = study->spec->json,
	        .state = study->state,
	        .reason = study->reason,
	        .seed = study->seed,
	        .created = study->created,
	        .running_s = study_running_s(study),
	};
	return context_check(store_study_save(study->context->store, &row));
}

int study_move(struct study *study, enum study_state state, const char *reason)
{
	study->spent_s = study_running_s(study);
	study->running_from = context_now(study->context);
	study->state = state;
	study->reason = reason;
	int rc = study_save(study);
	if (rc < 0)
		return rc;
	struct study_event event = {
	        .study = study->spec->name,
	        .kind = "state",
	        .number = -1,
	        .fold = -1,
	        .step = -1,
	        .value = NAN,
	        .state = study_state_name(state),
	        .text = reason,
	};
	return event_queue_add(study->context->events, &event);
}

int study_stop(struct study *study)
{
	int rc = study_move(study, STUDY_STOPPED, "user");
	struct list_link *at, *following;
	list_each (at, following, &study->running) {
		struct trial *trial = list_entry(at, struct trial, member);
		if (rc == 0)
			rc = trial_cancel_waiting(trial);
		if (rc == 0)
			rc = trial_settle(trial, "the study was stopped");
	}
	return rc;
}

bool study_is_over(const struct study *study)
{
	bool out = study->leased_count > 0 || !list_empty(&study->ready);
	return study->state == STUDY_RUNNING && !out && study_limit(study);
}

int study_settle(struct study *study)
{
	return study_is_over(study) ? study_move(study, STUDY_FINISHED, study_limit(study)) : 0;
}
