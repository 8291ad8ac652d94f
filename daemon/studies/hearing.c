#include "daemon/studies/hearing.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/curve.h"
#include "daemon/studies/run.h"

struct fold_tally {
	double sum;
	int64_t count;     /* folds that reported the step */
	int64_t behind;    /* folds under way that did not */
	int64_t not_begun; /* folds that never ran */
};

/* How a fold stood when its attempts had come as far as at that moment; 0 = now, where the states
 * tell. */
static const struct run *fold_at(const struct trial *trial, int64_t fold, int64_t at)
{
	return at ? run_at(trial->folds[fold], at) : trial->folds[fold];
}

static bool has_begun(const struct run *run, int64_t at)
{
	bool begun = false;
	for (; run && !begun; run = run->previous)
		begun = run_had_begun(run, at ? at : INT64_MAX);
	return begun;
}

/* Also while it waits for its next attempt; a trial that has none left is over. */
static bool is_under_way(const struct run *run, int64_t at)
{
	bool ended = at ? run->record.ended != 0 && run->record.ended <= at : run_state_is_finished(run->record.state);
	return !ended || run->record.state == RUN_LOST;
}

static struct fold_tally tally_step(const struct trial *trial, const struct hearing *hearing)
{
	struct fold_tally tally = {0};
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		const struct run *run = fold_at(trial, fold, hearing->at);
		double value;
		if (run_reported(&value, run, hearing->step)) {
			tally.sum += value;
			tally.count++;
		} else if (!has_begun(run, hearing->at))
			tally.not_begun++;
		else if (is_under_way(run, hearing->at))
			tally.behind++;
	}
	return tally;
}

/* Samplers turn every value as they do the first objective's; pruning may look at a metric with the
 * other goal. */
static double as_objective(const struct study_spec *spec, double value)
{
	bool turned = spec->objective_count > 0 && spec->prune_direction != spec->objectives[0].direction;
	return turned ? -value : value;
}

static int tell_pruners(struct trial *trial, int64_t step, double value, struct verdict *verdict)
{
	int rc = curve_put(&trial->settled, step, value);
	if (rc < 0)
		return rc;
	if (step >= trial->last_step) {
		trial->last_step = step;
		trial->last_value = value;
	}
	trial->study->results.heard_count++;
	history_report(trial->study->choice.search->history, trial->record.number, step,
	        as_objective(trial->study->spec, value));
	return pruning_report(verdict, trial->study->pruning, trial->record.number, step, value);
}

/* The run's own part: its curve, its outcome, its last step. */
static int hear_run(struct run *run, const struct hearing *hearing)
{
	bool again = run_knows(run, hearing->step);
	int rc = hearing->measured ? curve_put(&run->curve, hearing->step, hearing->value)
	                           : curve_pass(&run->curve, hearing->step);
	if (rc < 0)
		return rc;
	run->step_count += !again;
	if (hearing->measured)
		run_note_value(run, hearing->step, hearing->value);
	if (hearing->step > run->last_step)
		run->last_step = hearing->step;
	return 0;
}

int hearing_of_repeat(struct run *run, const struct hearing *hearing)
{
	return hear_run(run, hearing);
}

int hearing_of_run(struct run *run, const struct hearing *hearing, struct verdict *verdict)
{
	struct trial *trial = run->trial;
	*verdict = verdict_none(hearing->step, NAN);
	int rc = hear_run(run, hearing);
	if (rc < 0 || !hearing->measured)
		return rc;
	struct verdict settled = *verdict;
	const struct fold_report report = {trial->record.number, run->record.fold, hearing->step, hearing->value};
	rc = pruning_hear(verdict, trial->study->pruning, &report);
	struct fold_tally tally = tally_step(trial, hearing);
	if (rc < 0 || tally.behind > 0 || curve_knows(&trial->settled, hearing->step))
		return rc;
	rc = tell_pruners(trial, hearing->step, tally.sum / (double)tally.count, &settled);
	if (!verdict->prune)
		*verdict = settled;
	return rc;
}

/* The objective that pruning looks at; objective_count where it is another metric. */
static size_t pruned_objective(const struct study_spec *spec)
{
	size_t i = 0;
	while (i < spec->objective_count && strcmp(spec->objectives[i].name, spec->prune_metric) != 0)
		i++;
	return i;
}

/* What a complete run came to in the metric that pruning looks at: the objective's outcome, or of
 * another metric its last report. */
static double pruned_outcome(const struct run *run)
{
	const struct study_spec *spec = run->trial->study->spec;
	size_t objective = pruned_objective(spec);
	if (objective < spec->objective_count)
		return run->outcomes[objective].value;
	for (size_t i = run->curve.count; i-- > 0;)
		if (run->curve.points[i].measured)
			return run->curve.points[i].value;
	return (double)NAN;
}

double hearing_final(const struct trial *trial)
{
	const struct study_spec *spec = trial->study->spec;
	size_t objective = pruned_objective(spec);
	double sum = 0;
	if (objective < spec->objective_count)
		return trial->record.values[objective];
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		sum += pruned_outcome(trial->folds[fold]);
	return trial->folds ? sum / (double)trial->fold_count : (double)NAN;
}

int hearing_of_end(struct run *run, struct verdict *verdict)
{
	const struct fold_report report = {
	        run->trial->record.number, run->record.fold, run->last_step, pruned_outcome(run)};
	return pruning_hear_end(verdict, run->trial->study->pruning, &report);
}

int hearing_of_foreign(struct trial *trial, int64_t step, double value)
{
	struct verdict verdict;
	return curve_knows(&trial->settled, step) ? 0 : tell_pruners(trial, step, value, &verdict);
}
