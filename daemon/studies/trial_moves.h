/* The moves of a trial that the file must know: start, steps, end. Each is 0 or an error. */
#ifndef DAEMON_STUDIES_TRIAL_MOVES_H
#define DAEMON_STUDIES_TRIAL_MOVES_H

#include "daemon/studies/live.h"

/* Puts a trial with these values (NAN = to be chosen) at the end of the queue. */
int trial_enqueue(struct trial **out, struct study *study, const double *point);

/* Makes a run ready that repeats the finished trial: fold, repeat and attempt as wanted. */
int trial_repeat(struct trial *trial, const struct run_record *wanted);

/* Starts the trial, WAITING in the queue or new (id 0), with the point in its record: one run per
 * fold is ready then, or only the first where it has to pass before the others begin. */
int trial_start(struct trial *trial);

/* The folds that were held back are ready, before all others. */
void trial_release(struct trial *trial);

/* Holds back what a running trial that was loaded from the file has to wait with. */
void trial_hold(struct trial *trial);

/* True for a trial of ours that was stopped and of which nothing is under way any more. */
bool trial_may_resume(const struct trial *trial);

/* Takes such a trial up again: it is RUNNING, the folds that did not come to an end are ready, and
 * no pruner that weighs folds stops it once more. It ends as any other. */
int trial_resume(struct trial *trial);

/* Keeps why the sampler chose the trial's point, for people: the user attribute kre:sampler. */
int trial_note_sampler(struct trial *trial, const char *note);

/* Gives the trial a user attribute, a text. */
int trial_note(struct trial *trial, const char *key, const char *text);

/* Writes Optuna's row for the step if no fold is missing any more. */
int trial_write_step(struct trial *trial, int64_t step);

/* Ends the trial; runs that wait are cancelled, runs under a lease are told by run_stop. `reason`
 * may be NULL. */
int trial_finish(struct trial *trial, enum trial_state state, const char *reason);

/* Ends the trial if none of its folds is out or waiting: COMPLETE when all folds are, FAIL
 * otherwise. */
int trial_settle(struct trial *trial, const char *reason);

/* A run was lost: another attempt is ready, or the trial FAILs when the study's retries are used
 * up. */
int trial_retry(struct trial *trial, const struct run *lost);

/* Cancels the runs that wait. */
int trial_cancel_waiting(struct trial *trial);

#endif
