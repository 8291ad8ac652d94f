/* What the functions of this room end with besides 0 and a negative errno. */
#ifndef DAEMON_STUDIES_OUTCOME_H
#define DAEMON_STUDIES_OUTCOME_H

#include <stdbool.h>

/* Each comes with a sentence in the struct error. */
enum studies_outcome {
	STUDIES_NOT_FOUND = 1, /* no such study, trial or run */
	STUDIES_EXISTS,        /* a study of that name with another spec */
	STUDIES_SPEC_WRONG,    /* complaints say why */
	STUDIES_LEASE_LOST,    /* the lease number is not the run's live one */
	STUDIES_NOT_A_NUMBER,  /* a value is missing or not a number where one is needed */
	STUDIES_NOT_RUNNING,   /* the study's state does not allow it */
	STUDIES_BAD_REQUEST,   /* an argument is wrong (unknown parameter, negative step, …) */
	STUDIES_BUSY,          /* another program holds the file's lock: nothing done, try again */
	STUDIES_NOT_ALLOWED,   /* the worker may not run the study's program */
	STUDIES_LATER,         /* a job is under way: nothing answered, ask the same again when one was taken back */
};

/* True for one of them. */
bool studies_outcome_is(int rc);

/* What the store says in a turn, as this room's error: the table read the file under the write
 * lock, so rows that are gone or finished now mean that memory is not the file, -ESTALE; a lock
 * nevertheless is -EBUSY, a file that cannot be read -EIO. Negative codes and 0 pass. */
int studies_from_store(int rc);

#endif
