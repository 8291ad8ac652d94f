#include "daemon/studies/hearing.h"
#include "daemon/studies/replay.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/storage/store_foreign.h"
#include "daemon/storage/store_report.h"
#include "daemon/studies/index.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/run.h"
#include "daemon/studies/trial.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

/* In this order where they share a moment. */
enum moment_kind { TRIAL_OPENED, STEP_REPORTED, RUN_ENDED, TRIAL_STOPPED, TRIAL_RESUMED, TRIAL_CLOSED };

/* Something that happened. Clocks are set back, and those of other programs may lie in other time
 * zones: moments of the study (run_record) and numbers of trials order what dates cannot. */
struct moment {
	int64_t at;
	int64_t number; /* of the trial */
	enum moment_kind kind;
	size_t serial; /* as found in the file */
	struct trial *trial;
	struct run *run; /* of a report or an end */
	int64_t step;
	double value;
	bool measured;
};

struct past {
	struct study *study;
	struct moment *moments; /* owned */
	size_t count, capacity;
	int64_t *opened; /* (trials) when each began; owned */
};

static int remember(struct past *past, const struct moment *moment)
{
	if (array_reserve(past->moments, &past->capacity, past->count + 1) < 0)
		return -ENOMEM;
	past->moments[past->count] = *moment;
	past->moments[past->count].number = moment->trial->record.number;
	past->moments[past->count].serial = past->count;
	past->count++;
	return 0;
}

/* A fold is handed out as its trial begins. */
static int64_t opened_at(const struct trial *trial)
{
	int64_t opened = INT64_MAX;
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			if (run->record.began && run->record.began < opened)
				opened = run->record.began;
	return opened;
}

/* What another program ended, it ended after all that was heard here. */
static int64_t closed_at(const struct trial *trial)
{
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			if (run->record.closed)
				return run->record.closed;
	return INT64_MAX;
}

/* Of the runs only those that came to something. */
static int remember_ends(struct past *past, struct trial *trial)
{
	int rc = 0;
	for (int64_t fold = 0; rc == 0 && trial->folds && fold < trial->fold_count; fold++) {
		struct run *run = trial->folds[fold];
		struct moment end = {.kind = RUN_ENDED, .trial = trial, .run = run};
		if (!run || run->record.state != RUN_COMPLETE)
			continue;
		end.at = run->record.ended;
		rc = remember(past, &end);
	}
	return rc;
}

/* Of the runs that it got then the first. */
static bool speaks_for_all(const struct run *run)
{
	for (int64_t fold = 0; fold < run->record.fold; fold++)
		for (const struct run *other = run->trial->folds[fold]; other; other = other->previous)
			if (other->record.resumed == run->record.resumed)
				return false;
	return true;
}

/* It was stopped, and taken up again: by what is still known of that. */
static int remember_resumptions(struct past *past, struct trial *trial)
{
	int rc = 0;
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; rc == 0 && run; run = run->previous) {
			struct moment stop = {.at = run->record.stopped, .kind = TRIAL_STOPPED, .trial = trial};
			struct moment resumption = {.at = run->record.resumed, .kind = TRIAL_RESUMED, .trial = trial};
			if (run->record.resumed == 0 || !speaks_for_all(run))
				continue;
			rc = remember(past, &stop);
			if (rc == 0)
				rc = remember(past, &resumption);
		}
	return rc;
}

static int remember_trial(struct past *past, struct trial *trial, int64_t opened, int64_t closed)
{
	struct moment open = {.at = opened, .kind = TRIAL_OPENED, .trial = trial};
	struct moment close = {.at = closed, .kind = TRIAL_CLOSED, .trial = trial};
	int rc = remember(past, &open);
	if (rc == 0)
		rc = remember_ends(past, trial);
	if (rc == 0)
		rc = remember_resumptions(past, trial);
	return rc == 0 && trial_state_is_finished(trial->record.state) ? remember(past, &close) : rc;
}

/* A trial that another program ran, or that never ran, was over when our next one began. */
static int remember_trials(struct past *past)
{
	int64_t next = INT64_MAX;
	int rc = 0;
	for (size_t i = past->study->trials.count; rc == 0 && i-- > 0;) {
		struct trial *trial = past->study->trials.entries[i].item;
		if (trial->folds)
			next = opened_at(trial);
		past->opened[i] = next;
		if (trial->record.state != TRIAL_WAITING)
			rc = remember_trial(past, trial, next, trial->folds ? closed_at(trial) : next);
	}
	return rc;
}

/* Ids grow with numbers; a trial for which another program broke that has no curve here. */
static bool find_trial_by_id(size_t *index, const struct study *study, int64_t id)
{
	size_t low = 0, high = study->trials.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct trial *trial = study->trials.entries[middle].item;
		if (trial->record.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	*index = low;
	return low < study->trials.count && ((struct trial *)study->trials.entries[low].item)->record.id == id;
}

/* A repeat that is out knows which steps it has told. */
static int hear_again(struct run *run, const struct report *report)
{
	const struct hearing hearing = {report->step, report->value, report->measured, report->moment};
	return run_state_is_finished(run->record.state) ? 0 : hearing_of_repeat(run, &hearing);
}

static int remember_report(void *context, const struct report *report)
{
	struct past *past = context;
	struct run *run = index_find(&past->study->context->runs, report->run_id);
	if (!run || run->trial->study != past->study)
		return 0;
	run_note(run, report->step, &(struct run_metrics){report->metric_count, report->metrics}, false);
	if (report->moment > past->study->moment)
		past->study->moment = report->moment;
	if (run->record.repeat > 0)
		return hear_again(run, report);
	struct moment moment = {
	        .at = report->moment,
	        .kind = STEP_REPORTED,
	        .trial = run->trial,
	        .run = run,
	        .step = report->step,
	        .value = report->value,
	        .measured = report->measured,
	};
	return remember(past, &moment);
}

static int in_order(const void *left, const void *right)
{
	const struct moment *a = left, *b = right;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

/* A trial that another program ran is heard when it ends: Optuna keeps no times of its steps. */
static int remember_foreign_step(void *context, const struct foreign_step *step)
{
	struct past *past = context;
	size_t index;
	if (!find_trial_by_id(&index, past->study, step->trial_id))
		return 0;
	struct trial *trial = past->study->trials.entries[index].item;
	if (trial->record.state == TRIAL_WAITING)
		return 0;
	struct moment moment = {
	        .at = past->opened[index],
	        .kind = STEP_REPORTED,
	        .trial = trial,
	        .step = step->step,
	        .value = step->value,
	};
	return remember(past, &moment);
}

static int hear(const struct moment *moment)
{
	const struct hearing hearing = {moment->step, moment->value, moment->measured, moment->at};
	struct verdict verdict;
	return moment->run ? hearing_of_run(moment->run, &hearing, &verdict)
	                   : hearing_of_foreign(moment->trial, moment->step, moment->value);
}

/* What the pruners would say now was said then: the trial's record knows. */
static int live_through(const struct moment *moment)
{
	struct verdict verdict;
	switch (moment->kind) {
	case TRIAL_OPENED:
		return trial_open(moment->trial);
	case STEP_REPORTED:
		return moment->trial->closed ? 0 : hear(moment);
	case RUN_ENDED:
		return moment->trial->closed ? 0 : hearing_of_end(moment->run, &verdict);
	case TRIAL_STOPPED:
		return moment->trial->closed ? 0 : trial_relive_stop(moment->trial);
	case TRIAL_RESUMED:
		return moment->trial->closed ? 0 : trial_open_again(moment->trial);
	case TRIAL_CLOSED:
		return trial_close(moment->trial);
	}
	return 0;
}

/* Metrics are read only where they count: a second objective, a constraint, or an objective that
 * pruning does not look at. */
static bool needs_metrics(const struct study_spec *spec)
{
	return spec->objective_count != 1 || spec->constraint_count > 0 ||
	       strcmp(spec->prune_metric, spec->objectives[0].name) != 0;
}

int replay_study(struct study *study)
{
	struct past past = {.study = study, .opened = memory_alloc(study->trials.count + 1, sizeof *past.opened)};
	int rc = past.opened ? remember_trials(&past) : -ENOMEM;
	if (rc == 0)
		rc = studies_from_store(store_report_each(
		        study->context->store, study->id, needs_metrics(study->spec), remember_report, &past));
	if (rc == 0 && study_spec_prunes_by_objective(study->spec))
		rc = studies_from_store(
		        store_foreign_step_each(study->context->store, study->id, remember_foreign_step, &past));
	if (past.count)
		qsort(past.moments, past.count, sizeof *past.moments, in_order);
	for (size_t i = 0; rc == 0 && i < past.count; i++)
		rc = live_through(&past.moments[i]);
	memory_free(past.moments);
	memory_free(past.opened);
	return rc;
}
