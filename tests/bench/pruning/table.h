/* Tables of finished trials: every cell (a configuration) with its folds, their curves and what
 * they cost. Values are to be maximised. */
#ifndef TESTS_BENCH_PRUNING_TABLE_H
#define TESTS_BENCH_PRUNING_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
	size_t cells, folds, epochs;
	double *truth;     /* (cells) what a cell is worth */
	double *curves;    /* (cells, folds, epochs) NAN at the end = the fold crashed */
	double *seconds;   /* (cells, folds) of a whole run */
	double best, good; /* truth of the best cell; where the best tenth begins */
	double mean_seconds;
};

/* One of the made-up ones, whose cells differ with the seed; NULL in `names` ends the list. */
extern const char *const table_names[];
void table_make(struct table *out, const char *name, uint64_t seed);

/* Reads one that pruning.py wrote: cells, folds and epochs, then per cell its truth, and per fold
 * its seconds and its curve. Aborts when it is malformed. */
void table_read(struct table *out, const char *path);
void table_finish(struct table *table);

/* The curve of a fold: (epochs). */
const double *table_curve(const struct table *table, size_t cell, size_t fold);

#endif
