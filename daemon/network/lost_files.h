/* Files of which nobody may need any more what they were kept for: models of trials that have lost,
 * and checkpoints of runs that have ended or have a newer one. They are noted while a turn runs
 * and go when it is committed: until then the trial file says that they are kept. */
#ifndef DAEMON_NETWORK_LOST_FILES_H
#define DAEMON_NETWORK_LOST_FILES_H

#include "daemon/network/request.h"
#include "daemon/studies/table_checkpoints.h"

struct lost_files {
	const char **hashes; /* in the arena */
	size_t count;
	struct arena arena;
};

/* Notes what choice->lost names; what there is no memory for stays until the daemon starts anew.
 * NULL is nobody who would remove them. */
void lost_files_note(struct lost_files *lost, const struct artifact_choice *choice);

/* The turn is committed: removes what was noted and nothing refers to. */
void lost_files_remove(struct lost_files *lost, const struct surroundings *around);

/* Forgets what was noted. Repeating it is fine. */
void lost_files_finish(struct lost_files *lost);

#endif
