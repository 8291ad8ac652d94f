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

/* What one of these runs left. */
struct run_files {
	const struct run_summary *run;
	int64_t fold, attempt;
	const char *folder, *model; /* NULL = not here */
};
struct trial_files {
	size_t count;
	struct run_files *items; /* (count) in the order of folds */
};

/* Looks for the files of a trial, named in the session's arena. 0 or -ENOMEM. */
int trial_files_find(
        struct trial_files *out, struct session *session, const char *study, const struct trial_detail *trial);

/* Prints the folder of each of these runs that is here, the model in it, and the last lines on
 * stderr of a run that failed. */
void trial_files_print(struct session *session, const char *study, const struct trial_detail *trial);

#endif
