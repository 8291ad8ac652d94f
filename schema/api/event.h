/* What watchers hear of. */
#ifndef SCHEMA_API_EVENT_H
#define SCHEMA_API_EVENT_H

#include <stdint.h>

#include "schema/api/field.h"

/* From now on, events of this study. */
struct watch_request {
	const char *study; /* NULL: of all */
};

enum event_kind {
	EVENT_STARTED,  /* a run was handed out */
	EVENT_REPORTED, /* a run has a value at a step */
	EVENT_FINISHED, /* a trial */
	EVENT_LOST,     /* a lease */
	EVENT_STATE,    /* the study has another state */
	EVENT_WARNING,  /* about the study */
	EVENT_DELETED,  /* the study */
};
extern const struct words event_kind_words;

/* Something happened, and is on the disk when it is sent. Strings are borrowed for the call that
 * hands it on. */
struct study_event {
	const char *study;
	enum event_kind kind;
	int64_t number;     /* of the trial, −1 if none */
	int64_t fold;       /* −1 if none */
	int64_t step;       /* −1 if none */
	double value;       /* NAN if none */
	const char *state;  /* of the trial or study after it; "" if none */
	const char *worker; /* "" if none */
	const char *text;   /* "" or one sentence */
};

extern const struct shape watch_request_shape, study_event_shape;

#endif
