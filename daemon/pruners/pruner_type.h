/* What an algorithm implements to be in the table of pruner.c. */
#ifndef DAEMON_PRUNERS_PRUNER_TYPE_H
#define DAEMON_PRUNERS_PRUNER_TYPE_H

#include "daemon/pruners/bracket_rule.h"
#include "daemon/pruners/curves.h"
#include "daemon/pruners/fold_records.h"

struct pruner_type {
	const char *name;
	/* Builds the state from its options. 0, -ENOMEM, or -EINVAL with a sentence when they
	 * contradict each other. */
	int (*create)(void **state, const struct method *method, const struct study_spec *spec, struct error *error);
	void (*destroy)(void *state); /* accepts NULL */
	/* The trial in `row` has reported; curve->count > 0. Sets verdict->prune and what explains
	 * it; pruner, step and value are filled in already. 0 or -ENOMEM. NULL for one that
	 * weighs. */
	int (*judge)(void *state, const struct curves *curves, size_t row, struct verdict *verdict);
	const struct bracket_rule *(*rule)(const void *state); /* see pruning_rule; may be NULL */

	/* One that looks at folds, each by itself, has these instead of judge. */
	int (*weigh)(void *state, struct fold_records *records, const struct fold_moment *now, struct verdict *verdict);
	/* A trial has ended, and the model is fitted. 0 or -ENOMEM. */
	int (*learn)(void *state, struct fold_records *records);
	/* As pruning_holds. */
	bool (*holds)(const void *state, const struct fold_records *records, size_t row);
	/* A sentence on what it does otherwise now than it did; "" = as before. */
	const char *(*note)(const void *state);
};

extern const struct pruner_type median_pruner, percentile_pruner, successive_halving_pruner, hyperband_pruner,
        patient_pruner, threshold_pruner, wilcoxon_pruner, wandb_hyperband_pruner, auto_pruner;

#endif
