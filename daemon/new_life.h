/* The first start after a restore. */
#ifndef DAEMON_NEW_LIFE_H
#define DAEMON_NEW_LIFE_H

#include "schema/base/error.h"

struct study_table;

/* Begins the trial file's next life where the home was restored from a backup; nothing elsewhere.
 * Killed in between it begins one more the next time, which is as good. 0, or a negative errno with
 * a sentence. */
int new_life_begin(const char *home, struct study_table *table, struct error *error);

#endif
