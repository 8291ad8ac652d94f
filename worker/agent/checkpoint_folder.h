/* The folder in which a run's programs keep what the next attempt on this machine needs to go on (KRE_CHECKPOINT_DIR). It outlives
 * attempts that were lost, and goes when the run has ended for good. */
#ifndef WORKER_AGENT_CHECKPOINT_FOLDER_H
#define WORKER_AGENT_CHECKPOINT_FOLDER_H

#include <time.h>

#define CHECKPOINT_FOLDER_SUFFIX ".checkpoint" /* HOME/runs/STUDY/NUMBER-FOLD.checkpoint */

/* Removes the folder with all it holds; links are removed, not followed. What cannot be removed stays. */
void checkpoint_folder_remove(const char *path);

/* Removes the checkpoint folders of all studies under HOME that were last changed before that time: their runs went on elsewhere,
 * or never. */
void checkpoint_folders_sweep(const char *home, time_t before);

#endif
