/* Stops a trial when what its folds, or the forecast of its first one, make it worth lies too many
 * standard errors below the bar: the third best of the complete trials, or where the best tenth of
 * all ends. The noise is pooled over trials (fold_model.h), as in Kuhn 2014, "Futility Analysis in
 * the Cross-Validation of Machine Learning Models"; the forecast carries its own error, as in
 * Domhan, Springenberg & Hutter 2015, "Speeding up Automatic Hyperparameter Optimization of Deep
 * Neural Networks by Extrapolation of Learning Curves". 2.2 standard errors are Pocock's bound of
 * seven looks (1977, "Group sequential methods in the design and analysis of clinical trials").
 *
 * After each fold but the last the folds are weighed. Within the first fold, at a third and at two
 * thirds of its epochs (without folds at each quarter), its end is forecast, and the next epoch has
 * to agree; a curve that lies three box lengths below the lower quartile twice running is stopped
 * before.
 *
 * It minds what it does: one verdict in ten is overridden, and after every ten trials the rule is
 * tried on the three best without themselves. Where it would have stopped one of these, or an
 * overridden verdict in ten was wrong, it asks for half a standard error more; at four it rests. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/pruners/auto_epochs.h"
#include "daemon/pruners/pruner_type.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

enum { AUDIT_ONE_IN = 10, REPLAY_EVERY = 10, REPLAY_BEST = 3, BUDGET_LEAST = 20, STANDARD_ERRORS_MOST = 4 };
#define STANDARD_ERRORS_MORE 0.5

struct auto_pruner {
	double z;
	int64_t startup_trials;
	bool best_counts; /* a fold's final value is its best one */
	bool too_few;     /* so few trials are wanted that nothing can be saved */
	size_t replayed;  /* complete trials when the rule was tried last */
	struct verdict_grounds grounds;
	char note[160];
};

static int auto_create(void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	struct auto_pruner *pruner = memory_alloc(1, sizeof *pruner);
	if (!pruner)
		return error_no_memory(error);
	pruner->z = method_number(method, "z");
	pruner->startup_trials = (int64_t)method_number(method, "n_startup_trials");
	pruner->best_counts = spec->result_rule == RESULT_BEST;
	double trials = study_spec_trials_most(spec);
	pruner->too_few = trials > 0 && trials < BUDGET_LEAST;
	*state = pruner;
	return 0;
}

static bool rests(const struct auto_pruner *pruner)
{
	return pruner->too_few || pruner->z >= STANDARD_ERRORS_MOST;
}

/* True when a trial that is worth `mean` lies too far below the bar. */
static bool is_below(struct auto_pruner *pruner, const struct fold_records *records, double mean, double variance)
{
	double behind = records->maximize ? records->bar - mean : mean - records->bar;
	pruner->grounds = (struct verdict_grounds){
	        .mean = mean,
	        .sd = sqrt(variance),
	        .bar = records->bar,
	        .z = pruner->z,
	        .noise = sqrt(records->model.noise_variance),
	        .of_runs = records->fold_count,
	};
	return behind > pruner->z * sqrt(variance + records->bar_variance);
}

static bool falls_behind(struct auto_pruner *pruner, const struct fold_records *records, size_t row)
{
	double mean, variance;
	size_t done = fold_records_done(records, row);
	if (done == 0 || done == records->fold_count)
		return false;
	fold_model_posterior(&mean, &variance, &records->model, fold_records_finals(records, row));
	bool below = is_below(pruner, records, mean, variance);
	pruner->grounds.runs = done;
	return below;
}

/* The same from the first `count` epochs of its first fold. */
static int is_hopeless(bool *out, struct auto_pruner *pruner, struct fold_records *records, const struct epochs *seen)
{
	bool below = true;
	*out = false;
	for (size_t back = 1; below && back <= 2; back++) { /* the look, then the epoch that has to agree */
		struct epochs then = *seen;
		struct fold_evidence end;
		then.count -= 2 - back;
		int rc = epochs_forecast(&end, records, &then);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		double mean, variance;
		fold_model_weigh(&mean, &variance, &records->model, &end);
		below = is_below(pruner, records, mean, variance);
		records->rows[seen->row].forecast = end.value;
		records->rows[seen->row].forecast_variance = end.extra;
	}
	*out = below;
	return 0;
}

static int falls_behind_early(bool *out, struct auto_pruner *pruner, struct fold_records *records,
        const struct epochs *seen, struct verdict *verdict)
{
	int rc = 0;
	*out = false;
	if (epochs_are_a_look(records, seen))
		rc = is_hopeless(out, pruner, records, seen);
	if (rc == 0 && !*out && epochs_are_an_outlier(&verdict->threshold, records, seen)) {
		struct fold_evidence end = {.value = (double)NAN};
		rc = epochs_forecast(&end, records, seen);
		records->rows[seen->row].forecast = end.value;
		records->rows[seen->row].forecast_variance = end.extra;
		pruner->grounds = (struct verdict_grounds){.outlier = true, .of_runs = records->fold_count};
		*out = true;
	}
	return rc < 0 ? rc : 0;
}

static bool is_audit(const struct fold_records *records, size_t row)
{
	return rng_mix(records->seed, (uint64_t)records->rows[row].number) % AUDIT_ONE_IN == 0;
}

static bool is_spared(const struct auto_pruner *pruner, const struct fold_row *trial)
{
	return trial->spared || trial->number < pruner->startup_trials;
}

static int auto_weigh(void *state, struct fold_records *records, const struct fold_moment *now, struct verdict *verdict)
{
	struct auto_pruner *pruner = state;
	struct fold_row *trial = &records->rows[now->row];
	const struct epochs seen = {now->row, now->fold, trial->folds[now->fold].count, pruner->best_counts};
	bool stop = false;
	int rc = 0;
	if (rests(pruner) || is_spared(pruner, trial) || !records->model.fitted || isnan(records->bar))
		return 0;
	if (now->ended)
		stop = falls_behind(pruner, records, now->row);
	else if (fold_records_done(records, now->row) == 0 && now->fold == fold_records_first(records, now->row))
		rc = falls_behind_early(&stop, pruner, records, &seen, verdict);
	if (rc != 0 || !stop)
		return rc;
	verdict->grounds = &pruner->grounds;
	trial->would_stop = is_audit(records, now->row);
	verdict->prune = !trial->would_stop;
	return 0;
}

/* ---- minding what it does ---- */

/* The best of the trials that compete, the best first; returns how many. */
static size_t list_best(size_t best[REPLAY_BEST + 1], const struct fold_records *records)
{
	double worth[REPLAY_BEST + 1], sign = records->maximize ? 1 : -1;
	size_t count = 0;
	for (size_t row = 0; row < records->count; row++) {
		double mean, variance;
		if (!fold_records_competes(records, row))
			continue;
		fold_records_worth(&mean, &variance, records, row);
		size_t at = count;
		for (; at > 0 && worth[at - 1] < sign * mean; at--) {
			worth[at] = worth[at - 1];
			best[at] = best[at - 1];
		}
		worth[at] = sign * mean;
		best[at] = row;
		count += count < REPLAY_BEST;
	}
	return count;
}

/* The trial has run nothing yet, and the others are all there is; its folds end one by one. */
static int try_rule(
        bool *stops, struct auto_pruner *pruner, struct fold_records *records, size_t row, const double *finals)
{
	struct verdict verdict = verdict_none(0, (double)NAN);
	size_t k = records->fold_count, first = fold_records_first(records, row);
	struct epochs seen = {row, first, 1, pruner->best_counts};
	int rc = isnan(records->bar) || !records->model.fitted ? 1 : 0;
	*stops = false;
	for (; rc == 0 && !*stops && seen.count <= records->rows[row].folds[first].count; seen.count++)
		rc = falls_behind_early(stops, pruner, records, &seen, &verdict);
	for (size_t i = 0; rc == 0 && !*stops && i + 1 < k; i++) {
		size_t fold = (first + i) % k;
		fold_records_finals(records, row)[fold] = finals[fold];
		*stops = falls_behind(pruner, records, row);
	}
	return rc < 0 ? rc : 0;
}

static int would_stop(bool *stops, struct auto_pruner *pruner, struct fold_records *records, size_t row)
{
	size_t bytes = records->fold_count * sizeof(double);
	double *finals = memory_alloc(1, bytes);
	if (!finals)
		return -ENOMEM;
	struct fold_row was = records->rows[row];
	memcpy(finals, fold_records_finals(records, row), bytes);
	for (size_t fold = 0; fold < records->fold_count; fold++)
		fold_records_finals(records, row)[fold] = (double)NAN;
	int rc = fold_records_fit(records);
	if (rc == 0)
		rc = try_rule(stops, pruner, records, row, finals);
	memcpy(fold_records_finals(records, row), finals, bytes);
	records->rows[row] = was;
	memory_free(finals);
	return rc;
}

/* Of the verdicts that were overridden, those that were wrong: more than one in ten? */
static bool audits_fail(const struct fold_records *records)
{
	size_t wrong = 0, count = 0;
	for (size_t row = 0; row < records->count; row++) {
		double mean, variance;
		if (!records->rows[row].would_stop || !fold_records_competes(records, row))
			continue;
		fold_records_worth(&mean, &variance, records, row);
		count++;
		wrong += records->maximize ? mean > records->bar : mean < records->bar;
	}
	return wrong * AUDIT_ONE_IN > count;
}

static void ask_for_more(struct auto_pruner *pruner, struct fold_records *records, const char *why)
{
	pruner->z += STANDARD_ERRORS_MORE;
	for (size_t row = 0; row < records->count; row++) /* the next ones are judged by the new bound */
		records->rows[row].would_stop = false;
	if (rests(pruner))
		snprintf(pruner->note, sizeof pruner->note, "no trial is stopped any more: %s", why);
	else
		snprintf(pruner->note, sizeof pruner->note,
		        "trials are stopped %.2g standard errors below the bar now: %s", pruner->z, why);
}

static int auto_learn(void *state, struct fold_records *records)
{
	struct auto_pruner *pruner = state;
	size_t complete = records->complete_count, best[REPLAY_BEST + 1] = {0};
	size_t every = complete / 10 > REPLAY_EVERY ? complete / 10 : REPLAY_EVERY;
	if (rests(pruner) || !records->model.fitted || complete < pruner->replayed + every)
		return 0;
	pruner->replayed = complete;
	if (audits_fail(records)) {
		ask_for_more(pruner, records, "more than one overridden verdict in ten was wrong");
		return 0;
	}
	bool stops = false;
	size_t count = list_best(best, records);
	int rc = 0;
	for (size_t i = 0; rc == 0 && !stops && i < count; i++)
		rc = would_stop(&stops, pruner, records, best[i]);
	if (rc == 0)
		rc = fold_records_fit(records);
	if (rc == 0 && stops)
		ask_for_more(pruner, records, "the rule would have stopped one of the three best");
	return rc;
}

/* Many workers would begin one trial each and end none before the search is over: where half as
 * many trials are under way as have ended, a further one runs all its folds at once. */
static bool are_many_under_way(const struct fold_records *records)
{
	size_t running = 0, ended = 0;
	for (size_t row = 0; row < records->count; row++) {
		running += records->rows[row].state == TRIAL_RUNNING;
		ended += records->rows[row].state != TRIAL_RUNNING;
	}
	return 2 * running > ended;
}

static bool auto_holds(const void *state, const struct fold_records *records, size_t row)
{
	const struct auto_pruner *pruner = state;
	return !rests(pruner) && records->model.fitted && !is_spared(pruner, &records->rows[row]) &&
	       !are_many_under_way(records);
}

static const char *auto_note(const void *state)
{
	const struct auto_pruner *pruner = state;
	return pruner->note;
}

const struct pruner_type auto_pruner = {
        .name = "auto",
        .create = auto_create,
        .destroy = memory_free,
        .weigh = auto_weigh,
        .learn = auto_learn,
        .holds = auto_holds,
        .note = auto_note,
};
