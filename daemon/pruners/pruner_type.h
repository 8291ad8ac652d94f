/* What an algorithm implements to be in the table of pruner.c. */
#ifndef DAEMON_PRUNERS_PRUNER_TYPE_H
#define DAEMON_PRUNERS_PRUNER_TYPE_H

#include "daemon/pruners/bracket_rule.h"
#include "daemon/pruners/curves.h"

struct pruner_type {
	const char *name;
	/* Builds the state from its options. 0, -ENOMEM, or -EINVAL with a sentence when they
	 * contradict each other. */
	int (*create)(void **state, const struct method *method, const struct study_spec *spec, struct error *error);
	void (*destroy)(void *state); /* accepts NULL */
	/* The trial in `row` has reported; curve->count > 0. Sets verdict->prune and what explains
	 * it; pruner, step and value are filled in already. 0 or -ENOMEM. */
	int (*judge)(void *state, const struct curves *curves, size_t row, struct verdict *verdict);
	const struct bracket_rule *(*rule)(const void *state); /* see pruning_rule; may be NULL */
};

extern const struct pruner_type median_pruner, percentile_pruner, successive_halving_pruner, hyperband_pruner,
        patient_pruner, threshold_pruner, wilcoxon_pruner, wandb_hyperband_pruner;

#endif
