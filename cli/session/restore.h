/* A backup put back into a home that has no studies. Everything is checked against its hash on the
 * way in and gathered beside; then all of it becomes the home's by one rename (home_restored.h).
 * Whatever is killed before leaves a home without trials, and files by their content that the next
 * restore need not copy again. */
#ifndef CLI_SESSION_RESTORE_H
#define CLI_SESSION_RESTORE_H

#include "cli/session/session.h"

/* What was done. */
struct restore_outcome {
	int64_t files, bytes, copied_bytes;
	int64_t epoch;         /* of the life that begins with the next daemon */
	struct walltime made;  /* when the backup was */
	const char *home;      /* absolute, in the session's arena */
	bool was_there_before; /* an earlier restore had all but finished; the numbers are 0 then */
};

/* The backup's folder, and whether the home has a trial file without studies, which makes room. */
struct restore_order {
	const char *folder;
	bool has_empty;
};

/* Puts the backup into the session's home. Returns an exit code; failures are said. */
int restore_home(struct restore_outcome *out, struct session *session, const struct restore_order *order);

#endif
