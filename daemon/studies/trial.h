/* A live trial: its folds and its end; what they say is hearing.h's.
 *
 * A lost run does not end its trial: the next attempt is a new run of the same trial with the same
 * point and seed, so that the number of trials is the budget's, their curves are whole and pruners
 * compare like with like. To Optuna's readers the trial simply stays RUNNING. It FAILs, with the
 * reason as a user attribute, when the study's retries are used up. */
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
