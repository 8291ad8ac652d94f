/* A study's past in the order it happened, told to its samplers and pruners once more. */
#ifndef DAEMON_STUDIES_REPLAY_H
#define DAEMON_STUDIES_REPLAY_H

#include "daemon/studies/study.h"

/* Opens, hears and closes the trials of a study whose trials and runs are loaded. 0 or an error. */
int replay_study(struct study *study);

#endif
