#include "daemon/studies/foreign.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/history.h"
#include "daemon/storage/store_foreign.h"
#include "daemon/studies/curve.h"
#include "daemon/studies/hearing.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/trial.h"

/* Optuna takes a fixed value as it is, and a study's ranges there may be wider. */
static bool is_outside(const struct trial *trial)
{
	const struct space *space = trial->study->spec->space;
	for (size_t i = 0; i < space->count; i++)
		if (!isnan(trial->record.point[i]) && !param_contains(&space->params[i], trial->record.point[i]))
			return true;
	return false;
}

void foreign_count(struct trial *trial)
{
	trial->study->foreign_counts[trial->record.state]++;
	trial->study->misfits.outside += is_outside(trial);
	trial->study->misfits.unfit += trial->record.unfit;
}

void foreign_uncount(struct trial *trial)
{
	trial->study->foreign_counts[trial->record.state]--;
	trial->study->misfits.outside -= is_outside(trial);
	trial->study->misfits.unfit -= trial->record.unfit;
}

/* ---- what it went through ---- */

static int take_violation(void *context, int64_t trial_id, double violation)
{
	struct trial *trial = context;
	(void)trial_id;
	trial->violation = violation;
	return 0;
}

struct hearing_again {
	struct trial *trial;
	size_t count; /* of the steps that the file has */
};

/* A step that was heard must say what it said: pruners cannot unhear it. */
static int hear_step(void *context, const struct foreign_step *step)
{
	struct hearing_again *hearing = context;
	double heard;
	hearing->count++;
	if (!curve_get(&heard, &hearing->trial->settled, step->step))
		return hearing_of_foreign(hearing->trial, step->step, step->value);
	return heard == step->value || (isnan(heard) && isnan(step->value)) ? 0 : -ESTALE;
}

/* Optuna keeps no times of its steps: they are heard as they are found. */
static int hear_steps(struct trial *trial)
{
	struct hearing_again hearing = {.trial = trial};
	struct store *store = trial->study->context->store;
	if (!study_spec_prunes_by_objective(trial->study->spec))
		return 0;
	int rc = studies_from_store(store_foreign_step_each_of_trial(store, trial->record.id, hear_step, &hearing));
	return rc == 0 && hearing.count != trial->settled.count ? -ESTALE : rc;
}

static int live_on(struct trial *trial)
{
	struct store *store = trial->study->context->store;
	int rc = hear_steps(trial);
	if (rc < 0 || !trial_state_is_finished(trial->record.state))
		return rc;
	rc = studies_from_store(store_foreign_violation_of_trial(store, trial->record.id, take_violation, trial));
	if (rc == 0)
		rc = trial_close(trial);
	return rc;
}

/* ---- new ones ---- */

int foreign_admit(struct study *study, const struct trial_record *record)
{
	struct trial *trial;
	int rc = trial_create(&trial, study, record);
	if (rc < 0)
		return rc;
	foreign_count(trial);
	if (record->state == TRIAL_WAITING) {
		list_append(&study->queues.waiting, &trial->member);
		return 0;
	}
	rc = trial_open(trial);
	return rc < 0 ? rc : live_on(trial);
}

/* ---- known ones ---- */

/* Of one that is not finished. */
static bool is_the_same(const struct trial *trial, const struct trial_record *record)
{
	const size_t count = trial->study->spec->space->count;
	for (size_t i = 0; i < count; i++) {
		const double was = trial->record.point[i], is = record->point[i];
		if (!(was == is || (isnan(was) && isnan(is))))
			return false;
	}
	return true;
}

static void copy_record(struct trial *trial, const struct trial_record *record)
{
	const struct study_spec *spec = trial->study->spec;
	trial->record.started = record->started;
	trial->record.completed = record->completed;
	trial->record.unfit = record->unfit;
	if (spec->space->count)
		memcpy(trial->record.point, record->point, spec->space->count * sizeof *record->point);
	memcpy(trial->record.values, record->values, spec->objective_count * sizeof *record->values);
}

/* The sampler sees the point as it is now: Optuna's trials begin without one and get it parameter
 * by parameter. */
static int open_again(struct trial *trial, bool was_open)
{
	struct history *history = trial->study->choice.search->history;
	if (!was_open)
		return trial_open(trial);
	int rc = history_start(history, trial->record.number, trial->record.point);
	if (rc == 0 && trial->last_step >= 0)
		history_report(history, trial->record.number, trial->last_step, trial->last_value);
	return rc;
}

int foreign_update(struct trial *trial, const struct trial_record *record)
{
	const enum trial_state was = trial->record.state;
	const bool moves = was != record->state;
	if (record->number != trial->record.number || (moves && !trial_state_may_become(was, record->state)))
		return -ESTALE;
	if (!moves && is_the_same(trial, record))
		return record->state == TRIAL_WAITING ? 0 : live_on(trial);
	foreign_uncount(trial);
	copy_record(trial, record);
	if (moves)
		trial_move(trial, record->state);
	foreign_count(trial);
	if (record->state == TRIAL_WAITING)
		return 0;
	list_remove(&trial->member);
	int rc = open_again(trial, was == TRIAL_RUNNING);
	return rc < 0 ? rc : live_on(trial);
}
