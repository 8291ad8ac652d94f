/* The per-class tables and confusions of a trial's folds, as one. */
#ifndef CLI_VIEWS_FOLD_TABLES_H
#define CLI_VIEWS_FOLD_TABLES_H

#include "schema/api/trial.h"
#include "schema/base/arena.h"

struct fold_tables {
	struct run_tables sum;
	size_t fold_count; /* that have tables */
};

/* Counts what was found and what was taken for a class in all folds together; the AUPRC is the mean
 * of theirs. Of one fold these are its own tables. What *out points to lives as long as the arena
 * and the trial. 0 or -ENOMEM. */
int fold_tables_sum(struct fold_tables *out, const struct trial_detail *trial, struct arena *arena);

#endif
