#include "daemon/studies/spending.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/run.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

void spending_finish(struct spending *spending)
{
	memory_free(spending->stopped);
	*spending = (struct spending){0};
}

/* ---- one trial ---- */

/* 0 where another program ended it. */
static int64_t moment_of_end(const struct trial *trial)
{
	return trial->folds[0] ? trial->folds[0]->record.closed : 0;
}

/* The holder of a run that was told to stop may bring it to its end nevertheless. */
static bool was_complete(const struct run *run, int64_t at)
{
	return run->record.state == RUN_COMPLETE && run->record.ended < at;
}

static bool has_begun(const struct run *run)
{
	return run->record.lease != 0 || run->previous;
}

static void add_complete(struct spending *spending, const struct trial *trial)
{
	int64_t at = moment_of_end(trial);
	spending->complete_trials++;
	for (int64_t fold = 0; fold < trial->fold_count; fold++) {
		const struct run *run = trial->folds[fold];
		if (!run || !was_complete(run, at))
			continue;
		spending->full_runs++;
		spending->full_steps += run_steps(run);
	}
}

static int compare(const struct stopped_folds *a, const struct stopped_folds *b)
{
	if (a->fold_count != b->fold_count)
		return a->fold_count < b->fold_count ? -1 : 1;
	return (a->steps > b->steps) - (a->steps < b->steps);
}

/* The row that the fold is counted in, or where it belongs. */
static struct stopped_folds *find(const struct spending *spending, const struct stopped_folds *fold)
{
	size_t low = 0, high = spending->stopped_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(&spending->stopped[middle], fold) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return spending->stopped + low;
}

/* There is room for one more; a row that counts none may stay. */
static void count_fold(struct spending *spending, const struct stopped_folds *fold, int64_t sign)
{
	struct stopped_folds *place = find(spending, fold), *end = spending->stopped + spending->stopped_count;
	if (place == end || compare(place, fold) != 0) {
		memmove(place + 1, place, (size_t)(end - place) * sizeof *place);
		*place = *fold;
		spending->stopped_count++;
	}
	place->count += sign;
	assert(place->count >= 0);
}

/* The steps that count for a fold of a stopped trial, INT64_MAX for all; −1: it never began. */
static int64_t steps_of(const struct trial *trial, int64_t fold)
{
	const struct run *run = trial->folds[fold];
	if (!run || !has_begun(run))
		return -1;
	return was_complete(run, moment_of_end(trial)) ? INT64_MAX : run_steps(run);
}

static void count_stopped(struct spending *spending, const struct trial *trial, int64_t sign)
{
	spending->stopped_trials += sign;
	spending->stopped_runs += sign * trial->fold_count;
	for (int64_t i = 0; i < trial->fold_count; i++) {
		int64_t steps = steps_of(trial, i);
		if (steps >= 0)
			count_fold(spending, &(struct stopped_folds){trial->fold_count, steps, 0}, sign);
	}
}

static int add_stopped(struct spending *spending, const struct trial *trial)
{
	size_t most = spending->stopped_count + (size_t)trial->fold_count;
	if (array_reserve(spending->stopped, &spending->stopped_capacity, most) < 0)
		return -ENOMEM;
	count_stopped(spending, trial, 1);
	return 0;
}

void spending_remove(struct spending *spending, const struct trial *trial)
{
	assert(trial->record.state == TRIAL_PRUNED);
	if (trial->folds)
		count_stopped(spending, trial, -1);
}

int spending_add(struct spending *spending, const struct trial *trial)
{
	assert(trial_state_is_finished(trial->record.state));
	if (!trial->folds)
		return 0;
	if (trial->record.state == TRIAL_PRUNED)
		return add_stopped(spending, trial);
	spending->whole_trials++;
	spending->whole_runs += trial->fold_count;
	if (trial->record.state == TRIAL_COMPLETE)
		add_complete(spending, trial);
	return 0;
}

/* ---- all ---- */

static double share_of(const struct spending *spending, int64_t steps)
{
	if (spending->full_runs == 0)
		return 1;
	double full = fmax(1, (double)spending->full_steps / (double)spending->full_runs);
	return fmin(1, fmax(1, (double)steps) / full);
}

static struct cost shares(const struct spending *spending)
{
	struct cost sum = {0};
	for (size_t i = 0; i < spending->stopped_count; i++) {
		const struct stopped_folds *folds = &spending->stopped[i];
		double runs = (double)folds->count * share_of(spending, folds->steps);
		sum.runs += runs;
		sum.trials += runs / (double)folds->fold_count;
	}
	return sum;
}

struct cost spending_cost(const struct spending *spending, enum stopped_cost rule)
{
	struct cost stopped = {0};
	if (rule == STOPPED_COST_SHARE)
		stopped = shares(spending);
	else if (rule == STOPPED_COST_WHOLE)
		stopped = (struct cost){(double)spending->stopped_trials, (double)spending->stopped_runs};
	return (struct cost){
	        (double)spending->whole_trials + stopped.trials, (double)spending->whole_runs + stopped.runs};
}

struct cost spending_of(const struct spending *spending, enum stopped_cost rule, const struct trial *trial)
{
	struct cost cost = {0};
	if (!trial->closed || !trial->folds)
		return cost;
	if (trial->record.state != TRIAL_PRUNED || rule == STOPPED_COST_WHOLE)
		return (struct cost){1, (double)trial->fold_count};
	for (int64_t fold = 0; rule == STOPPED_COST_SHARE && fold < trial->fold_count; fold++) {
		int64_t steps = steps_of(trial, fold);
		cost.runs += steps >= 0 ? share_of(spending, steps) : 0;
	}
	cost.trials = cost.runs / (double)trial->fold_count;
	return cost;
}

double spending_mean(const struct spending *spending, enum stopped_cost rule)
{
	int64_t count = spending->complete_trials + spending->stopped_trials;
	int64_t failed = spending->whole_trials - spending->complete_trials;
	double cost = spending_cost(spending, rule).trials - (double)failed;
	return count > 0 ? cost / (double)count : (double)NAN;
}
