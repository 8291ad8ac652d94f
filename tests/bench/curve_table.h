/* A table of learning curves over a grid of six hyperparameters: a study whose answers are
 * known. */
#ifndef TESTS_BENCH_CURVE_TABLE_H
#define TESTS_BENCH_CURVE_TABLE_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "schema/space/space.h"

#define CURVE_AXES 6

struct curve_table {
	size_t lengths[CURVE_AXES];
	double axes[CURVE_AXES][16]; /* NAN where the axis has words */
	size_t epoch_count;
	double *values; /* (product of lengths, epoch_count) macro-F1 after each epoch */
	double best;    /* the highest value after the last epoch */
};

/* Reads the table from its JSON; aborts when it is malformed. */
void curve_table_init(struct curve_table *table, const cJSON *root);
void curve_table_finish(struct curve_table *table);

/* The curve (epoch_count) at the grid's point nearest to `x`, a point of the space below. Borrowed
 * from the table. */
const double *curve_table_find(const struct curve_table *table, const double *x);

/* The space of the grid: learning rate, momentum and l2 made continuous, the other axes
 * categorical. The parameters are called a0, a1 … so that name order is the order of the axes. */
struct space *curve_table_space(void);

#endif
