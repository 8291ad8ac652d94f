#include "tests/bench/pruning/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/rng.h"

#define MIDDLE 0.7

/* What a made-up table is like. */
struct kind {
	const char *name;
	size_t folds;
	double spread, noise; /* of cells and of folds */
	double delayed;       /* share of cells whose curves rise late */
	double reversed;      /* share of cells whose first fold is upside down */
	double growing;       /* noise more per distance below the middle */
	double crashed;       /* share of folds */
};

static const struct kind kinds[] = {
        {"wide", 5, 0.05, 0.02, 0, 0, 0, 0},
        {"even", 5, 0.02, 0.02, 0, 0, 0, 0},
        {"narrow", 5, 0.01, 0.02, 0, 0, 0, 0},
        {"flat", 5, 0, 0.02, 0, 0, 0, 0},
        {"quiet", 5, 0.03, 0.005, 0, 0, 0, 0},
        {"three folds", 3, 0.03, 0.02, 0, 0, 0, 0},
        {"ten folds", 10, 0.03, 0.02, 0, 0, 0, 0},
        {"one fold", 1, 0.03, 0.02, 0, 0, 0, 0},
        {"late bloomers", 5, 0.03, 0.02, 0.2, 0, 0, 0},
        {"late bloomers, one fold", 1, 0.03, 0.01, 0.2, 0, 0, 0},
        {"fold by region", 5, 0.03, 0.02, 0, 0.5, 0, 0},
        {"noise grows", 5, 0.04, 0.01, 0, 0, 0.5, 0},
        {"crashes", 5, 0.03, 0.02, 0, 0, 0, 0.02},
};
enum { KINDS = sizeof kinds / sizeof *kinds, CELLS = 1000, EPOCHS = 12 };

const char *const table_names[KINDS + 1] = {"wide", "even", "narrow", "flat", "quiet", "three folds", "ten folds",
        "one fold", "late bloomers", "late bloomers, one fold", "fold by region", "noise grows", "crashes", NULL};

static double normal(struct rng *rng)
{
	double radius = sqrt(-2 * log(1 - rng_uniform(rng)));
	return radius * cos(6.283185307179586 * rng_uniform(rng));
}

static double *numbers(size_t count)
{
	double *block = calloc(count, sizeof *block);
	if (!block)
		abort();
	return block;
}

static void reserve(struct table *table)
{
	table->truth = numbers(table->cells);
	table->curves = numbers(table->cells * table->folds * table->epochs);
	table->seconds = numbers(table->cells * table->folds);
}

static int compare_numbers(const void *left, const void *right)
{
	const double *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static void sum_up(struct table *table)
{
	double *sorted = numbers(table->cells), seconds = 0;
	memcpy(sorted, table->truth, table->cells * sizeof *sorted);
	qsort(sorted, table->cells, sizeof *sorted, compare_numbers);
	table->best = sorted[table->cells - 1];
	table->good = sorted[table->cells - 1 - (table->cells - 1) / 10];
	for (size_t i = 0; i < table->cells * table->folds; i++)
		seconds += table->seconds[i];
	table->mean_seconds = seconds / (double)table->cells;
	free(sorted);
}

/* A rise to the end, fast or slow as the cell is, and restless by a quarter of a percent. */
static void make_curve(double *curve, double end, double pace, struct rng *rng)
{
	double last = 1 - exp(-(double)EPOCHS / pace);
	for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
		double part = (1 - exp(-(double)(epoch + 1) / pace)) / last;
		curve[epoch] = end - (1 - part) * 0.5 + (epoch + 1 < EPOCHS ? 0.0025 * normal(rng) : 0);
	}
}

static void make_cell(struct table *table, size_t cell, const struct kind *kind, const double *effects, struct rng *rng)
{
	double worth = kind->spread * normal(rng), seconds = exp(0.4 * normal(rng));
	double noise = kind->noise + kind->growing * fmax(-worth, 0);
	double pace = (1 + 2 * rng_uniform(rng)) * (rng_uniform(rng) < kind->delayed ? 4 : 1);
	bool reversed = rng_uniform(rng) < kind->reversed;
	table->truth[cell] = MIDDLE + worth;
	for (size_t fold = 0; fold < table->folds; fold++) {
		double *curve = table->curves + (cell * table->folds + fold) * EPOCHS;
		double here = reversed && fold == 0 ? -worth : worth;
		make_curve(curve, MIDDLE + here + effects[fold] + noise * normal(rng), pace, rng);
		if (rng_uniform(rng) < kind->crashed)
			curve[EPOCHS - 1] = (double)NAN;
		table->seconds[cell * table->folds + fold] = seconds;
	}
	if (reversed) /* what it is worth is what the folds say on the average */
		table->truth[cell] -= 2 * worth / (double)table->folds;
}

void table_make(struct table *out, const char *name, uint64_t seed)
{
	size_t i = 0;
	while (strcmp(kinds[i].name, name) != 0)
		i++;
	struct rng rng;
	rng_init(&rng, seed, i);
	*out = (struct table){.cells = CELLS, .folds = kinds[i].folds, .epochs = EPOCHS};
	reserve(out);
	double *effects = numbers(out->folds);
	for (size_t fold = 0; fold < out->folds; fold++)
		effects[fold] = 0.015 * normal(&rng);
	for (size_t cell = 0; cell < out->cells; cell++)
		make_cell(out, cell, &kinds[i], effects, &rng);
	free(effects);
	sum_up(out);
}

static double read_number(FILE *file)
{
	char word[64];
	if (fscanf(file, "%63s", word) != 1)
		abort();
	return strtod(word, NULL);
}

void table_read(struct table *out, const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		abort();
	*out = (struct table){0};
	out->cells = (size_t)read_number(file);
	out->folds = (size_t)read_number(file);
	out->epochs = (size_t)read_number(file);
	reserve(out);
	for (size_t cell = 0; cell < out->cells; cell++) {
		out->truth[cell] = read_number(file);
		for (size_t fold = 0; fold < out->folds; fold++) {
			out->seconds[cell * out->folds + fold] = read_number(file);
			for (size_t epoch = 0; epoch < out->epochs; epoch++)
				out->curves[(cell * out->folds + fold) * out->epochs + epoch] = read_number(file);
		}
	}
	fclose(file);
	sum_up(out);
}

void table_finish(struct table *table)
{
	free(table->truth);
	free(table->curves);
	free(table->seconds);
	*table = (struct table){0};
}

const double *table_curve(const struct table *table, size_t cell, size_t fold)
{
	return table->curves + (cell * table->folds + fold) * table->epochs;
}
