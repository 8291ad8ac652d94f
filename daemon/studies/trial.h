/* A live trial: its folds, what it was heard to say, and its end.
 *
 * A lost run does not end its trial: the next attempt is a new run of the same trial with the same
 * point and seed, so that the number of trials is the budget's, their curves are whole and pruners
 * compare like with like. To Optuna's readers the trial simply stays RUNNING. It FAILs, with the
 * reason as a user attribute, when the study's retries are used up.
 *
 * Folds. A step is settled, and told to pruners and samplers, once every fold under way has
 * reported it; its value is the mean over the folds that reported it. Folds begun later do not
 * reopen a settled step. Optuna's intermediate value is written when every fold, begun or not, has
 * reported the step or ended without it, and at the trial's end for the steps that are left. */
#ifndef DAEMON_STUDIES_TRIAL_H
#define DAEMON_STUDIES_TRIAL_H

#include "daemon/studies/live.h"

/* A trial as the record says, in the study's index and counts. 0 or -ENOMEM. */
int trial_create(struct trial **out, struct study *study, const struct trial_record *record);

/* Moves the trial to a state that its own may become (asserted), in the study's counts too. */
void trial_move(struct trial *trial, enum trial_state state);

/* Frees the trial with its runs; NULL is fine. */
void trial_destroy(struct trial *trial);

/* Makes a run as the record says, the latest attempt of its fold. 0 or -ENOMEM. */
int trial_add_run(struct run **out, struct trial *trial, const struct run_record *record);

/* Samplers and pruners hear that the trial runs. 0 or -ENOMEM. */
int trial_open(struct trial *trial);

/* A report as it was made, or as the file has it. */
struct hearing {
	int64_t step;
	double value;  /* of the pruning metric */
	bool measured; /* false: the report came without that metric */
	int64_t at;    /* the moment when it was made, in a replay; 0 = now */
};

/* One of its runs reported a step for the first time. *verdict is set (prune false where nothing is
 * to be said). 0 or -ENOMEM. */
int trial_hear(struct run *run, const struct hearing *hearing, struct verdict *verdict);

/* The same of a repeat of a finished trial, which nobody judges. 0 or -ENOMEM. */
int trial_hear_repeat(struct run *run, const struct hearing *hearing);

/* Pruners hear a step of a trial that another program ran. 0 or -ENOMEM. */
int trial_hear_foreign(struct trial *trial, int64_t step, double value);

/* One of its runs is complete. *verdict as above. 0 or -ENOMEM. */
int trial_hear_end(struct run *run, struct verdict *verdict);

/* Samplers, pruners and the budget hear that it is finished as its record says; the curves go. 0 or
 * -ENOMEM. */
int trial_close(struct trial *trial);

/* In a replay: samplers and pruners hear that the trial was stopped once, and went on later. 0 or
 * -ENOMEM. */
int trial_relive_stop(struct trial *trial);

/* Samplers and pruners hear that the stopped trial runs again: to its end now. 0 or -ENOMEM. */
int trial_open_again(struct trial *trial);

/* A stopped trial is RUNNING again: what memory, counts and the budget had of its end goes. */
void trial_reopen(struct trial *trial);

/* True when this trial is better than the other (NULL: than none): feasible first, then the
 * objectives in their order, then number. Of several objectives the best is on the front so. */
bool trial_better(const struct trial *trial, const struct trial *than);

/* The value of the first objective; NAN where nothing is ranked. */
double trial_value(const struct trial *trial);

/* The mean of an outcome over its folds. */
double trial_mean(const struct trial *trial, size_t outcome);

/* The spread over its folds and the violation, from the outcomes of its runs. */
void trial_sum_up(struct trial *trial);

#endif
