/* The folder in which a run's programs keep what the next attempt on this machine needs to go on
 * (KRE_CHECKPOINT_DIR). It outlives attempts that were lost, and goes when the daemon knows that
 * the run has ended for good. One attempt at a time has it: a lost one may not have noticed. */
#ifndef WORKER_AGENT_CHECKPOINT_FOLDER_H
#define WORKER_AGENT_CHECKPOINT_FOLDER_H

#include <stdbool.h>
#include <time.h>

#define CHECKPOINT_FOLDER_SUFFIX ".checkpoint" /* HOME/runs/STUDY/NUMBER-FOLD-HASH.checkpoint */
#define CHECKPOINT_HASH_DIGITS 12

/* Makes the folder `name` of the open folder `study`, mode 0700, and holds it for one attempt; its
 * times become now, however old what it keeps is. `anew` empties it first: a first attempt finds
 * nothing of an older study of that name. A descriptor to close when the attempt has ended;
 * -EWOULDBLOCK while another attempt holds it; -errno. */
int checkpoint_folder_hold(int study, const char *name, bool anew);

/* Removes the folder with all it holds; links are removed, not followed. What cannot be removed
 * stays. */
void checkpoint_folder_remove(const char *path);

/* Removes the checkpoint folders of all studies under HOME that nobody holds and that were last
 * changed before that time: their runs went on elsewhere, or never. */
void checkpoint_folders_sweep(const char *home, time_t before);

#endif
