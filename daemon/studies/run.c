#include "daemon/studies/run.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/context.h"
#include "daemon/studies/curve.h"
#include "daemon/studies/live.h"
#include "schema/base/memory.h"

int run_create(struct run **out, struct trial *trial, const struct run_record *record)
{
	const struct study_spec *spec = trial->study->spec;
	size_t outcome_count = spec->objective_count + spec->constraint_count;
	struct run *run = memory_alloc(1, sizeof *run + outcome_count * sizeof *run->outcomes);
	if (!run)
		return -ENOMEM;
	run->record = *record;
	run->trial = trial;
	run->last_step = -1;
	for (size_t i = 0; i < outcome_count; i++)
		run->outcomes[i] = (struct run_outcome){.value = NAN, .last_step = -1};
	if (spec->objective_count > 0)
		run->outcomes[0].value = record->value;
	*out = run;
	return 0;
}

void run_move(struct run *run, enum run_state state)
{
	assert(run_state_may_become(run->record.state, state));
	run->record.state = state;
}

void run_destroy(struct run *run)
{
	while (run) {
		struct run *previous = run->previous;
		curve_finish(&run->curve);
		memory_free(run->session);
		memory_free(run->ask_key);
		memory_free(run->reason);
		memory_free(run);
		run = previous;
	}
}

enum stop_reason run_stop(const struct run *run)
{
	if (run->record.state == RUN_LOST)
		return STOP_LOST;
	enum trial_state state = run->trial->record.state;
	if (run->record.repeat > 0)
		return run->trial->study->state == STUDY_STOPPED ? STOP_CANCELLED : STOP_NONE;
	if (state == TRIAL_PRUNED)
		return STOP_PRUNED;
	bool cancelled = state == TRIAL_FAILED || run->trial->study->state == STUDY_STOPPED ||
	                 (state == TRIAL_COMPLETE && run->record.state == RUN_LEASED);
	return cancelled ? STOP_CANCELLED : STOP_NONE;
}

static bool find_metric(double *value, const struct run_metrics *metrics, const char *name)
{
	for (size_t i = 0; i < metrics->count; i++) {
		if (strcmp(metrics->items[i].name, name) != 0)
			continue;
		*value = metrics->items[i].value;
		return true;
	}
	return false;
}

bool run_measures(double *value, const struct run *run, const struct report_request *report)
{
	const char *name = run->trial->study->spec->prune_metric;
	if (!report->value.given)
		return find_metric(value, &report->metrics, name);
	*value = report->value.value;
	return true;
}

static bool takes_best(const struct study_spec *spec, size_t index)
{
	return index < spec->objective_count && spec->result_rule == RESULT_BEST;
}

/* What is no number is never the best. */
static bool improves(const struct run_outcome *outcome, double value, const struct objective *objective)
{
	return !isnan(value) && (isnan(outcome->value) || objective_better(objective, value, outcome->value));
}

/* What a complete run came to stays, also when its reports are heard once more from the file. */
static void note_outcome(struct run *run, size_t index, int64_t step, double value)
{
	const struct study_spec *spec = run->trial->study->spec;
	struct run_outcome *outcome = &run->outcomes[index];
	if (run->record.state == RUN_COMPLETE)
		return;
	bool news = step > outcome->last_step; /* it may come by its name and as the value */
	outcome->count += news;
	outcome->nan_count += news && isnan(value);
	if (takes_best(spec, index) ? improves(outcome, value, &spec->objectives[index]) : step >= outcome->last_step)
		outcome->value = value;
	if (news)
		outcome->last_step = step;
}

static void note_final(struct run_outcome *outcome, double value)
{
	outcome->value = value;
	outcome->count++;
	outcome->nan_count += isnan(value);
}

const char *run_outcome_name(const struct run *run, size_t index)
{
	const struct study_spec *spec = run->trial->study->spec;
	return index < spec->objective_count ? spec->objectives[index].name
	                                     : spec->constraints[index - spec->objective_count].metric;
}

void run_note(struct run *run, int64_t step, const struct run_metrics *metrics, bool final)
{
	const struct study_spec *spec = run->trial->study->spec;
	for (size_t i = 0; i < spec->objective_count + spec->constraint_count; i++) {
		double value;
		if (!find_metric(&value, metrics, run_outcome_name(run, i)))
			continue;
		if (final)
			note_final(&run->outcomes[i], value);
		else
			note_outcome(run, i, step, value);
	}
}

static const struct metric_range *find_range(const struct tell_request *tell, const char *name)
{
	for (size_t i = 0; i < tell->heard.count; i++)
		if (strcmp(tell->heard.items[i].name, name) == 0)
			return &tell->heard.items[i];
	return NULL;
}

void run_note_heard(struct run *run, const struct tell_request *tell)
{
	const struct study_spec *spec = run->trial->study->spec;
	for (size_t i = 0; i < spec->objective_count + spec->constraint_count; i++) {
		struct run_outcome *outcome = &run->outcomes[i];
		const struct metric_range *range = find_range(tell, run_outcome_name(run, i));
		if (!range)
			continue;
		if (outcome->count == 0) { /* none of it arrived */
			outcome->count = 1;
			outcome->nan_count = isnan(range->greatest);
		}
		if (!takes_best(spec, i)) {
			outcome->value = range->last;
			continue;
		}
		const struct objective *objective = &spec->objectives[i];
		double best = objective->direction == MAXIMIZE ? range->greatest : range->least;
		if (improves(outcome, best, objective))
			outcome->value = best;
	}
}

void run_note_value(struct run *run, int64_t step, double value)
{
	const struct study_spec *spec = run->trial->study->spec;
	for (size_t i = 0; i < spec->objective_count; i++)
		if (strcmp(spec->objectives[i].name, spec->prune_metric) == 0)
			note_outcome(run, i, step, value);
}

bool run_had_begun(const struct run *run, int64_t moment)
{
	return run->record.began != 0 && run->record.began <= moment;
}

/* One that its trial got when it was taken up again is waited for from then on. */
static bool was_there(const struct run *run, int64_t moment)
{
	return run_had_begun(run, moment) || (run->record.resumed != 0 && run->record.resumed <= moment);
}

const struct run *run_at(const struct run *run, int64_t moment)
{
	while (run->previous && !was_there(run, moment))
		run = run->previous;
	return run;
}

/* One that was stopped is no part of it: its trial was resumed. */
static const struct run *repeated_by(const struct run *run)
{
	return run->previous && run->previous->record.state == RUN_LOST ? run->previous : NULL;
}

int64_t run_steps(const struct run *run)
{
	int64_t steps = 0;
	for (; run; run = repeated_by(run))
		steps += run->step_count;
	return steps;
}

int64_t run_losses(const struct run *lost)
{
	int64_t count = 0;
	for (; lost && lost->record.state == RUN_LOST; lost = lost->previous)
		count += !lost->record.handed_back;
	return count;
}

bool run_knows(const struct run *run, int64_t step)
{
	for (; run; run = repeated_by(run))
		if (curve_knows(&run->curve, step))
			return true;
	return false;
}

bool run_reported(double *value, const struct run *run, int64_t step)
{
	for (; run; run = run->previous)
		if (curve_get(value, &run->curve, step))
			return true;
	return false;
}
