#include "daemon/studies/recovery.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_foreign.h"
#include "daemon/storage/store_run.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_study.h"
#include "daemon/studies/context.h"
#include "daemon/studies/defaults.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/foreign.h"
#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/reason.h"
#include "daemon/studies/replay.h"
#include "daemon/studies/run.h"
#include "daemon/studies/study.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/trial_moves.h"
#include "daemon/studies/workers.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"

/* ---- studies ---- */

static enum study_reason known_reason(const char *reason)
{
	int known = words_find(&study_reason_words, reason);
	return known < 0 ? REASON_NONE : (enum study_reason)known;
}

static int read_spec(struct study_spec **out, const struct study_row *row)
{
	struct complaints complaints = {0};
	struct error error = {0};
	int rc = study_file_parse(out,
	        &(struct study_source){row->spec_json, strlen(row->spec_json), "", NULL, row->name}, &complaints,
	        &error);
	if (rc == STUDY_FILE_WRONG)
		log_warning("The study %s is left alone, its spec cannot be read: %s", row->name,
		        complaints.count ? complaints.items[0].text : error.text);
	complaints_finish(&complaints);
	return rc;
}

static int load_study_row(void *loading, const struct study_row *row)
{
	struct context *context = loading;
	struct study_spec *spec;
	struct study *study;
	int rc = read_spec(&spec, row);
	if (rc != 0)
		return rc == STUDY_FILE_WRONG ? 0 : rc;
	struct error error = {0};
	rc = study_create(&study, context, spec, row->seed, &error);
	if (rc != 0) {
		study_spec_destroy(spec);
		if (rc < 0)
			return rc;
		log_warning("The study %s is left alone: %s", row->name, error.text);
		log_debug("that began at %s", error_place(&error));
		return 0;
	}
	study->id = row->id;
	study->state = row->state;
	study->reason = known_reason(row->reason);
	study->choice.exhausted = row->state == STUDY_FINISHED && study->reason == REASON_EXHAUSTED;
	study->created = row->created;
	study->time.spent_s = row->running_s;
	list_append(&context->studies, &study->member);
	return 0;
}

/* ---- trials and runs ---- */

struct loading {
	struct study *study;
	struct index by_id; /* trial id → struct trial */
};

static int load_trial(void *context, const struct trial_record *record)
{
	struct loading *loading = context;
	struct trial *trial;
	int rc = trial_create(&trial, loading->study, record);
	if (rc < 0)
		return rc;
	if (record->state == TRIAL_WAITING)
		list_append(&loading->study->queues.waiting, &trial->member);
	return index_insert(&loading->by_id, record->id, trial);
}

static int load_holder(struct run *run, const struct run_holder *holder)
{
	struct study *study = run->trial->study;
	if (*holder->reason && !(run->reason = reason_copy(holder->reason)))
		return -ENOMEM;
	if (run->record.lease == 0)
		return 0;
	int rc = workers_join(&run->worker, &study->workers, holder->worker);
	if (rc < 0)
		return rc;
	run->worker->seen = context_now(study->context);
	rc = workers_note_software(&study->workers, holder->software);
	if (rc < 0)
		return rc;
	bool leased = run->record.state == RUN_LEASED;
	if (!leased) {
		run->worker->finished_count += run->record.state != RUN_LOST;
		return 0;
	}
	run->session = memory_strdup(holder->session);
	run->ask_key = memory_strdup(holder->ask_key);
	return run->session && run->ask_key ? 0 : -ENOMEM;
}

static int load_lease(struct run *run)
{
	struct study *study = run->trial->study;
	struct context *context = study->context;
	study->queues.leased_count++;
	run->worker->running_count++;
	if (*run->ask_key) {
		int rc = index_insert(&context->asks, index_text_key(run->ask_key), run);
		if (rc < 0)
			return rc;
	}
	struct monotime deadline = {context_now(context).ms + context->leases.life_ms};
	return lease_start(&context->leases, &run->lease, deadline);
}

static void note_moments(struct study *study, const struct run_record *record)
{
	const int64_t moments[] = {record->began, record->ended, record->closed, record->resumed};
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
		if (moments[i] > study->moment)
			study->moment = moments[i];
}

static int load_run(void *context, const struct run_record *record, const struct run_holder *holder)
{
	struct loading *loading = context;
	struct study *study = loading->study;
	struct trial *trial = index_find(&loading->by_id, record->trial_id);
	bool known = trial && record->fold >= 0 && (record->repeat > 0 || record->fold < study->spec->folds);
	if (!known || (record->repeat > 0 && !trial->folds))
		return 0;
	struct run *run;
	note_moments(study, record);
	int rc = trial_add_run(&run, trial, record);
	if (rc == 0)
		rc = load_holder(run, holder);
	if (rc == 0 && record->state == RUN_LEASED)
		rc = load_lease(run);
	if (rc == 0 && record->state == RUN_WAITING)
		list_append(&study->queues.ready, &run->ready);
	return rc;
}

static int load_reason(void *context, int64_t trial_id, const char *reason)
{
	struct loading *loading = context;
	struct trial *trial = index_find(&loading->by_id, trial_id);
	if (!trial || trial->reason)
		return 0;
	trial->reason = reason_copy(reason);
	return trial->reason ? 0 : -ENOMEM;
}

static int load_defaults(void *context, int64_t trial_id, const char *of)
{
	struct loading *loading = context;
	struct trial *trial = index_find(&loading->by_id, trial_id);
	return trial ? defaults_mark(trial, of) : 0;
}

static int load_violation(void *context, int64_t trial_id, double violation)
{
	struct loading *loading = context;
	struct trial *trial = index_find(&loading->by_id, trial_id);
	if (trial)
		trial->violation = violation;
	return 0;
}

static bool all_folds_complete(const struct trial *trial)
{
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		if (!trial->folds[fold] || trial->folds[fold]->record.state != RUN_COMPLETE)
			return false;
	return true;
}

/* The first objective is in the run's record; the others and the constraints are among its
 * metrics. */
static int load_outcomes(struct trial *trial)
{
	struct store *store = trial->study->context->store;
	struct arena arena = ARENA_NULL;
	int rc = 0;
	for (int64_t fold = 0; rc == 0 && fold < trial->fold_count; fold++) {
		struct run *run = trial->folds[fold];
		struct run_metrics metrics = {0};
		if (!run || run->record.state != RUN_COMPLETE)
			continue;
		rc = studies_from_store(store_run_metrics_load(&metrics, store, run->record.id, &arena));
		if (rc == 0)
			run_note(run, INT64_MAX, &metrics, true);
	}
	arena_finish(&arena);
	return rc;
}

static int complete_trial(struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	if (!trial->folds) {
		foreign_count(trial);
		return 0;
	}
	int rc = spec->objective_count != 1 || spec->constraint_count > 0 ? load_outcomes(trial) : 0;
	if (rc < 0)
		return rc;
	if (trial->record.state == TRIAL_RUNNING)
		list_append(&trial->study->queues.running, &trial->member);
	if (!trial_state_is_finished(trial->record.state))
		return 0;
	if (trial->record.state == TRIAL_COMPLETE && all_folds_complete(trial))
		trial_sum_up(trial);
	return trial_cancel_waiting(trial);
}

static int load_trials(struct loading *loading)
{
	struct study *study = loading->study;
	struct store *store = study->context->store;
	int rc = studies_from_store(store_trial_each(store, study->spec, study->id, load_trial, loading));
	if (rc == 0)
		rc = studies_from_store(store_run_each(store, study->id, load_run, loading));
	if (rc == 0)
		rc = studies_from_store(store_trial_reason_each(store, study->id, load_reason, loading));
	if (rc == 0)
		rc = studies_from_store(store_trial_defaults_each(store, study->id, load_defaults, loading));
	if (rc == 0)
		rc = studies_from_store(store_foreign_violation_each(store, study->id, load_violation, loading));
	for (size_t i = 0; rc == 0 && i < study->trials.count; i++)
		rc = complete_trial(study->trials.entries[i].item);
	return rc;
}

static int load_study(struct study *study)
{
	struct loading loading = {.study = study};
	int rc = load_trials(&loading);
	index_finish(&loading.by_id);
	if (rc == 0)
		rc = replay_study(study);
	struct list_link *at, *following;
	list_each (at, following, &study->queues.running)
		if (rc == 0)
			trial_hold(list_entry(at, struct trial, member));
	return rc;
}

int recovery_load(struct context *context, struct error *error)
{
	int rc = studies_from_store(store_study_each(context->store, load_study_row, context));
	struct list_link *at, *following;
	list_each (at, following, &context->studies)
		if (rc == 0)
			rc = load_study(list_entry(at, struct study, member));
	const struct error *cause = store_error(context->store);
	if (rc == -ENOMEM)
		return error_set(error, rc, "out of memory: the studies in the file do not fit");
	return rc < 0 ? error_fold(error, rc, cause, "The studies cannot be read: %s", cause->text) : 0;
}

/* ---- what the file does not keep ---- */

static void carry_lease(struct context *context, const struct run *was)
{
	struct run *run = index_find(&context->runs, was->record.id);
	if (!run || run->lease.index == 0 || run->record.lease != was->record.lease)
		return;
	heap_move(&context->leases.by_deadline, &run->lease, was->lease.key);
	run->worker->seen = was->worker->seen;
}

void recovery_say_outside(const struct context *context, const struct context *before)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		const struct study *study = list_entry(at, struct study, member);
		const struct study *was = before ? directory_study_again(before, study) : NULL;
		misfits_log(study->spec->name, &study->misfits, was ? &was->misfits : &(struct misfits){0});
	}
}

void recovery_carry_over(struct context *context, const struct context *before)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		const struct study *was = directory_study_again(before, study);
		if (!was)
			continue;
		study->time.spent_s = study_running_s(was);
		study->choice.exhausted = was->choice.exhausted;
		study->queues.served = was->queues.served;
		study->choice.on_the_spot = was->choice.on_the_spot || was->choice.suggestion;
	}
	for (size_t i = 0; i < before->leases.by_deadline.count; i++)
		carry_lease(context, list_entry(before->leases.by_deadline.nodes[i], struct run, lease));
	if (before->last_run_id > context->last_run_id)
		context->last_run_id = before->last_run_id;
	context->serve_count = before->serve_count;
}
