#include "daemon/studies/repeats.h"

#include <errno.h>
#include <math.h>

#include "daemon/estimates/contest.h"
#include "daemon/studies/index.h"
#include "daemon/studies/run.h"
#include "daemon/studies/run_moves.h"
#include "daemon/studies/standing.h"
#include "daemon/studies/trial_moves.h"
#include "schema/base/arena.h"

#define SHARE 0.1       /* of the runs of a budget … */
#define BLOCKS_LEAST 2  /* … and so many blocks of runs at least … */
#define BLOCKS_MOST 10  /* … and at most */
#define BUDGET_LEAST 20 /* trials below which nothing is kept back unasked */
#define CANDIDATES_MOST 24
#define CHANCE_ENOUGH 0.95
#define GAIN_LEAST 0.005 /* of the standard deviation of a run's value */
#define NOISE_LEAST 1e-9 /* of the value: less is arithmetic */

/* ---- how much ---- */

int64_t repeats_reserved_runs(const struct study_spec *spec)
{
	int64_t folds = spec->folds;
	double trials = study_spec_trials_most(spec);
	if (spec->objective_count != 1 || folds < 2 || trials <= 0)
		return 0;
	if (spec->replicates >= 0)
		return spec->replicates;
	if (trials < BUDGET_LEAST)
		return 0;
	double runs = SHARE * trials * (double)folds;
	runs = fmin(fmax(runs, (double)(BLOCKS_LEAST * folds)), (double)(BLOCKS_MOST * folds));
	return (int64_t)ceil(runs / (double)folds) * folds; /* whole blocks: trials are held back whole */
}

/* Where equal folds of different trials differ alike, nothing is noisy. */
static bool is_noisy(const struct standing *standing)
{
	double least = NOISE_LEAST * (standing->leader ? fabs(standing->leader->mean) : 0);
	return standing->noise > least;
}

static bool values_are_noisy(const struct study *study)
{
	struct arena arena = ARENA_NULL;
	struct standing standing;
	int rc = standing_make(&standing, study, NULL, &arena);
	bool noisy = rc == 0 && is_noisy(&standing);
	arena_finish(&arena);
	return noisy;
}

int64_t repeats_reserve(const struct study *study, double left)
{
	const struct study_spec *spec = study->spec;
	int64_t trials = (repeats_reserved_runs(spec) + spec->folds - 1) / spec->folds;
	int64_t half = (int64_t)(study_spec_trials_most(spec) / 2);
	if (trials > half)
		trials = half;
	return trials == 0 || left <= 0 || left > (double)trials || !values_are_noisy(study) ? 0 : trials;
}

/* ---- for whom ---- */

struct leader {
	const struct trial *trial;
	struct contender now, then; /* by what is known; and by what is known when its runs that are out have ended */
	int64_t block;              /* runs that the next block has; 0 = there is none */
};

struct race {
	struct leader all[CANDIDATES_MOST];
	size_t count;
	double noise; /* variance of a run's value */
};

/* Runs of its repeats that are not over yet; −1 where one of them came to nothing. */
static int64_t pending_runs(const struct trial *trial)
{
	int64_t pending = 0;
	for (int64_t slot = 0; trial->repeats && slot < trial->repeat_count * trial->fold_count; slot++) {
		const struct run *run = trial->repeats[slot];
		enum run_state state = run ? run->record.state : RUN_COMPLETE;
		if (!run_state_is_finished(state))
			pending++;
		else if (state != RUN_COMPLETE && state != RUN_CANCELLED)
			return -1;
	}
	return pending;
}

static int64_t missing_folds(const struct trial *trial)
{
	int64_t missing = 0;
	for (int64_t fold = 0; fold < trial->fold_count; fold++)
		missing += trial->folds[fold]->record.state != RUN_COMPLETE;
	return missing;
}

static bool is_stopped(const struct trial *trial)
{
	return trial->record.state == TRIAL_PRUNED;
}

static void add(struct race *race, const struct standing_row *row, double sign)
{
	const struct trial *trial = row->trial;
	if (race->count == CANDIDATES_MOST)
		return;
	int64_t pending = pending_runs(trial);
	struct leader *one = &race->all[race->count++];
	*one = (struct leader){.trial = trial, .now = {sign * row->mean, row->variance}};
	one->then = one->now;
	if (pending > 0 && row->variance > 0)
		one->then.variance = 1 / (1 / row->variance + (double)pending / race->noise);
	if (trial->folds && pending >= 0)
		one->block = is_stopped(trial) ? missing_folds(trial) : trial->fold_count;
}

static bool reaches(const struct standing_row *row, double best, double sign)
{
	return sign * row->mean + 2 * sqrt(row->variance) >= best;
}

static void gather(struct race *race, const struct standing *standing, double sign)
{
	double best = sign * standing->leader->mean;
	if (standing->defaults)
		add(race, standing->defaults, sign);
	for (size_t i = 0; i < standing->count; i++)
		if (&standing->rows[i] != standing->defaults && reaches(&standing->rows[i], best, sign))
			add(race, &standing->rows[i], sign);
	for (size_t i = 0; i < standing->stopped_count; i++)
		if (reaches(&standing->stopped[i], best, sign))
			add(race, &standing->stopped[i], sign);
}

static bool is_decided(const struct race *race)
{
	struct contender all[CANDIDATES_MOST];
	double chances[CANDIDATES_MOST];
	for (size_t i = 0; i < race->count; i++)
		all[i] = race->all[i].now;
	contest_chances(chances, all, race->count);
	for (size_t i = 0; i < race->count; i++)
		if (chances[i] >= CHANCE_ENOUGH)
			return !is_stopped(race->all[i].trial);
	return false;
}

/* The best mean of all, where that is of a trial that was stopped: it cannot be named as it is. */
static const struct leader *stopped_leader(const struct race *race)
{
	const struct leader *first = race->all;
	if (race->count == 0)
		return NULL;
	for (size_t i = 1; i < race->count; i++)
		if (race->all[i].now.mean > first->now.mean)
			first = &race->all[i];
	return is_stopped(first->trial) ? first : NULL;
}

/* The candidate that a block tells most of; NULL where it tells nothing. */
static const struct leader *most_telling(const struct race *race, int64_t runs)
{
	struct contender all[CANDIDATES_MOST];
	const struct leader *best = NULL;
	double most = GAIN_LEAST * sqrt(race->noise);
	const struct leader *stopped = stopped_leader(race);
	if (stopped && stopped->block > 0 && stopped->block <= runs)
		return stopped;
	for (size_t i = 0; i < race->count; i++)
		all[i] = race->all[i].then;
	for (size_t i = 0; i < race->count; i++) {
		const struct leader *one = &race->all[i];
		if (one->block == 0 || one->block > runs)
			continue;
		double gain = contest_gain(all, race->count, i, race->noise / (double)one->block);
		if (gain >= most)
			best = one;
		most = fmax(most, gain);
	}
	return best;
}

/* By what folds say: estimates over configurations are not in the file, and a daemon that starts
 * anew has to choose as the one before. */
static int choose(struct leader *out, const struct study *study, int64_t runs, struct arena *arena)
{
	struct standing standing;
	struct race race = {0};
	double sign = study->spec->objectives[0].direction == MAXIMIZE ? 1 : -1;
	*out = (struct leader){0};
	int rc = standing_make(&standing, study, NULL, arena);
	if (rc < 0 || !standing.leader || !is_noisy(&standing))
		return rc;
	race.noise = standing.noise * standing.noise;
	gather(&race, &standing, sign);
	const struct leader *best = is_decided(&race) ? NULL : most_telling(&race, runs);
	if (best)
		*out = *best;
	return 0;
}

bool repeats_are_due(const struct study *study, int64_t runs)
{
	struct arena arena = ARENA_NULL;
	struct leader next = {0};
	int rc = runs > 0 ? choose(&next, study, runs, &arena) : 0;
	arena_finish(&arena);
	return rc == 0 && next.trial;
}

/* ---- runs ---- */

static int repeat(struct trial *trial)
{
	int rc = 0;
	int64_t repeat = trial->repeat_count + 1, folds = trial->fold_count;
	for (int64_t fold = 0; rc == 0 && fold < folds; fold++)
		rc = trial_repeat(trial, &(struct run_record){.fold = repeat * folds + fold, .repeat = repeat});
	return rc;
}

int repeats_start(bool *started, struct study *study, int64_t runs)
{
	struct arena arena = ARENA_NULL;
	struct leader next = {0};
	int rc = runs > 0 ? choose(&next, study, runs, &arena) : 0;
	arena_finish(&arena);
	if (rc < 0 || !next.trial)
		return rc;
	struct trial *trial = index_find(&study->trials, next.trial->record.number);
	*started = true;
	return is_stopped(trial) ? trial_resume(trial) : repeat(trial);
}

int repeats_retry(const struct run *lost)
{
	const struct run_record *record = &lost->record;
	struct run_record next = {.fold = record->fold, .repeat = record->repeat, .attempt = record->attempt + 1};
	return run_losses(lost) <= lost->trial->study->spec->retries ? trial_repeat(lost->trial, &next) : 0;
}

int repeats_cancel(struct study *study)
{
	struct list_link *at, *following;
	int rc = 0;
	list_each (at, following, &study->queues.ready) {
		struct run *run = list_entry(at, struct run, ready);
		if (rc == 0 && run->record.repeat > 0)
			rc = run_end(run, RUN_CANCELLED, NULL);
	}
	return rc;
}
