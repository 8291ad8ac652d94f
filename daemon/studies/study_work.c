#include "daemon/studies/hearing.h"
#include "daemon/studies/study_work.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/storage/store_report.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_usage.h"
#include "daemon/studies/best_models.h"
#include "daemon/studies/context.h"
#include "daemon/studies/curve.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/repeats.h"
#include "daemon/studies/run.h"
#include "daemon/studies/run_moves.h"
#include "daemon/studies/study.h"
#include "daemon/studies/study_moves.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/trial_moves.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

/* ---- ask ---- */

static int64_t next_number(const struct study *study)
{
	size_t count = study->trials.count;
	return count ? study->trials.entries[count - 1].key + 1 : 0;
}

/* A queued point that the sampler cannot complete (a grid that is used up) is completed from the
 * priors. */
static int start_queued(struct study *study)
{
	struct trial *trial = list_entry(study->queues.waiting.head.next, struct trial, member);
	int64_t number = trial->record.number;
	int rc = suggestion_make(study, number, trial->record.point);
	if (rc < 0 || rc == STUDIES_LATER)
		return rc;
	if (rc == SAMPLER_EXHAUSTED) {
		struct rng rng;
		rng_init(&rng, study->seed, (uint64_t)number);
		point_draw(study->spec->space, trial->record.point, &rng);
	}
	return trial_start(trial);
}

/* Samplers that choose among others say so: with each trial, and in the log when they change their
 * mind. */
static int note_sampler(struct trial *trial)
{
	struct study *study = trial->study;
	const char *note = suggestion_note(study);
	if (strcmp(note, study->spec->sampler.info->name) == 0)
		return 0;
	if (!study->choice.noted || strcmp(note, study->choice.noted) != 0)
		log_info("%s: from trial %lld on the sampler is %s", study->spec->name, (long long)trial->record.number,
		        note);
	study->choice.noted = note;
	return trial_note_sampler(trial, note);
}

static int start_sampled(struct study *study)
{
	size_t point_count = study->spec->space->count, value_count = study->spec->objective_count;
	double *numbers = memory_alloc(point_count + value_count, sizeof *numbers);
	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < point_count + value_count; i++)
		numbers[i] = NAN;
	struct trial_record record = {
	        .study_id = study->id,
	        .number = next_number(study),
	        .state = TRIAL_RUNNING,
	        .point = numbers,
	        .values = numbers + point_count,
	};
	struct trial *trial;
	int rc = suggestion_make(study, record.number, numbers);
	if (rc == 0)
		rc = trial_create(&trial, study, &record);
	if (rc == 0)
		rc = trial_start(trial);
	if (rc == 0)
		rc = note_sampler(trial);
	memory_free(numbers);
	return rc;
}

/* Makes a run ready if the study may start a trial; *why stays WAIT_NOTHING then, as it does with
 * STUDIES_LATER. */
static int start_trial(struct study *study, const struct ask_request *ask, enum wait_reason *why)
{
	if (!list_empty(&study->queues.waiting))
		return start_queued(study);
	if (study_limit(study)) {
		bool started = false;
		int rc = ask->repeats ? repeats_start(&started, study, study_repeat_runs(study)) : 0;
		if (rc == 0 && !started)
			*why = WAIT_BUDGET;
		return rc;
	}
	int rc = start_sampled(study);
	if (rc != SAMPLER_EXHAUSTED)
		return rc;
	study->choice.exhausted = true;
	rc = study_settle(study);
	*why = study->state == STUDY_FINISHED ? WAIT_FINISHED : WAIT_WAITING;
	return rc;
}

/* The first one that the asker knows how to run. */
static struct run *first_ready(const struct study *study, const struct ask_request *ask)
{
	struct list_link *at, *following;
	list_each (at, following, &study->queues.ready) {
		struct run *run = list_entry(at, struct run, ready);
		if (run->record.repeat == 0 || ask->repeats)
			return run;
	}
	return NULL;
}

int study_hand_out(struct run **out, struct study *study, const struct ask_request *ask, enum wait_reason *why)
{
	static const enum wait_reason closed[STUDY_STATE_COUNT] = {
	        [STUDY_PAUSED] = WAIT_PAUSED, [STUDY_STOPPED] = WAIT_FINISHED, [STUDY_FINISHED] = WAIT_FINISHED};
	*out = NULL;
	*why = closed[study->state];
	if (*why)
		return 0;
	int rc = first_ready(study, ask) ? 0 : start_trial(study, ask, why);
	if (rc != 0 || *why)
		return rc;
	struct run *run = first_ready(study, ask);
	assert(run);
	rc = run_lease(run, ask);
	if (rc < 0)
		return rc;
	study->queues.served = ++study->context->serve_count;
	*out = run;
	return 0;
}

/* ---- report ---- */

/* What a run of a finished trial says comes too late, unless it repeats it. */
static bool is_past(const struct run *run)
{
	return run->trial->closed && run->record.repeat == 0;
}

static int announce_report(const struct run *run, int64_t step, double value)
{
	const struct trial *trial = run->trial;
	struct study_event event = {
	        .study = trial->study->spec->name,
	        .kind = EVENT_REPORTED,
	        .number = trial->record.number,
	        .fold = run->record.fold,
	        .step = step,
	        .value = value,
	        .state = trial_state_name(trial->record.state),
	        .worker = run->worker->name,
	};
	return event_queue_add(trial->study->context->events, &event);
}

static int prune(struct trial *trial, const struct verdict *verdict)
{
	char reason[VERDICT_TEXT_BYTES];
	verdict_text(reason, verdict);
	int rc = trial_finish(trial, TRIAL_PRUNED, reason);
	return rc < 0 ? rc : study_settle(trial->study);
}

static int keep_report(const struct run *run, const struct report_request *report, const struct hearing *hearing)
{
	struct context *context = run->trial->study->context;
	struct report row = {
	        .run_id = run->record.id,
	        .step = report->step,
	        .value = hearing->value,
	        .reported = context_date(context),
	        .metric_count = report->metrics.count,
	        .metrics = report->metrics.items,
	        .measured = hearing->measured,
	        .moment = ++run->trial->study->moment,
	};
	return studies_from_store(store_report_insert(context->store, &row));
}

static int take_report(struct run *run, const struct report_request *report)
{
	struct hearing hearing = {.step = report->step, .value = NAN};
	hearing.measured = run_measures(&hearing.value, run, report);
	int rc = keep_report(run, report, &hearing);
	if (rc < 0)
		return rc;
	run->trial->study->context->figures->reports++;
	run_note(run, report->step, &report->metrics, false);
	struct verdict verdict = {.prune = false};
	bool repeats = run->record.repeat > 0;
	rc = repeats ? hearing_of_repeat(run, &hearing) : hearing_of_run(run, &hearing, &verdict);
	if (rc == 0 && hearing.measured && !repeats)
		rc = trial_write_step(run->trial, report->step);
	if (rc == 0)
		rc = announce_report(run, report->step, hearing.value);
	if (rc == 0 && verdict.prune)
		rc = prune(run->trial, &verdict);
	return rc;
}

/* Metrics that a step did not have yet; those that it has stay as they are. */
static int take_late_metrics(struct run *run, const struct report_request *report)
{
	struct store *store = run->trial->study->context->store;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < report->metrics.count; i++) {
		const struct run_metrics one = {1, &report->metrics.items[i]};
		bool fresh;
		rc = studies_from_store(
		        store_report_add_metric(&fresh, store, run->record.id, report->step, one.items));
		if (rc == 0 && fresh)
			run_note(run, report->step, &one, false);
	}
	return rc;
}

int study_report(enum stop_reason *stop, struct run *run, const struct report_request *report)
{
	bool heard = run->record.state != RUN_LEASED || is_past(run);
	int rc = heard                                    ? 0
	         : curve_knows(&run->curve, report->step) ? take_late_metrics(run, report)
	                                                  : take_report(run, report);
	if (rc < 0)
		return rc;
	*stop = run_stop(run);
	return 0;
}

/* ---- tell ---- */

static int repeat_tell(const struct run *run, const struct tell_request *tell, struct error *error)
{
	bool loss = tell->state == RUN_LOST || (tell->state == RUN_FAILED && tell->by_signal);
	if (run->record.state == RUN_LOST && !loss)
		return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is over",
		        (long long)run->record.lease, (long long)run->record.id);
	return 0;
}

static int explain_no_value(const struct run *run, size_t index, struct error *error)
{
	const struct run_outcome *outcome = &run->outcomes[index];
	const char *name = run_outcome_name(run, index);
	const char *form = outcome->count == 0                    ? "No value of %s was ever reported"
	                   : outcome->nan_count == outcome->count ? "No reported value of %s is a number"
	                                                          : "The last value of %s is not a number";
	return error_set(error, STUDIES_NOT_A_NUMBER, form, name);
}

/* What was passed over on the way to a best value is said with it. */
static const char *note_passed_over(const struct run *run, struct error *note)
{
	const struct run_outcome *outcome = run->outcomes;
	const struct study_spec *spec = run->trial->study->spec;
	*note->text = '\0';
	for (size_t i = 0; i < spec->objective_count && !*note->text; i++)
		if (spec->result_rule == RESULT_BEST && outcome[i].nan_count > 0)
			error_set(note, 0, "%lld of %lld values of %s are not numbers and were passed over",
			        (long long)outcome[i].nan_count, (long long)outcome[i].count, run_outcome_name(run, i));
	return note->text;
}

/* Given values count; else what metrics and reports left in the run's outcomes. */
static int take_values(struct run *run, const struct tell_request *tell, struct error *error)
{
	const struct study_spec *spec = run->trial->study->spec;
	if (tell->values.count > 0 && tell->values.count != spec->objective_count)
		return error_set(error, STUDIES_BAD_REQUEST, "The study has %zu objectives, not %zu",
		        spec->objective_count, tell->values.count);
	for (size_t i = 0; i < tell->values.count; i++)
		if (isnan(tell->values.items[i]))
			return error_set(error, STUDIES_NOT_A_NUMBER, "The value of %s is not a number",
			        spec->objectives[i].name);
	run_note_heard(run, tell);
	run_note(run, INT64_MAX, &tell->metrics, true);
	for (size_t i = 0; i < tell->values.count; i++)
		run->outcomes[i].value = tell->values.items[i];
	for (size_t i = 0; i < spec->objective_count; i++)
		if (isnan(run->outcomes[i].value))
			return explain_no_value(run, i, error);
	return 0;
}

/* What a message that is refused had brought is forgotten again. */
static int take_values_or_none(struct run *run, const struct tell_request *tell, struct error *error)
{
	const struct study_spec *spec = run->trial->study->spec;
	size_t bytes = (spec->objective_count + spec->constraint_count) * sizeof *run->outcomes;
	double *before = memory_alloc(1, bytes);
	if (!before)
		return error_no_memory(error);
	memcpy(before, run->outcomes, bytes);
	int rc = take_values(run, tell, error);
	if (rc != 0)
		memcpy(run->outcomes, before, bytes);
	memory_free(before);
	return rc;
}

static int keep_outcomes(const struct run *run, const struct tell_request *tell)
{
	struct store *store = run->trial->study->context->store;
	const struct study_spec *spec = run->trial->study->spec;
	int rc = studies_from_store(store_run_metrics(store, run->record.id, tell->metrics.items, tell->metrics.count));
	for (size_t i = 0; rc == 0 && i < spec->objective_count + spec->constraint_count; i++) {
		struct metric_value outcome = {.name = run_outcome_name(run, i), .value = run->outcomes[i].value};
		if (!isnan(outcome.value))
			rc = studies_from_store(store_run_metrics(store, run->record.id, &outcome, 1));
	}
	if (rc == 0 && tell->tables)
		rc = studies_from_store(store_run_tables_save(store, run->record.id, tell->tables));
	if (rc == 0 && tell->usage)
		rc = studies_from_store(store_run_usage_save(store, run->record.id, tell->usage));
	return rc;
}

/* How a run ends whose holder says so, given what became of its trial and study meanwhile. */
static enum run_state end_state(const struct run *run, const struct tell_request *tell)
{
	if (tell->state == RUN_COMPLETE && is_past(run) && run->trial->record.state == TRIAL_PRUNED)
		return RUN_PRUNED; /* its last values were not heard: a resumed trial runs the fold again */
	bool loss = tell->state == RUN_LOST || (tell->state == RUN_FAILED && tell->by_signal);
	if (run_stop(run) != STOP_NONE && (loss || tell->state == RUN_FAILED))
		return run->trial->record.state == TRIAL_PRUNED ? RUN_PRUNED : RUN_CANCELLED;
	return loss ? RUN_LOST : tell->state;
}

/* Its trial may be stopped for what it came to, or the folds that waited for it begin. */
static int follow_complete(struct run *run)
{
	struct verdict verdict;
	int rc = hearing_of_end(run, &verdict);
	if (rc < 0)
		return rc;
	if (verdict.prune)
		return prune(run->trial, &verdict);
	trial_release(run->trial);
	return trial_settle(run->trial, NULL);
}

/* What the end of a run means for its trial. */
static int follow_up(struct run *run, const char *reason)
{
	struct trial *trial = run->trial;
	if (run->record.repeat > 0)
		best_models_forget(&trial->study->results.models);
	if (run->record.repeat > 0)
		return run->record.state == RUN_LOST ? repeats_retry(run) : 0;
	if (trial->closed)
		return 0;
	if (run->record.state == RUN_LOST)
		return trial_retry(trial, run);
	if (run->record.state == RUN_COMPLETE)
		return follow_complete(run);
	if (run->record.state == RUN_PRUNED)
		return trial_finish(trial, TRIAL_PRUNED, *reason ? reason : "by the program itself");
	if (run->record.state == RUN_FAILED)
		return trial_finish(trial, TRIAL_FAILED, *reason ? reason : "the program failed");
	return trial_settle(trial, run->record.state == RUN_CANCELLED && *reason ? reason : "the study was stopped");
}

static int end(struct run *run, enum run_state state, const char *reason)
{
	int rc = run_end(run, state, reason);
	if (rc == 0)
		rc = follow_up(run, reason);
	return rc < 0 ? rc : study_settle(run->trial->study);
}

static const char *reason_of(const struct run *run, const struct tell_request *tell, struct error *note)
{
	if (tell->reason && *tell->reason)
		return tell->reason;
	return tell->state == RUN_COMPLETE && !is_past(run) ? note_passed_over(run, note) : "";
}

/* A run that its holder hands back, further than before or before it could begin. */
static bool is_no_attempt(const struct run *run, const struct tell_request *tell)
{
	return tell->state == RUN_LOST && !tell->by_signal && (tell->uncounted || run->step_count > 0);
}

int study_tell(enum trial_state *state, struct run *run, const struct tell_request *tell, struct error *error)
{
	int rc = 0;
	struct error note;
	if (run->record.state != RUN_LEASED) {
		rc = repeat_tell(run, tell, error);
	} else {
		if (tell->state == RUN_COMPLETE && !is_past(run))
			rc = take_values_or_none(run, tell, error);
		if (rc == 0)
			rc = keep_outcomes(run, tell);
		run->record.handed_back = is_no_attempt(run, tell);
		if (rc == 0)
			rc = end(run, end_state(run, tell), reason_of(run, tell, &note));
	}
	if (rc == 0)
		*state = run->trial->record.state;
	return rc;
}

int study_lose(struct run *run, const char *reason)
{
	struct tell_request tell = {.state = RUN_LOST, .reason = reason, .by_signal = true}; /* nobody handed it back */
	enum trial_state state;
	return study_tell(&state, run, &tell, NULL);
}
