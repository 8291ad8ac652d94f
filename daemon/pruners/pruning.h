/* A study's pruners: (what trials reported so far) → should this trial stop? Pure. One algorithm,
 * one file; their table is in pruner.c.
 *
 * Like is judged by like. Those that look at curves get, with folds, the mean over the folds that
 * reported the step (optuna-storage 0.6), and compare it with the means of other trials over the
 * same folds: each set of folds has a panel of its own, which learns every complete trial. Those
 * that weigh (`auto`) look at each fold by itself. */
#ifndef DAEMON_PRUNERS_PRUNING_H
#define DAEMON_PRUNERS_PRUNING_H

#include "daemon/pruners/bracket_rule.h"
#include "daemon/pruners/verdict.h"
#include "schema/base/error.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct pruning;

/* The study's pruners (asked in turn, the first that says prune wins) and what they look at. An
 * empty list never prunes. The spec is borrowed where it has folds. 0, -ENOMEM, or
 * -EINVAL with a sentence. */
int pruning_create(struct pruning **out, const struct study_spec *spec, struct error *error);
void pruning_destroy(struct pruning *pruning);

/* The study's seed, from which it follows whose verdicts are overridden to see whether they are
 * right. */
void pruning_set_seed(struct pruning *pruning, uint64_t seed);

/* A trial starts / is seen running / is taken up again after it was stopped. 0 or -ENOMEM. */
int pruning_start(struct pruning *pruning, int64_t number);

/* The trial is a default, or somebody's own: `auto` lets it run to its end. */
void pruning_spare(struct pruning *pruning, int64_t number);

/* The trial was stopped and somebody wants it to go on: no pruner stops it again. */
void pruning_resume(struct pruning *pruning, int64_t number);

/* The trial breaks a constraint: before pruning_finish, and others are not compared with it by
 * `auto`. */
void pruning_rule_out(struct pruning *pruning, int64_t number);

/* A report of one fold of a trial that was started, before pruning_report for that step; *verdict
 * says whether to prune. */
struct fold_report {
	int64_t number, fold, step;
	double value;
};
int pruning_hear(struct verdict *verdict, struct pruning *pruning, const struct fold_report *report);

/* The fold has come to that value (step does not matter). *verdict as above. 0 or -ENOMEM. */
int pruning_hear_end(struct verdict *verdict, struct pruning *pruning, const struct fold_report *report);

/* A value at a step, the mean over the folds that were heard there: *verdict says whether to prune.
 * A repeated step changes nothing and gets the same answer. 0 or -ENOMEM. */
int pruning_report(struct verdict *verdict, struct pruning *pruning, int64_t number, int64_t step, double value);

/* The trial finished in `state` with its final `value` (NAN if none); what it said stays for
 * comparison. 0 or -ENOMEM. */
int pruning_finish(struct pruning *pruning, int64_t number, enum trial_state state, double value);

/* True when the trial should run one fold (the one with the number of the trial, modulo the folds)
 * to its end before the others begin. */
bool pruning_holds(const struct pruning *pruning, int64_t number);

/* What finished trials are worth, for samplers: tells the one with that number, and all when the
 * model has changed since, as far as anything is known of them. `variance` is that of the value of
 * a COMPLETE trial, which `mean` is close to, or of `mean`, which is never better than the bar,
 * when the trial was stopped. Says nothing of stopped ones when samplers are to learn what Optuna's
 * learn. */
struct trial_worth {
	int64_t number;
	double mean, variance;
};
struct worth_listener {
	void (*tell)(void *context, const struct trial_worth *worth);
	void *context;
};
void pruning_tell_worth(struct pruning *pruning, const struct worth_listener *listener, int64_t number);

/* True when samplers are to learn nothing of stopped trials. */
bool pruning_ignores_stopped(const struct pruning *pruning);

/* A sentence on what the pruners do otherwise than when they were asked last; NULL = nothing.
 * Borrowed. */
const char *pruning_news(struct pruning *pruning);

/* The rule that says which bracket a trial is in, borrowed until the next report (a copy also
 * borrows the study's name); NULL when there are no brackets. */
const struct bracket_rule *pruning_rule(const struct pruning *pruning);

#endif
