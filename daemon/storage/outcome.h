/* What the functions of this room end with besides 0 and a negative errno. */
#ifndef DAEMON_STORAGE_OUTCOME_H
#define DAEMON_STORAGE_OUTCOME_H

#include <stdbool.h>

/* Positive outcomes of the functions of this room; those that call back return what they were given
 * too. */
enum store_outcome {
	STORE_BUSY = 200, /* another program holds the write lock: try again later, nothing changed */
	STORE_NEWER,      /* the file was written by a newer kre-search */
	STORE_DAMAGED,    /* not a database, or integrity is broken: reported, never overwritten */
	STORE_GONE,       /* the row is no longer there (another program deleted it) */
	STORE_FINISHED,   /* the trial is already finished in the file (another program did it) */
};

/* True for one of them. */
bool store_outcome_is(int rc);

#endif
