/* What the functions of this room end with besides 0 and a negative errno. */
#ifndef DAEMON_STUDIES_OUTCOME_H
#define DAEMON_STUDIES_OUTCOME_H

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
	STUDIES_LATER,         /* a job is under way: nothing answered, ask the same again when one was taken back */
};

#endif
