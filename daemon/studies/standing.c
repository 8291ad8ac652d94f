#include "daemon/studies/standing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/estimates/contest.h"
#include "daemon/estimates/fold_model.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/trial_moves.h"

#define HELD_OUT_SHARE 0.25 /* rows tested by rows trained on, where there are no folds: a fifth is usual */
#define CONTENDERS_MOST 100 /* whose chances are worked out: the best means */

/* What the rows are made of. */
struct weighing {
	const struct study *study;
	const struct estimates *estimates; /* NULL = none */
	struct fold_table table;
	const struct trial **trials; /* (table.trial_count) of its rows */
	struct fold_model model;
	bool by_folds; /* the model tells the noise */
};

/* ---- the values of folds ---- */

static const struct run *run_of(const struct trial *trial, size_t column, size_t folds)
{
	size_t own = (size_t)trial->fold_count, repeat = column / folds, fold = column % folds;
	if (!trial->folds || fold >= own)
		return NULL;
	if (repeat == 0)
		return trial->folds[fold];
	return repeat <= (size_t)trial->repeat_count ? trial->repeats[(repeat - 1) * own + fold] : NULL;
}

static double fold_value(const struct trial *trial, size_t column, size_t folds)
{
	const struct run *run = run_of(trial, column, folds);
	return run && run->record.state == RUN_COMPLETE ? run->outcomes[0].value : (double)NAN;
}

static size_t count_repeats(const struct study *study)
{
	int64_t count = 0;
	for (size_t i = 0; study->repeat_run_count > 0 && i < study->trials.count; i++) {
		const struct trial *trial = study->trials.entries[i].item;
		count = trial->repeat_count > count ? trial->repeat_count : count;
	}
	return (size_t)count;
}

static int gather(struct weighing *weighing, struct arena *arena)
{
	const struct study *study = weighing->study;
	size_t folds = (size_t)study->spec->folds, most = study->trials.count, count = 0;
	size_t columns = folds * (1 + count_repeats(study));
	double *values = arena_alloc(arena, (most * columns + 1) * sizeof *values);
	weighing->trials = arena_alloc(arena, (most + 1) * sizeof *weighing->trials);
	if (!values || !weighing->trials)
		return -ENOMEM;
	for (size_t i = 0; i < most; i++) {
		const struct trial *trial = study->trials.entries[i].item;
		if (!trial->folds)
			continue;
		for (size_t column = 0; column < columns; column++)
			values[count * columns + column] = fold_value(trial, column, folds);
		weighing->trials[count++] = trial;
	}
	weighing->table =
	        (struct fold_table){values, count, columns, folds, study->spec->objectives[0].direction == MAXIMIZE};
	return 0;
}

static const double *row_of(const struct weighing *weighing, const struct trial *trial)
{
	size_t low = 0, high = weighing->table.trial_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (weighing->trials[middle]->record.number < trial->record.number)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < weighing->table.trial_count && weighing->trials[low] == trial;
	return found ? weighing->table.values + low * weighing->table.column_count : NULL;
}

/* ---- one trial ---- */

static size_t count_runs(const struct weighing *weighing, const double *values)
{
	size_t count = 0;
	for (size_t column = 0; values && column < weighing->table.column_count; column++)
		count += isfinite(values[column]) ? 1 : 0;
	return values ? count : weighing->table.fold_count; /* another program's: as many as ours, by its value */
}

/* The mean of runs in these columns without what is their folds'. */
static struct fold_evidence level_of(const struct weighing *weighing, const double *values, size_t from, size_t end)
{
	struct fold_evidence level = {0};
	for (size_t column = from; column < end; column++)
		if (isfinite(values[column])) {
			level.value += values[column] - weighing->model.effects[column];
			level.count++;
		}
	level.value /= level.count > 0 ? (double)level.count : 1;
	return level;
}

/* Of `count` runs more, each with this noise. */
static void believe_more(struct standing_row *row, const struct fold_evidence *more, double noise)
{
	if (more->count == 0 || !(row->variance > 0) || !(noise > 0))
		return;
	double before = 1 / row->variance, news = (double)more->count / noise;
	row->mean = (before * row->mean + news * more->value) / (before + news);
	row->variance = 1 / (before + news);
}

/* What the process takes for noise and folds do not is the trial's own, which its parameters do not
 * explain: of that share its runs are believed. It has not seen repeats, which come on top. */
static void believe_runs(struct standing_row *row, const struct weighing *weighing, const double *values)
{
	size_t folds = weighing->table.fold_count;
	double noise = weighing->model.noise_variance / (double)folds;
	double all = weighing->estimates->noise * weighing->estimates->noise;
	double share = all > noise ? 1 - noise / all : 0;
	const struct fold_evidence own = level_of(weighing, values, 0, folds);
	const struct fold_evidence more = level_of(weighing, values, folds, weighing->table.column_count);
	row->mean += share * (own.value - row->mean);
	row->variance = (1 - share) * (1 - share) * row->variance + share * noise;
	believe_more(row, &more, weighing->model.noise_variance);
}

static bool estimate_by_configurations(struct standing_row *row, const struct weighing *weighing, const double *values)
{
	const struct estimates *estimates = weighing->estimates;
	size_t i = 0, count = estimates ? estimates->count : 0;
	while (i < count && estimates->numbers[i] != row->trial->record.number)
		i++;
	if (i == count)
		return false;
	row->mean = estimates->means[i];
	row->variance = fmax(estimates->covariance[i * count + i], 0);
	if (weighing->by_folds && values && row->run_count > 0)
		believe_runs(row, weighing, values);
	return true;
}

static void estimate_by_folds(struct standing_row *row, const struct weighing *weighing, const double *values)
{
	const struct fold_evidence told = {.value = row->trial->record.values[0], .count = row->run_count};
	if (values)
		fold_model_posterior(&row->mean, &row->variance, &weighing->model, values);
	else
		fold_model_weigh(&row->mean, &row->variance, &weighing->model, &told);
}

static bool weigh(struct standing_row *row, const struct weighing *weighing, const struct trial *trial)
{
	const double *values = row_of(weighing, trial);
	size_t folds = weighing->table.fold_count;
	*row = (struct standing_row){
	        .trial = trial, .beats_defaults = (double)NAN, .run_count = count_runs(weighing, values)};
	bool known = estimate_by_configurations(row, weighing, values);
	if (!known && weighing->by_folds) {
		estimate_by_folds(row, weighing, values);
		known = true;
	}
	double shared = folds > 1 ? 1 / (double)(folds - 1) : HELD_OUT_SHARE;
	row->claim_variance = row->variance * (1 + (double)row->run_count * shared);
	return known;
}

/* ---- all ---- */

/* Pruners that know no folds would judge it once more as they did before. */
static bool is_spared(const struct study_spec *spec)
{
	for (size_t i = 0; i < spec->pruner_count; i++)
		if (strcmp(spec->pruners[i].info->name, "auto") != 0)
			return false;
	return true;
}

/* One that was stopped can go on, once. */
static bool could_go_on(const struct trial *trial)
{
	bool may = trial->closed && is_spared(trial->study->spec) && trial_may_resume(trial);
	for (int64_t fold = 0; may && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]->previous; may && run; run = run->previous)
			may = run->record.state == RUN_LOST;
	return may;
}

static bool can_be_named(const struct trial *trial)
{
	return trial->record.state == TRIAL_COMPLETE && trial->closed && !(trial->violation > 0) &&
	       isfinite(trial_value(trial));
}

static int compare(const struct standing_row *a, const struct standing_row *b, double sign)
{
	if (a->mean > b->mean || a->mean < b->mean)
		return sign * a->mean > sign * b->mean ? -1 : 1;
	return a->trial->record.number < b->trial->record.number ? -1 : 1;
}

static int best_up(const void *a, const void *b)
{
	return compare(a, b, 1);
}

static int best_down(const void *a, const void *b)
{
	return compare(a, b, -1);
}

static int fill_rows(struct standing *out, const struct weighing *weighing, struct arena *arena)
{
	const struct study *study = weighing->study;
	out->rows = arena_alloc(arena, ((size_t)study->counts[TRIAL_COMPLETE] + 1) * sizeof *out->rows);
	out->stopped = arena_alloc(arena, ((size_t)study->counts[TRIAL_PRUNED] + 1) * sizeof *out->stopped);
	if (!out->rows || !out->stopped)
		return -ENOMEM;
	for (size_t i = 0; i < study->trials.count; i++) {
		const struct trial *trial = study->trials.entries[i].item;
		struct standing_row *stopped = &out->stopped[out->stopped_count];
		if (can_be_named(trial))
			out->count += weigh(&out->rows[out->count], weighing, trial);
		else if (could_go_on(trial) && weigh(stopped, weighing, trial))
			out->stopped_count += stopped->run_count > 0;
	}
	qsort(out->rows, out->count, sizeof *out->rows, weighing->table.maximize ? best_up : best_down);
	return 0;
}

static void compare_with_defaults(struct standing *out, const struct study *study, double sign)
{
	const struct trial *trial = study->results.defaults;
	for (size_t i = 0; trial && i < out->count; i++)
		if (out->rows[i].trial == trial)
			out->defaults = &out->rows[i];
	for (size_t i = 0; out->defaults && i < out->count; i++) {
		struct standing_row *row = &out->rows[i];
		const struct contender one = {sign * row->mean, row->claim_variance};
		const struct contender other = {sign * out->defaults->mean, out->defaults->claim_variance};
		if (row != out->defaults)
			row->beats_defaults = contest_beats(&one, &other);
	}
}

static void name(struct standing *out)
{
	const struct standing_row *leader = out->count > 0 ? out->rows : NULL;
	bool stands_back = leader && out->defaults && leader != out->defaults && leader->beats_defaults < SHOWN_BETTER;
	out->leader = leader;
	out->named = stands_back ? out->defaults : leader;
}

static double noise_of(const struct weighing *weighing)
{
	double folds = (double)weighing->table.fold_count;
	if (weighing->by_folds)
		return sqrt(weighing->model.noise_variance);
	return weighing->estimates ? weighing->estimates->noise * sqrt(folds) : (double)NAN;
}

static int stand(struct standing *out, const struct weighing *weighing, struct arena *arena)
{
	double sign = weighing->table.maximize ? 1 : -1;
	bool both = weighing->estimates && weighing->by_folds;
	if (!weighing->estimates && !weighing->by_folds)
		return 0;
	out->basis = both ? BASIS_BOTH : weighing->by_folds ? BASIS_FOLDS : BASIS_CONFIGURATIONS;
	out->noise = noise_of(weighing);
	int rc = fill_rows(out, weighing, arena);
	if (rc < 0)
		return rc;
	compare_with_defaults(out, weighing->study, sign);
	name(out);
	return 0;
}

int standing_make(
        struct standing *out, const struct study *study, const struct estimates *estimates, struct arena *arena)
{
	struct weighing weighing = {.study = study, .estimates = estimates};
	*out = (struct standing){.basis = BASIS_SEEN, .noise = (double)NAN};
	if (!estimates && study->spec->folds < 2)
		return 0; /* nothing tells trials from noise */
	int rc = gather(&weighing, arena);
	if (rc == 0)
		rc = fold_model_fit(&weighing.model, &weighing.table);
	if (rc < 0)
		return rc;
	weighing.by_folds = weighing.model.fitted && weighing.model.fold_count > 1;
	rc = stand(out, &weighing, arena);
	fold_model_finish(&weighing.model);
	return rc;
}

int standing_contest(struct standing *out, const struct study *study, struct arena *arena)
{
	double sign = study->spec->objectives[0].direction == MAXIMIZE ? 1 : -1;
	size_t count = out->count < CONTENDERS_MOST ? out->count : CONTENDERS_MOST;
	struct contender *contenders = arena_alloc(arena, (count + 1) * sizeof *contenders);
	double *chances = arena_alloc(arena, (count + 1) * sizeof *chances);
	if (!contenders || !chances)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		contenders[i] = (struct contender){sign * out->rows[i].mean, out->rows[i].variance};
	contest_chances(chances, contenders, count);
	for (size_t i = 0; i < count; i++)
		out->rows[i].chance = chances[i];
	return 0;
}
