/* The folders that the runs of a study left under the home. */
#ifndef CLI_SESSION_RUN_FOLDERS_H
#define CLI_SESSION_RUN_FOLDERS_H

#include <stddef.h>

/* Removes HOME/runs/STUDY, but leaves the folders of runs that still go on and sets *held to their
 * number. 0, also when there is none, or a negative errno when something else stays. */
int run_folders_remove(size_t *held, const char *home, const char *study);

#endif
