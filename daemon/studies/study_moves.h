/* The moves of a study that the file must know. Each is 0 or an error. */
#ifndef DAEMON_STUDIES_STUDY_MOVES_H
#define DAEMON_STUDIES_STUDY_MOVES_H

#include "daemon/studies/live.h"

/* Saves the study's row. 0 or an error. */
int study_save(struct study *study);

/* Moves the study, saves it, tells watchers. The move must be allowed. 0 or an error. */
int study_move(struct study *study, enum study_state state, enum study_reason reason);

/* Stops: running trials are told, those nobody holds end. 0 or an error. */
int study_stop(struct study *study);

/* FINISHED, if it is over. 0 or an error. */
int study_settle(struct study *study);

#endif
