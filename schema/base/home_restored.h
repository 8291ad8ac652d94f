/* A home that a backup was put back into. All of it comes at once, as the folder HOME/restored, by
 * one rename; then its parts are moved to where they belong. The folder itself stays as the sign
 * that the trial file has a new life before it, until a daemon has begun that. Whatever is killed
 * meanwhile, the next one goes on. */
#ifndef SCHEMA_BASE_HOME_RESTORED_H
#define SCHEMA_BASE_HOME_RESTORED_H

#include <stdbool.h>

#include "schema/base/error.h"

/* True while it is there. */
bool home_is_restored(const char *home);

/* True when the home has a trial file, or will have one once what was restored has been moved. */
bool home_has_trials(const char *home);

/* Moves the keys and the trial file, if they are in that folder, to their places; for who holds the
 * home's lock. 0; -EEXIST when there is another trial file; another negative errno; each with a
 * sentence. */
int home_settle(const char *home, struct error *error);

/* The new life has begun: the folder goes. 0 or a negative errno. */
int home_forget_restored(const char *home);

#endif
