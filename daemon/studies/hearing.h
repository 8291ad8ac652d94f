/* What the runs of a trial are heard to say, and who is told: pruners and samplers.
 *
 * Folds. A step is settled, and told to pruners and samplers, once every fold under way has
 * reported it; its value is the mean over the folds that reported it. Folds begun later do not
 * reopen a settled step. Optuna's intermediate value is written when every fold, begun or not, has
 * reported the step or ended without it, and at the trial's end for the steps that are left. */
#ifndef DAEMON_STUDIES_HEARING_H
#define DAEMON_STUDIES_HEARING_H

#include "daemon/studies/live.h"

/* A report as it was made, or as the file has it. */
struct hearing {
	int64_t step;
	double value;  /* of the pruning metric */
	bool measured; /* false: the report came without that metric */
	int64_t at;    /* the moment when it was made, in a replay; 0 = now */
};

/* One of its runs reported a step for the first time. *verdict is set (prune false where nothing is
 * to be said). 0 or -ENOMEM. */
int hearing_of_run(struct run *run, const struct hearing *hearing, struct verdict *verdict);

/* The same of a repeat of a finished trial, which nobody judges. 0 or -ENOMEM. */
int hearing_of_repeat(struct run *run, const struct hearing *hearing);

/* Pruners hear a step of a trial that another program ran. 0 or -ENOMEM. */
int hearing_of_foreign(struct trial *trial, int64_t step, double value);

/* One of its runs is complete. *verdict as above. 0 or -ENOMEM. */
int hearing_of_end(struct run *run, struct verdict *verdict);

/* What a complete trial came to in the metric that pruning looks at; NAN where another program ran
 * it and that is no objective. */
double hearing_final(const struct trial *trial);

#endif
