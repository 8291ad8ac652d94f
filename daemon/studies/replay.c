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

/* In this order when they happened in the same microsecond. */
enum moment_kind { TRIAL_OPENED, STEP_REPORTED, TRIAL_CLOSED };

struct moment {
	int64_t us;
	enum moment_kind kind;
	size_t serial; /* as found in the file */
	struct trial *trial;
	struct run *run; /* of a report */
	int64_t step;
	double value;
	bool measured;
};

struct past {
	struct study *study;
	struct moment *moments; /* owned */
	size_t count, capacity;
};

static int remember(struct past *past, const struct moment *moment)
{
	if (array_reserve(past->moments, &past->capacity, past->count + 1) < 0)
		return -ENOMEM;
	past->moments[past->count] = *moment;
	past->moments[past->count].serial = past->count;
	past->count++;
	return 0;
}

/* A clock may be set back, or another program's may lag: a trial ends after it began all the
 * same. */
static int64_t not_before(struct walltime time, struct walltime other)
{
	return time.us > other.us ? time.us : other.us;
}

static int remember_trial(struct past *past, struct trial *trial)
{
	const struct trial_record *record = &trial->record;
	if (record->state == TRIAL_WAITING)
		return 0;
	struct moment opened = {.us = record->started.us, .kind = TRIAL_OPENED, .trial = trial};
	struct moment closed = {
	        .us = not_before(record->completed, record->started), .kind = TRIAL_CLOSED, .trial = trial};
	int rc = remember(past, &opened);
	if (rc == 0 && trial_state_is_finished(record->state))
		rc = remember(past, &closed);
	return rc;
}

/* When the attempt began, and its trial. */
static struct walltime not_earlier(const struct run *run)
{
	const struct walltime trial = run->trial->record.started, own = run->record.started;
	return (struct walltime){not_before(own, trial)};
}

/* Ids grow with numbers; a trial for which another program broke that has no curve here. */
static struct trial *find_trial_by_id(const struct study *study, int64_t id)
{
	size_t low = 0, high = study->trials.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct trial *trial = study->trials.entries[middle].item;
		if (trial->record.id == id)
			return trial;
		if (trial->record.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int remember_report(void *context, const struct report *report)
{
	struct past *past = context;
	struct run *run = index_find(&past->study->context->runs, report->run_id);
	if (!run || run->trial->study != past->study)
		return 0;
	run_note(run, report->step, &(struct run_metrics){report->metric_count, report->metrics}, false);
	struct moment moment = {
	        .us = not_before(report->reported, not_earlier(run)),
	        .kind = STEP_REPORTED,
	        .trial = run->trial,
	        .run = run,
	        .step = report->step,
	        .value = report->value,
	        .measured = report->measured,
	};
	return remember(past, &moment);
}

static int by_time(const void *left, const void *right)
{
	const struct moment *a = left, *b = right;
	if (a->us != b->us)
		return a->us < b->us ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

/* A trial that another program ran is heard when it ends: Optuna keeps no times of its steps. */
static int remember_foreign_step(void *context, const struct foreign_step *step)
{
	struct past *past = context;
	struct trial *trial = find_trial_by_id(past->study, step->trial_id);
	if (!trial || trial->record.state == TRIAL_WAITING)
		return 0;
	struct moment moment = {
	        .us = not_before(trial->record.completed, trial->record.started),
	        .kind = STEP_REPORTED,
	        .trial = trial,
	        .step = step->step,
	        .value = step->value,
	};
	return remember(past, &moment);
}

static int hear(const struct moment *moment)
{
	const struct walltime at = {moment->us};
	const struct hearing hearing = {moment->step, moment->value, moment->measured, &at};
	struct verdict verdict;
	return moment->run ? trial_hear(moment->run, &hearing, &verdict)
	                   : trial_hear_foreign(moment->trial, moment->step, moment->value);
}

/* What the pruners would say now was said then: the trial's record knows. */
static int live_through(const struct moment *moment)
{
	switch (moment->kind) {
	case TRIAL_OPENED:
		return trial_open(moment->trial);
	case STEP_REPORTED:
		return moment->trial->closed ? 0 : hear(moment);
	case TRIAL_CLOSED:
		trial_close(moment->trial);
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
	struct past past = {.study = study};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < study->trials.count; i++)
		rc = remember_trial(&past, study->trials.entries[i].item);
	if (rc == 0)
		rc = studies_from_store(store_report_each(
		        study->context->store, study->id, needs_metrics(study->spec), remember_report, &past));
	if (rc == 0 && study_spec_prunes_by_objective(study->spec))
		rc = studies_from_store(
		        store_foreign_step_each(study->context->store, study->id, remember_foreign_step, &past));
	if (past.count)
		qsort(past.moments, past.count, sizeof *past.moments, by_time);
	for (size_t i = 0; rc == 0 && i < past.count; i++)
		rc = live_through(&past.moments[i]);
	memory_free(past.moments);
	return rc;
}
