/* A study's pruners: (learning curves so far) → should this trial stop? Pure. One algorithm, one
 * file; their table is in pruner.c. With folds, the value reported here is the mean over the folds
 * that reached the step (optuna-storage 0.6). */
#ifndef DAEMON_PRUNERS_PRUNING_H
#define DAEMON_PRUNERS_PRUNING_H

#include "daemon/pruners/bracket_rule.h"
#include "daemon/pruners/verdict.h"
#include "schema/base/error.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct pruning;

/* The study's pruners (asked in turn, the first that says prune wins) and the curves they look at.
 * An empty list never prunes. 0, -ENOMEM, or -EINVAL with a sentence. */
int pruning_create(struct pruning **out, const struct study_spec *spec, struct error *error);
void pruning_destroy(struct pruning *pruning);

/* A trial starts / is seen running. 0 or -ENOMEM. */
int pruning_start(struct pruning *pruning, int64_t number);

/* A value at a step: *verdict says whether to prune. A repeated step changes nothing and gets the
 * same answer. 0 or -ENOMEM. */
int pruning_report(struct verdict *verdict, struct pruning *pruning, int64_t number, int64_t step, double value);

/* The trial finished in `state` with its final `value` (NAN if none); its curve stays for
 * comparison. */
void pruning_finish(struct pruning *pruning, int64_t number, enum trial_state state, double value);

/* The rule that says which bracket a trial is in, borrowed until the next report (a copy also
 * borrows the study's name); NULL when there are no brackets. */
const struct bracket_rule *pruning_rule(const struct pruning *pruning);

#endif
