/* One request on its way through a handler: what came, what will be answered, and the readers and writers handlers share. */
#ifndef DAEMON_NETWORK_REQUEST_H
#define DAEMON_NETWORK_REQUEST_H

#include <cjson/cJSON.h>

#include "daemon/network/caller.h"
#include "daemon/studies/study_table.h"
#include "schema/base/arena.h"
#include "schema/api/message.h"
#include "schema/study/score.h"
#include "schema/study/study_spec.h"

/* What the handlers may ask of the program around them. */
struct surroundings {
	struct study_table *table;
	struct clock *clock;
	int64_t lease_ms;
	int (*export_file)(void *context, const char *path, struct error *error);
	void (*stop)(void *context); /* after this turn */
	void *context;
};

struct request {
	const struct surroundings *around;
	struct caller *caller;              /* borrowed */
	const cJSON *id, *params;           /* borrowed; params is an object */
	struct arena *arena;                /* lives until the reply is written */
	struct importance_job **importance; /* what the question has begun (study_table_importance) */
	cJSON *result;                      /* owned until dispatch takes it; handlers fill it */
	cJSON *data;                        /* of an error; owned likewise */
	struct error error;
};

/* A handler returns 0, a positive outcome of study_table.h (STUDIES_LATER: it will be run again from the start), -EINVAL (a parameter is
 * wrong), or another negative errno. */
typedef int request_handler(struct request *request);

/* The string / integer at `key`. 0, or -EINVAL with a sentence and data.path when absent or of another type. */
int request_string(struct request *request, const char *key, const char **out);
int request_integer(struct request *request, const char *key, int64_t *out);

/* The string at `key`, or `otherwise` when absent. -EINVAL when of another type. */
int request_optional_string(struct request *request, const char *key, const char *otherwise, const char **out);

/* Says which key is wrong and what was expected; returns -EINVAL. */
int request_wrong(struct request *request, const char *key, const char *expected);

/* Adds a number that round-trips (non-finite as "nan", "inf", "-inf"), or null for NAN when `null_for_nan`. False = out of memory. */
bool answer_number(cJSON *object, const char *key, double value);
bool answer_number_or_null(cJSON *object, const char *key, double value);

/* Adds a time as ISO 8601, or null when unknown. */
bool answer_time(cJSON *object, const char *key, struct walltime time);

/* Adds a point with its constants as an object. */
bool answer_point(cJSON *object, const char *key, const struct study_spec *spec, const double *point);

/* Reads {"name": number, …} into an array in the arena; an absent key gives none. 0, -EINVAL, -ENOMEM. */
int request_metrics(struct request *request, const char *key, const struct metric_value **out, size_t *count);

/* The handlers, one file per subject. */
request_handler request_hello, request_watch;
request_handler request_study_create, request_study_list, request_study_get, request_study_importance,
        request_study_pause, request_study_resume, request_study_stop, request_study_delete, request_file_export,
        request_daemon_stop;
request_handler request_trial_ask, request_trial_report, request_trial_tell, request_lease_renew;
request_handler request_trial_enqueue, request_trial_list, request_trial_get;

#endif
