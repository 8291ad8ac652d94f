/* The home: the one folder of everything that a project needs at run time, private to its owner,
 * and the names in it. */
#ifndef SCHEMA_BASE_HOME_H
#define SCHEMA_BASE_HOME_H

#include <stdbool.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

#define HOME_VARIABLE "KRE_HOME"        /* of the environment: which folder it is */
#define HOME_CACHE_VARIABLE "KRE_CACHE" /* of the environment: a folder for what can be made again */
#define HOME_DEFAULT "kre-runs"         /* where neither an option nor the environment says */

#define HOME_DATABASE "trials.db"        /* the trial file */
#define HOME_SOCKET "daemon.sock"        /* where the daemon answers */
#define HOME_LOCK "daemon.lock"          /* held by the daemon as long as it runs */
#define HOME_USERS "daemon.users"        /* shared by the command lines that use it now */
#define HOME_LOG "daemon.log"            /* what a daemon says that kre-search started */
#define HOME_WORKER_LOG "worker-%zu.log" /* what a worker says that kre-search started */
#define HOME_KEYS "keys"                 /* by which others know the daemon over the network */
#define HOME_BLOBS "blobs"               /* files of studies, by their content */
#define HOME_RESTORING "restoring"       /* a backup on its way in */
#define HOME_RESTORED "restored"         /* one that is in (home_restored.h) */
#define HOME_FLEET "fleet"               /* join lines, scripts and logs of workers on a cluster */
#define HOME_RUNS "runs"                 /* STUDY/NUMBER-FOLD-ATTEMPT of each run of this machine's workers */

/* The folder: the one that is given, else the environment's, else kre-runs. Borrowed. */
const char *home_folder(const char *given);

/* Appends the folder that programs of this user share for what can be made again: the environment's
 * KRE_CACHE, else $XDG_CACHE_HOME/kre-search, else ~/.cache/kre-search. False, and nothing is
 * appended, where there is none of these; memory sets out->failed. */
bool home_cache_print(struct text *out);

/* 0 when the folder is this user's own, and a link to it too, or is not there; -EPERM with a
 * sentence when it is somebody else's, root not excepted: what lies in it would be believed. */
int home_check_owner(const char *folder, struct error *error);

#endif
