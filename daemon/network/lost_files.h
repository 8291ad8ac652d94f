/* Files of which nobody may need any more what they were kept for. */
#ifndef DAEMON_NETWORK_LOST_FILES_H
#define DAEMON_NETWORK_LOST_FILES_H

#include "daemon/network/request.h"
#include "daemon/studies/table_checkpoints.h"

/* Removes what choice->lost names and nothing refers to. If the turn cannot be committed the file
 * says that it is kept, and it is gone: models of trials that have lost, and checkpoints of runs
 * that have ended. */
void lost_files_remove(const struct surroundings *around, const struct artifact_choice *choice);

#endif
