/* Pruners that look at curves, over one set of folds: a trial's value at a step is the mean over
 * these folds, and it is compared with the means of others over the same ones. */
#ifndef DAEMON_PRUNERS_PANEL_H
#define DAEMON_PRUNERS_PANEL_H

#include "daemon/pruners/curves.h"
#include "daemon/pruners/fold_records.h"
#include "daemon/pruners/pruner.h"
#include "schema/base/error.h"

struct panel {
	size_t fold_count;
	bool *members; /* (fold_count) owned */
	struct curves curves;
	size_t pruner_count;
	struct pruner *pruners; /* (pruner_count) asked in turn */
};

/* The study's pruners over the folds of which `members` (spec->folds) says so; as
 * pruning_create. */
int panel_create(struct panel **out, const struct study_spec *spec, const bool *members, struct error *error);
void panel_destroy(struct panel *panel);

/* A value at a step, as pruning_report. */
int panel_report(struct verdict *verdict, struct panel *panel, int64_t number, int64_t step, double value);

/* A trial is complete: the panel learns its curve and what it came to, whatever it saw of it. 0 or
 * -ENOMEM. */
int panel_learn(struct panel *panel, const struct fold_records *records, size_t row);

#endif
