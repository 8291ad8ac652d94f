/* A live trial: its folds, what it was heard to say, and its end.
 *
 * A lost run does not end its trial: the next attempt is a new run of the same trial with the same point and seed, so that the
 * number of trials is the budget's, their curves are whole and pruners compare like with like. To Optuna's readers the trial
 * simply stays RUNNING. It FAILs, with the reason as a user attribute, when the study's retries are used up.
 *
 * Folds. A step is settled, and told to pruners and samplers, once every fold under way has reported it; its value is the mean
 * over the folds that reported it. Folds begun later do not reopen a settled step. Optuna's intermediate value is written when
 * every fold, begun or not, has reported the step or ended without it, and at the trial's end for the steps that are left. */
#ifndef DAEMON_STUDIES_TRIAL_H
#define DAEMON_STUDIES_TRIAL_H

#include "daemon/pruners/pruning.h"
#include "daemon/studies/curve.h"
#include "schema/base/error.h"
#include "schema/base/list.h"
#include "schema/study/trial.h"

struct run;
struct study;

struct trial {
	struct trial_record record; /* point and values are in `numbers` */
	struct study *study;        /* it belongs to */
	struct list_link member;    /* study::queue while WAITING, study::running while RUNNING here */
	struct run **folds;   /* (folds of the study) latest attempt of each, owned; NULL = another program's trial */
	struct curve settled; /* the steps that pruners know */
	bool closed;          /* finished, and samplers and pruners know */
	double last_value;    /* of the last settled step; NAN */
	int64_t last_step;    /* −1 */
	double sd;            /* of the first objective over the folds; NAN */
	double violation;     /* sum of what it exceeds the study's constraints by; 0 = feasible */
	char *reason;         /* why it was pruned or failed; owned, NULL = none */
	double numbers[];     /* (parameters + objectives) */
};

/* A trial as the record says, in the study's index and counts. 0 or -ENOMEM. */
int trial_create(struct trial **out, struct study *study, const struct trial_record *record);

/* Frees the trial with its runs; NULL is fine. */
void trial_destroy(struct trial *trial);

/* Takes a run as the latest attempt of its fold. 0 or -ENOMEM. */
int trial_adopt(struct trial *trial, struct run *run);

/* ---- memory only: what live requests and the replay of the file have in common ---- */

/* Samplers and pruners hear that the trial runs. 0 or -ENOMEM. */
int trial_open(struct trial *trial);

/* One of its runs reported a step for the first time, at `date`. *verdict is set (prune false where nothing is to be said).
 * 0 or -ENOMEM. */
int trial_hear(struct run *run, int64_t step, double value, struct walltime date, struct verdict *verdict);

/* Samplers and pruners hear that it is finished as its record says; the curves go. */
void trial_close(struct trial *trial);

/* The mean of an outcome over its folds. */
double trial_mean(const struct trial *trial, size_t outcome);

/* The spread over its folds and the violation, from the outcomes of its runs. */
void trial_sum_up(struct trial *trial);

/* ---- in the file too; 0 or an error ---- */

/* Starts the trial, WAITING in the queue or new (id 0), with the point in its record: one run per fold is ready then. */
int trial_start(struct trial *trial);

/* Keeps why the sampler chose the trial's point, for people: the user attribute kre:sampler. */
int trial_note_sampler(struct trial *trial, const char *note);

/* Writes Optuna's row for the step if no fold is missing any more. */
int trial_write_step(struct trial *trial, int64_t step);

/* Ends the trial; runs that wait are cancelled, runs under a lease are told by run_stop. `reason` may be NULL. */
int trial_finish(struct trial *trial, enum trial_state state, const char *reason);

/* Ends the trial if none of its folds is out or waiting: COMPLETE when all folds are, FAIL otherwise. */
int trial_settle(struct trial *trial, const char *reason);

/* A run was lost: another attempt is ready, or the trial FAILs when the study's retries are used up. */
int trial_retry(struct trial *trial, const struct run *lost);

/* Cancels the runs that wait. */
int trial_cancel_waiting(struct trial *trial);

#endif
