#include "daemon/studies/trial_moves.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_report.h"
#include "daemon/storage/store_run.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/reason.h"
#include "daemon/studies/run.h"
#include "daemon/studies/run_moves.h"
#include "daemon/studies/trial.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"

/* As wanted, of this trial, and WAITING. */
static int make_run(struct run **out, struct trial *trial, const struct run_record *wanted)
{
	struct run_record record = *wanted;
	record.trial_id = trial->record.id;
	record.state = RUN_WAITING;
	record.value = (double)NAN;
	int rc = studies_from_store(store_run_insert(trial->study->context->store, &record));
	if (rc < 0)
		return rc;
	return trial_add_run(out, trial, &record);
}

static int make_ready(struct trial *trial, const struct run_record *wanted)
{
	struct run *run;
	int rc = make_run(&run, trial, wanted);
	if (rc == 0)
		list_append(&trial->study->queues.ready, &run->ready);
	return rc;
}

int trial_repeat(struct trial *trial, const struct run_record *wanted)
{
	assert(trial->closed && wanted->repeat > 0);
	return make_ready(trial, wanted);
}

/* The fold that runs alone where one has to pass first: each trial another one. */
static int64_t first_fold(const struct trial *trial)
{
	return trial->record.number % trial->study->spec->folds;
}

/* One run per fold; where one of them has to pass first, the others are held back. */
static int make_runs(struct trial *trial)
{
	struct study *study = trial->study;
	bool holds = pruning_holds(study->pruning, trial->record.number);
	int rc = 0;
	for (int64_t fold = 0; rc == 0 && fold < study->spec->folds; fold++) {
		struct run *run;
		rc = make_run(&run, trial, &(struct run_record){.fold = fold});
		if (rc == 0 && (!holds || fold == first_fold(trial)))
			list_append(&study->queues.ready, &run->ready);
	}
	return rc;
}

/* By their ids, as a daemon that starts anew finds them: those of a trial that was held back were
 * made before most that are ready. */
static void make_ready_in_order(struct list *ready, struct run *run)
{
	struct list_link *at, *following;
	list_each (at, following, ready)
		if (list_entry(at, struct run, ready)->record.id > run->record.id)
			break;
	list_insert(at, &run->ready);
}

void trial_release(struct trial *trial)
{
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		struct run *run = trial->folds[fold];
		if (run->record.state == RUN_WAITING && !run->ready.next)
			make_ready_in_order(&trial->study->queues.ready, run);
	}
}

void trial_hold(struct trial *trial)
{
	if (trial->fold_count <= first_fold(trial) || !pruning_holds(trial->study->pruning, trial->record.number))
		return;
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		if (fold != first_fold(trial) && trial->folds[fold]->record.began)
			return;
	if (trial->folds[first_fold(trial)]->record.state == RUN_COMPLETE)
		return;
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		if (fold != first_fold(trial))
			list_remove(&trial->folds[fold]->ready);
}

int trial_enqueue(struct trial **out, struct study *study, const double *point)
{
	const struct study_spec *spec = study->spec;
	size_t count = spec->space->count + spec->objective_count;
	double *numbers = memory_alloc(count, sizeof *numbers);
	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		numbers[i] = i < spec->space->count ? point[i] : (double)NAN;
	struct trial_record record = {
	        .study_id = study->id,
	        .state = TRIAL_WAITING,
	        .point = numbers,
	        .values = numbers + spec->space->count,
	        .enqueued = true,
	};
	int rc = studies_from_store(store_trial_insert(study->context->store, spec, &record));
	if (rc == 0)
		rc = trial_create(out, study, &record);
	if (rc == 0)
		list_append(&study->queues.waiting, &(*out)->member);
	memory_free(numbers);
	return rc;
}

int trial_start(struct trial *trial)
{
	struct study *study = trial->study;
	bool queued = trial->record.state == TRIAL_WAITING;
	if (queued)
		trial_move(trial, TRIAL_RUNNING);
	trial->record.started = context_date(study->context);
	struct store *store = study->context->store;
	int rc = studies_from_store(queued ? store_trial_start(store, study->spec, &trial->record)
	                                   : store_trial_insert(store, study->spec, &trial->record));
	if (rc < 0)
		return rc;
	list_remove(&trial->member);
	list_append(&study->queues.running, &trial->member);
	rc = trial_open(trial);
	return rc < 0 ? rc : make_runs(trial);
}

/* Mean over the folds that reported the step; *missing = folds that still may. */
static double mean_so_far(bool *missing, const struct trial *trial, int64_t step)
{
	double sum = 0, value;
	int64_t count = 0;
	*missing = false;
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		const struct run *run = trial->folds[fold];
		assert(run); /* a trial starts with a run for every fold */
		if (run_reported(&value, run, step)) {
			sum += value;
			count++;
		} else if (!run_state_is_finished(run->record.state))
			*missing = true;
	}
	assert(count > 0);
	return sum / (double)count;
}

/* Curves of another metric, or of one objective among several, are ours alone: Optuna would take
 * them for the objective's. */
static int write_mean(struct trial *trial, int64_t step, double mean)
{
	if (!study_spec_prunes_by_objective(trial->study->spec))
		return 0;
	struct store *store = trial->study->context->store;
	return studies_from_store(store_intermediate_insert(store, trial->record.id, step, mean));
}

int trial_write_step(struct trial *trial, int64_t step)
{
	bool missing;
	double mean = mean_so_far(&missing, trial, step);
	return missing ? 0 : write_mean(trial, step, mean);
}

/* Steps that waited for a fold get what there is; the file keeps the rows it has. */
static int write_left_steps(struct trial *trial)
{
	int64_t folds = trial->fold_count;
	for (int64_t fold = 0; folds > 1 && fold < folds; fold++) {
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			for (size_t i = 0; i < run->curve.count; i++) {
				bool missing;
				int64_t step = run->curve.points[i].step;
				if (!run->curve.points[i].measured)
					continue;
				int rc = write_mean(trial, step, mean_so_far(&missing, trial, step));
				if (rc < 0)
					return rc;
			}
	}
	return 0;
}

int trial_cancel_waiting(struct trial *trial)
{
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		struct run *run = trial->folds[fold];
		int rc = run->record.state == RUN_WAITING ? run_end(run, RUN_CANCELLED, NULL) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int attribute_number(struct trial *trial, const char *key, double value)
{
	char json[NUMBER_TEXT_BYTES];
	if (!isfinite(value))
		return 0;
	number_json(value, json);
	return studies_from_store(
	        store_trial_attribute(trial->study->context->store, trial->record.id, false, key, json));
}

static int attribute_text(struct trial *trial, const char *key, const char *value)
{
	struct text json = TEXT_NULL;
	text_json_string(&json, value, true);
	int rc = json.failed ? -ENOMEM
	                     : studies_from_store(store_trial_attribute(
	                               trial->study->context->store, trial->record.id, false, key, json.data));
	text_finish(&json);
	return rc;
}

int trial_note_sampler(struct trial *trial, const char *note)
{
	return attribute_text(trial, "kre:sampler", note);
}

int trial_note(struct trial *trial, const char *key, const char *text)
{
	return attribute_text(trial, key, text);
}

/* What Optuna's samplers and readers know as constraints: one number each, ≤ 0 = feasible. */
static int attribute_constraints(struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	if (spec->constraint_count == 0)
		return 0;
	char number[NUMBER_TEXT_BYTES];
	number_json(isfinite(trial->violation) ? trial->violation : 1e308, number);
	struct text json = TEXT_NULL;
	text_printf(&json, "[%s]", number);
	int rc = json.failed ? -ENOMEM
	                     : studies_from_store(store_trial_attribute(
	                               trial->study->context->store, trial->record.id, true, "constraints", json.data));
	text_finish(&json);
	return rc;
}

static int write_attributes(struct trial *trial)
{
	int rc = attribute_number(trial, "kre:sd", trial->sd);
	if (rc == 0 && trial->record.state == TRIAL_COMPLETE)
		rc = attribute_constraints(trial);
	if (rc == 0 && trial->reason) {
		bool pruned = trial->record.state == TRIAL_PRUNED;
		rc = attribute_text(trial, pruned ? "kre:prune_reason" : "kre:fail_reason", trial->reason);
	}
	return rc;
}

static int announce_end(const struct trial *trial)
{
	const struct study *study = trial->study;
	bool complete = trial->record.state == TRIAL_COMPLETE;
	struct study_event event = {
	        .study = study->spec->name,
	        .kind = EVENT_FINISHED,
	        .number = trial->record.number,
	        .fold = -1,
	        .step = trial->last_step,
	        .value = complete ? trial_value(trial) : trial->last_value,
	        .state = trial_state_name(trial->record.state),
	        .text = complete && trial->violation > 0 ? "breaks the constraints" : trial->reason,
	};
	return event_queue_add(study->context->events, &event);
}

/* A pruned trial's value is its last intermediate one (Optuna), where the curve is the
 * objective's. */
static void set_values(struct trial *trial, enum trial_state state)
{
	const struct study_spec *spec = trial->study->spec;
	for (size_t i = 0; state == TRIAL_COMPLETE && i < spec->objective_count; i++)
		trial->record.values[i] = trial_mean(trial, i);
	if (state == TRIAL_PRUNED && study_spec_prunes_by_objective(spec))
		trial->record.values[0] = trial->last_value;
}

/* Kept with the run of the first fold: another one may go on for a while. */
static int write_moment(const struct trial *trial)
{
	struct run_record *record = &trial->folds[0]->record;
	record->closed = ++trial->study->moment;
	return studies_from_store(store_run_close_trial(trial->study->context->store, record));
}

static int close_now(struct trial *trial)
{
	int rc = trial_close(trial);
	const char *news = pruning_news(trial->study->pruning);
	if (news)
		log_info("%s: %s", trial->study->spec->name, news);
	return rc;
}

int trial_finish(struct trial *trial, enum trial_state state, const char *reason)
{
	struct study *study = trial->study;
	assert(!trial->closed && trial_state_is_finished(state));
	if (reason && *reason) {
		trial->reason = reason_copy(reason);
		if (!trial->reason)
			return -ENOMEM;
	}
	set_values(trial, state);
	if (state == TRIAL_COMPLETE)
		trial_sum_up(trial);
	if (state == TRIAL_FAILED) /* its point may be offered once more */
		study->choice.exhausted = false;
	trial_move(trial, state);
	trial->record.completed = context_date(study->context);
	/* attributes first: a finished trial never changes */
	int rc = write_left_steps(trial);
	if (rc == 0)
		rc = write_attributes(trial);
	if (rc == 0)
		rc = studies_from_store(store_trial_finish(study->context->store, study->spec, &trial->record));
	if (rc == 0)
		rc = write_moment(trial);
	if (rc == 0)
		rc = trial_cancel_waiting(trial);
	if (rc == 0)
		rc = announce_end(trial);
	return rc < 0 ? rc : close_now(trial);
}

/* Folds of inf and −inf have no mean, and without a value nothing is complete. */
static int finish_complete(struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	struct error reason;
	for (size_t i = 0; i < spec->objective_count; i++)
		if (isnan(trial_mean(trial, i))) {
			error_set(&reason, 0, "the folds' values of %s have no mean", spec->objectives[i].name);
			return trial_finish(trial, TRIAL_FAILED, reason.text);
		}
	return trial_finish(trial, TRIAL_COMPLETE, NULL);
}

int trial_settle(struct trial *trial, const char *reason)
{
	bool complete = true;
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		enum run_state state = trial->folds[fold]->record.state;
		if (!run_state_is_finished(state))
			return 0;
		complete = complete && state == RUN_COMPLETE;
	}
	return complete ? finish_complete(trial) : trial_finish(trial, TRIAL_FAILED, reason);
}

int trial_retry(struct trial *trial, const struct run *lost)
{
	int64_t losses = run_losses(lost);
	const struct run_record next = {.fold = lost->record.fold, .attempt = lost->record.attempt + 1};
	if (losses <= trial->study->spec->retries)
		return make_ready(trial, &next);
	struct text reason = TEXT_NULL;
	text_printf(&reason, "lost %lld times; the last time: %s", (long long)losses,
	        lost->reason ? lost->reason : "no reason given");
	int rc = reason.failed ? -ENOMEM : trial_finish(trial, TRIAL_FAILED, reason.data);
	text_finish(&reason);
	return rc;
}

bool trial_may_resume(const struct trial *trial)
{
	bool may = trial->record.state == TRIAL_PRUNED && trial->folds;
	for (int64_t fold = 0; may && fold < trial->fold_count; fold++)
		may = run_state_is_finished(trial->folds[fold]->record.state);
	return may;
}

/* What its end had brought is taken back. */
static int reopen(struct trial *trial)
{
	struct study *study = trial->study;
	struct run_record *record = &trial->folds[0]->record;
	trial_reopen(trial);
	list_append(&study->queues.running, &trial->member);
	record->closed = 0;
	int rc = studies_from_store(store_trial_resume(study->context->store, trial->record.id));
	if (rc == 0) /* its beat is of long ago: an Optuna beside us would take it for lost */
		rc = studies_from_store(
		        store_trial_heartbeat(study->context->store, trial->record.id, context_date(study->context)));
	if (rc == 0)
		rc = studies_from_store(store_run_close_trial(study->context->store, record));
	return rc < 0 ? rc : trial_open_again(trial);
}

int trial_resume(struct trial *trial)
{
	struct run_record next = {.stopped = trial->folds[0]->record.closed, .resumed = ++trial->study->moment};
	assert(trial_may_resume(trial));
	int rc = reopen(trial);
	for (next.fold = 0; rc == 0 && next.fold < trial->fold_count; next.fold++) {
		const struct run_record *last = &trial->folds[next.fold]->record;
		next.attempt = last->attempt + 1;
		if (last->state != RUN_COMPLETE) /* of the others pruners know the ends */
			rc = make_ready(trial, &next);
	}
	return rc < 0 ? rc : trial_settle(trial, NULL);
}
