/* What watchers hear of. */
#ifndef DAEMON_STUDIES_EVENT_H
#define DAEMON_STUDIES_EVENT_H

#include <stdint.h>

/* Something happened: for `watch`. Strings are borrowed for the call. Sent only after commit. */
struct study_event {
	const char *study;
	const char *kind; /* "started", "reported", "finished", "lost", "state", "warning", "deleted" */
	int64_t number;   /* of the trial, −1 if none */
	int64_t fold;
	int64_t step;       /* −1 if none */
	double value;       /* NAN if none */
	const char *state;  /* of the trial or study after it; "" if none */
	const char *worker; /* "" if none */
	const char *text;   /* "" or one sentence */
};

#endif
