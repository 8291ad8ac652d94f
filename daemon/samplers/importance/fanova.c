/* fANOVA (Hutter, Hoos & Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter
 * Importance"): a forest of regression trees learns the loss; a parameter matters as much as the
 * loss, averaged over all the others, varies with it. A tree's leaves are boxes of cells, so the
 * averages are sums over leaves, taken while the tree grows: no tree is kept. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/importance/cells.h"
#include "daemon/samplers/importance/importance_type.h"
#include "schema/base/arena.h"
#include "schema/base/rng.h"

#define TREES 64
#define DEPTH_MAX 64
#define ROWS_MAX 1000 /* that a tree learns from, which bounds the time */
#define BINS_MAX 64   /* cells of one parameter, as bits; a 65th choice shares one */

/* A box is one set of bins for each parameter. */
struct forest {
	size_t param_count, row_count, sample_count;
	size_t *bin_counts; /* (param_count) */
	bool *categorical;  /* (param_count) */
	uint8_t *bins;      /* (row_count, param_count) */
	double *losses;     /* (row_count) mean 0, variance 1 */
	size_t *sample;     /* (sample_count) rows the tree learns from; a node is a stretch of it */
	uint64_t *box;      /* (param_count) of the node that grows */
	double *marginals; /* (param_count, BINS_MAX) what the tree says in a bin, averaged over the other parameters */
	double mean, mean_square; /* of the tree over the whole space */
};

/* ---- what the trees learn from ---- */

static bool standardise(double *losses, size_t count)
{
	double mean = 0, variance = 0;
	for (size_t i = 0; i < count; i++)
		mean += losses[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		variance += (losses[i] - mean) * (losses[i] - mean) / (double)count;
	for (size_t i = 0; i < count; i++)
		losses[i] = (losses[i] - mean) / sqrt(variance);
	return isfinite(variance) && variance > 0;
}

/* A parameter that is not judged is one bin, which no tree can cut. */
static void bin_param(struct forest *forest, const struct evidence *evidence, size_t p, bool judged)
{
	struct cells cells = cells_of(&evidence->history->space->params[p]);
	size_t bins = !judged ? 1 : cells.count < BINS_MAX ? cells.count : BINS_MAX;
	for (size_t i = 0; i < forest->row_count; i++) {
		double value = history_point(evidence->history, evidence->rows[i])[p];
		size_t cell = judged ? cells_find(&cells, value) : 0;
		forest->bins[i * forest->param_count + p] = (uint8_t)(cell * bins / cells.count);
	}
	assert(bins >= 1 && bins <= BINS_MAX);
	forest->bin_counts[p] = bins;
	forest->categorical[p] = cells.categorical;
}

static bool allocate(struct forest *forest, struct arena *arena)
{
	size_t params = forest->param_count, rows = forest->row_count;
	forest->bin_counts = arena_alloc(arena, params * sizeof *forest->bin_counts);
	forest->categorical = arena_alloc(arena, params * sizeof *forest->categorical);
	forest->bins = arena_alloc(arena, rows * params * sizeof *forest->bins);
	forest->losses = arena_alloc(arena, rows * sizeof *forest->losses);
	forest->sample = arena_alloc(arena, forest->sample_count * sizeof *forest->sample);
	forest->box = arena_alloc(arena, params * sizeof *forest->box);
	forest->marginals = arena_alloc(arena, params * BINS_MAX * sizeof *forest->marginals);
	return forest->bin_counts && forest->categorical && forest->bins && forest->losses && forest->sample &&
	       forest->box && forest->marginals;
}

/* ---- a split ---- */

struct tree_split {
	size_t param;
	uint64_t left; /* bins */
	double gain;   /* grows with the variance that the split explains */
};

/* The samples of a node by the bin of one parameter. */
struct histogram {
	double counts[BINS_MAX], sums[BINS_MAX];
};

static struct histogram count_bins(const struct forest *forest, size_t begin, size_t end, size_t p)
{
	struct histogram histogram = {0};
	for (size_t i = begin; i < end; i++) {
		size_t bin = forest->bins[forest->sample[i] * forest->param_count + p];
		histogram.counts[bin]++;
		histogram.sums[bin] += forest->losses[forest->sample[i]];
	}
	return histogram;
}

static double gain_of(double count, double sum, const struct histogram *all)
{
	double other = all->counts[0] - count, other_sum = all->sums[0] - sum;
	return count > 0 && other > 0 ? sum * sum / count + other_sum * other_sum / other : -1;
}

/* Bits 0 … count − 1; count ≤ 64. */
static uint64_t first_bits(size_t count)
{
	return count < 64 ? ((uint64_t)1 << count) - 1 : UINT64_MAX;
}

/* Tries every cut of one parameter: a choice against the rest, or the bins up to one against those
 * above it, with the cut in the middle of the empty bins between them. */
static void try_param(struct tree_split *best, const struct forest *forest, size_t begin, size_t end, size_t p)
{
	struct histogram bins = count_bins(forest, begin, end, p), all = {0};
	for (size_t b = 0; b < forest->bin_counts[p]; b++) {
		all.counts[0] += bins.counts[b];
		all.sums[0] += bins.sums[b];
	}
	double count = 0, sum = 0;
	size_t previous = 0;
	for (size_t b = 0; b < forest->bin_counts[p]; b++) {
		if (bins.counts[b] == 0)
			continue;
		bool choice = forest->categorical[p];
		double gain = choice ? gain_of(bins.counts[b], bins.sums[b], &all) : gain_of(count, sum, &all);
		if (gain > best->gain)
			*best = (struct tree_split){
			        p, choice ? (uint64_t)1 << b : first_bits((previous + b + 1) / 2), gain};
		count += bins.counts[b];
		sum += bins.sums[b];
		previous = b;
	}
}

/* ---- a tree ---- */

static double mean_loss(const struct forest *forest, size_t begin, size_t end)
{
	double sum = 0;
	for (size_t i = begin; i < end; i++)
		sum += forest->losses[forest->sample[i]];
	return sum / (double)(end - begin);
}

static double share_of(const struct forest *forest, size_t p)
{
	return (double)__builtin_popcountll(forest->box[p]) / (double)forest->bin_counts[p];
}

static void add_leaf(struct forest *forest, double loss)
{
	double volume = 1;
	for (size_t p = 0; p < forest->param_count; p++)
		volume *= share_of(forest, p);
	forest->mean += volume * loss;
	forest->mean_square += volume * loss * loss;
	for (size_t p = 0; p < forest->param_count; p++) {
		double part = volume / share_of(forest, p) * loss;
		for (size_t b = 0; b < forest->bin_counts[p]; b++)
			if (forest->box[p] >> b & 1)
				forest->marginals[p * BINS_MAX + b] += part;
	}
}

/* Moves the samples of the left side to the front; returns where the right side begins. */
static size_t partition(struct forest *forest, size_t begin, size_t end, const struct tree_split *split)
{
	size_t middle = begin;
	for (size_t i = begin; i < end; i++) {
		size_t row = forest->sample[i];
		if (!(split->left >> forest->bins[row * forest->param_count + split->param] & 1))
			continue;
		forest->sample[i] = forest->sample[middle];
		forest->sample[middle++] = row;
	}
	return middle;
}

static void grow(struct forest *forest, size_t begin, size_t end, int depth)
{
	assert(begin < end);
	double mean = mean_loss(forest, begin, end);
	struct tree_split split = {.gain = mean * mean * (double)(end - begin) + 1e-9};
	for (size_t p = 0; p < forest->param_count && depth < DEPTH_MAX; p++)
		try_param(&split, forest, begin, end, p);
	if (split.left == 0) {
		add_leaf(forest, mean);
		return;
	}
	size_t middle = partition(forest, begin, end, &split);
	assert(middle > begin && middle < end);
	uint64_t whole = forest->box[split.param];
	forest->box[split.param] = whole & split.left;
	grow(forest, begin, middle, depth + 1);
	forest->box[split.param] = whole & ~split.left;
	grow(forest, middle, end, depth + 1);
	forest->box[split.param] = whole;
}

static void grow_tree(struct forest *forest, struct rng *rng)
{
	forest->mean = forest->mean_square = 0;
	memset(forest->marginals, 0, forest->param_count * BINS_MAX * sizeof *forest->marginals);
	for (size_t p = 0; p < forest->param_count; p++)
		forest->box[p] = first_bits(forest->bin_counts[p]);
	for (size_t i = 0; i < forest->sample_count; i++)
		forest->sample[i] = (size_t)rng_below(rng, forest->row_count);
	grow(forest, 0, forest->sample_count, 0);
}

/* The share of the tree's variance that each parameter explains alone. */
static void add_shares(double *weights, const struct forest *forest)
{
	double variance = forest->mean_square - forest->mean * forest->mean;
	for (size_t p = 0; p < forest->param_count && variance > 1e-12; p++)
		for (size_t b = 0; b < forest->bin_counts[p]; b++) {
			double off = forest->marginals[p * BINS_MAX + b] - forest->mean;
			weights[p] += off * off / (double)forest->bin_counts[p] / variance; /* NAN stays NAN */
		}
}

static int weigh(double *weights, const struct evidence *evidence)
{
	const struct history *history = evidence->history;
	struct arena arena = ARENA_NULL;
	struct forest forest = {.param_count = history->space->count, .row_count = evidence->count};
	forest.sample_count = evidence->count < ROWS_MAX ? evidence->count : ROWS_MAX;
	int rc = allocate(&forest, &arena) ? 0 : -ENOMEM;
	for (size_t p = 0; p < forest.param_count && !rc; p++)
		bin_param(&forest, evidence, p, !isnan(weights[p]));
	for (size_t i = 0; i < forest.row_count && !rc; i++)
		forest.losses[i] = history->losses[evidence->rows[i] * history->objective_count + evidence->objective];
	bool varies = !rc && standardise(forest.losses, forest.row_count);
	for (uint64_t tree = 0; tree < TREES && varies; tree++) {
		struct rng rng;
		rng_init(&rng, evidence->seed, tree);
		grow_tree(&forest, &rng);
		add_shares(weights, &forest);
	}
	arena_finish(&arena);
	return rc;
}

const struct importance_type fanova = {.name = "fanova", .everywhere = true, .weigh = weigh};
