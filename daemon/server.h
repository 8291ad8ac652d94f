/* The program around the rooms: it owns the loop, the trial file, the studies and the doors, and
 * keeps the one timer. */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/config.h"

/* Serves until SIGTERM, SIGINT or daemon.stop, then closes everything in order. 0, or a failure to
 * start or to go on with a sentence (positive: an outcome of store_open). */
int server_run(const struct config *config, struct error *error);

#endif
