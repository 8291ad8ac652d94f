#include "daemon/studies/trial.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/curve.h"
#include "daemon/studies/hearing.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/run.h"
#include "daemon/studies/spending.h"
#include "schema/base/memory.h"

int trial_create(struct trial **out, struct study *study, const struct trial_record *record)
{
	size_t point_count = study->spec->space->count, value_count = study->spec->objective_count;
	struct trial *trial = memory_alloc(1, sizeof *trial + (point_count + value_count) * sizeof *trial->numbers);
	if (!trial)
		return -ENOMEM;
	trial->record = *record;
	trial->record.point = trial->numbers;
	trial->record.values = trial->numbers + point_count;
	if (point_count)
		memcpy(trial->record.point, record->point, point_count * sizeof *record->point);
	memcpy(trial->record.values, record->values, value_count * sizeof *record->values);
	trial->study = study;
	trial->last_value = trial->sd = NAN;
	trial->last_step = -1;
	int rc = index_insert(&study->trials, record->number, trial);
	if (rc < 0) {
		memory_free(trial);
		return rc;
	}
	study->counts[record->state]++;
	*out = trial;
	return 0;
}

void trial_move(struct trial *trial, enum trial_state state)
{
	assert(trial_state_may_become(trial->record.state, state));
	assert(trial->study->counts[trial->record.state] > 0);
	trial->study->counts[trial->record.state]--;
	trial->study->counts[state]++;
	trial->record.state = state;
}

void trial_destroy(struct trial *trial)
{
	if (!trial)
		return;
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		run_destroy(trial->folds[fold]);
	for (int64_t slot = 0; slot < trial->repeat_count * trial->fold_count; slot++)
		run_destroy(trial->repeats[slot]);
	memory_free(trial->repeats);
	memory_free(trial->folds);
	curve_finish(&trial->settled);
	memory_free(trial->reason);
	memory_free(trial->defaults);
	memory_free(trial);
}

static int64_t slot_of(const struct trial *trial, const struct run *run)
{
	return run->record.fold - trial->fold_count;
}

/* Room for the repeat, whose folds are counted on from the trial's own. */
static int make_room_for_repeat(struct trial *trial, const struct run *run)
{
	int64_t count = run->record.repeat, had = trial->repeat_count * trial->fold_count;
	assert(trial->fold_count > 0 && slot_of(trial, run) < count * trial->fold_count);
	if (count <= trial->repeat_count)
		return 0;
	struct run **repeats = memory_alloc((size_t)(count * trial->fold_count), sizeof *repeats);
	if (!repeats)
		return -ENOMEM;
	for (int64_t slot = 0; slot < had; slot++)
		repeats[slot] = trial->repeats[slot];
	memory_free(trial->repeats);
	trial->repeats = repeats;
	trial->repeat_count = count;
	return 0;
}

static int make_room(struct trial *trial, const struct run *run)
{
	if (run->record.repeat > 0)
		return make_room_for_repeat(trial, run);
	if (!trial->folds)
		trial->folds = memory_alloc((size_t)trial->study->spec->folds, sizeof *trial->folds);
	assert(run->record.fold >= 0 && run->record.fold < trial->study->spec->folds);
	return trial->folds ? 0 : -ENOMEM;
}

/* True for a first attempt at a repeat, and for a fold that a stopped trial lacked. */
static bool begins_again(const struct run *run)
{
	if (run->record.repeat > 0)
		return !run->previous;
	return run->previous && run->previous->record.state != RUN_LOST;
}

static int adopt(struct trial *trial, struct run *run)
{
	bool repeats = run->record.repeat > 0;
	struct context *context = trial->study->context;
	int rc = make_room(trial, run);
	if (rc == 0)
		rc = index_insert(&context->runs, run->record.id, run);
	if (rc < 0)
		return rc;
	struct run **slot = repeats ? &trial->repeats[slot_of(trial, run)] : &trial->folds[run->record.fold];
	run->previous = *slot;
	*slot = run;
	trial->study->repeat_run_count += begins_again(run);
	trial->study->resumed_run_count += !repeats && begins_again(run);
	if (!repeats && run->record.fold >= trial->fold_count)
		trial->fold_count = run->record.fold + 1;
	if (run->record.id > context->last_run_id)
		context->last_run_id = run->record.id;
	return 0;
}

int trial_add_run(struct run **out, struct trial *trial, const struct run_record *record)
{
	struct run *run;
	int rc = run_create(&run, trial, record);
	if (rc < 0)
		return rc;
	rc = adopt(trial, run);
	if (rc < 0)
		run_destroy(run);
	else
		*out = run;
	return rc;
}

/* A fold that was not to go on, and did: the trial was stopped and taken up again, at a moment that
 * nobody noted. */
static bool was_resumed(const struct trial *trial)
{
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++) {
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			if (run->previous && run->previous->record.state != RUN_LOST && run->record.resumed == 0)
				return true;
	}
	return false;
}

int trial_open(struct trial *trial)
{
	int rc = history_start(trial->study->choice.search->history, trial->record.number, trial->record.point);
	if (rc == 0)
		rc = pruning_start(trial->study->pruning, trial->record.number);
	if (rc == 0 && trial->record.enqueued)
		pruning_spare(trial->study->pruning, trial->record.number);
	if (rc == 0 && was_resumed(trial))
		pruning_resume(trial->study->pruning, trial->record.number);
	return rc;
}

static void free_curves(struct trial *trial)
{
	curve_finish(&trial->settled);
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (struct run *run = trial->folds[fold]; run; run = run->previous)
			curve_finish(&run->curve);
}

/* Adds it to the others' (sign 1), or takes it away again. */
static void add_duration(const struct trial *trial, int sign)
{
	struct study *study = trial->study;
	const struct trial_record *record = &trial->record;
	bool known = trial->folds && record->started.us != 0 &&
	             record->completed.us >= record->started.us; /* clocks may be set back */
	if (!known || record->state == TRIAL_FAILED)
		return;
	study->results.duration_sum_s += sign * (double)(record->completed.us - record->started.us) / 1e6;
	study->results.duration_count += sign;
}

static bool reaches_target(const struct study_spec *spec, const double *values)
{
	for (size_t i = 0; i < spec->objective_count; i++) {
		const struct objective *objective = &spec->objectives[i];
		if (isnan(objective->target) || isnan(values[i]))
			continue;
		if (!objective_better(objective, objective->target, values[i]))
			return true;
	}
	return false;
}

bool trial_better(const struct trial *trial, const struct trial *than)
{
	if (!than)
		return true;
	if (trial->violation < than->violation || trial->violation > than->violation)
		return trial->violation < than->violation;
	const struct study_spec *spec = trial->study->spec;
	for (size_t i = 0; i < spec->objective_count; i++) {
		double a = trial->record.values[i], b = than->record.values[i];
		if (objective_better(&spec->objectives[i], a, b))
			return true;
		if (objective_better(&spec->objectives[i], b, a))
			return false;
	}
	return trial->record.number < than->record.number;
}

static void join_the_best(struct trial *trial)
{
	struct study *study = trial->study;
	study->results.value_low = fmin(study->results.value_low, trial->record.values[0]);
	study->results.value_high = fmax(study->results.value_high, trial->record.values[0]);
	if (trial_better(trial, study->results.best))
		study->results.best = trial;
	if (trial->violation <= 0 && reaches_target(study->spec, trial->record.values))
		study->results.target_reached = true;
}

static void join_the_models(struct best_models *models, struct trial *trial)
{
	if (!trial->folds) /* it left nothing here */
		return;
	models->finished_count++;
	if (trial->record.state != TRIAL_COMPLETE)
		return;
	size_t place = models->count;
	for (; place > 0 && trial_better(trial, models->trials[place - 1]); place--)
		models->trials[place] = models->trials[place - 1];
	models->trials[place] = trial;
	models->count += models->count < models->wanted;
}

static void hear_worth(void *context, const struct trial_worth *worth)
{
	history_estimate(context, worth->number, worth->mean, worth->variance);
}

/* Samplers hear what trials are worth in the first objective, where pruning looks at that. */
static void tell_worth(const struct trial *trial)
{
	const struct study *study = trial->study;
	const struct worth_listener samplers = {hear_worth, study->choice.search->history};
	if (study_spec_prunes_by_objective(study->spec))
		pruning_tell_worth(study->pruning, &samplers, trial->record.number);
}

/* Samplers and pruners hear that it ended in that state; the curves go. */
static int tell_end(struct trial *trial, enum trial_state state)
{
	const struct study *study = trial->study;
	const struct trial_record *record = &trial->record;
	bool complete = state == TRIAL_COMPLETE,
	     unsaid = state == TRIAL_PRUNED && pruning_ignores_stopped(study->pruning);
	history_finish(study->choice.search->history, record->number, unsaid ? TRIAL_FAILED : state,
	        complete ? record->values : NULL, trial->violation);
	if (trial->violation > 0)
		pruning_rule_out(study->pruning, record->number);
	int rc = pruning_finish(study->pruning, record->number, state, complete ? hearing_final(trial) : (double)NAN);
	tell_worth(trial);
	free_curves(trial);
	return rc;
}

int trial_close(struct trial *trial)
{
	struct study *study = trial->study;
	const struct trial_record *record = &trial->record;
	bool complete = record->state == TRIAL_COMPLETE;
	assert(!trial->closed && trial_state_is_finished(record->state));
	if (spending_add(&study->spending, trial) < 0)
		return -ENOMEM;
	trial->closed = true;
	list_remove(&trial->member);
	int rc = tell_end(trial, record->state);
	add_duration(trial, 1);
	if (complete && study->spec->objective_count > 0)
		join_the_best(trial);
	join_the_models(&study->results.models, trial);
	return rc;
}

int trial_relive_stop(struct trial *trial)
{
	return tell_end(trial, TRIAL_PRUNED);
}

int trial_open_again(struct trial *trial)
{
	int rc = trial_open(trial);
	pruning_resume(trial->study->pruning, trial->record.number);
	return rc;
}

void trial_reopen(struct trial *trial)
{
	struct study *study = trial->study;
	spending_remove(&study->spending, trial);
	trial_move(trial, TRIAL_RUNNING);
	add_duration(trial, -1);
	study->results.models.finished_count -= trial->folds != NULL;
	for (size_t i = 0; i < study->spec->objective_count; i++)
		trial->record.values[i] = NAN;
	memory_free(trial->reason);
	trial->reason = NULL;
	trial->record.completed = (struct walltime){0};
	trial->closed = false;
}

double trial_value(const struct trial *trial)
{
	return trial->study->spec->objective_count ? trial->record.values[0] : (double)NAN;
}

double trial_mean(const struct trial *trial, size_t outcome)
{
	double sum = 0;
	int64_t folds = trial->fold_count;
	for (int64_t fold = 0; fold < folds; fold++)
		sum += trial->folds[fold]->outcomes[outcome].value;
	return sum / (double)folds;
}

/* The corrected standard deviation; one fold has none. */
static double fold_sd(const struct trial *trial)
{
	if (trial->study->spec->objective_count == 0)
		return (double)NAN;
	double squares = 0, mean = trial_mean(trial, 0);
	int64_t folds = trial->fold_count;
	for (int64_t fold = 0; fold < folds; fold++) {
		double apart = trial->folds[fold]->outcomes[0].value - mean;
		squares += apart * apart;
	}
	return folds > 1 ? sqrt(squares / (double)(folds - 1)) : (double)NAN;
}

/* A measure that was never reported cannot be shown to hold. */
static double excess(const struct constraint *constraint, double value)
{
	if (isnan(value))
		return INFINITY;
	double beyond = constraint->at_most ? value - constraint->bound : constraint->bound - value;
	return beyond > 0 ? beyond : 0;
}

void trial_sum_up(struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	trial->sd = fold_sd(trial);
	trial->violation = 0;
	for (size_t i = 0; i < spec->constraint_count; i++)
		trial->violation += excess(&spec->constraints[i], trial_mean(trial, spec->objective_count + i));
}
