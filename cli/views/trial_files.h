/* What a trial left on this machine. */
#ifndef CLI_VIEWS_TRIAL_FILES_H
#define CLI_VIEWS_TRIAL_FILES_H

#include "cli/session/session.h"
#include "schema/api/trial.h"

struct run_list {
	size_t count;
	const struct run_summary **items; /* (count) in the order of folds */
};

/* The latest attempt of each fold, of those that were handed out. 0 or -ENOMEM. */
int trial_files_runs(struct run_list *out, struct arena *arena, const struct trial_detail *trial);

/* Prints the folder of each of these runs that is here, the model in it, and the last lines on
 * stderr of a run that failed. */
void trial_files_print(struct session *session, const char *study, const struct trial_detail *trial);

#endif
