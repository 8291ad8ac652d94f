/* One request on its way through a handler: what came, what will be answered, and the readers and
 * writers handlers share. */
#ifndef DAEMON_NETWORK_REQUEST_H
#define DAEMON_NETWORK_REQUEST_H

#include "daemon/access/access.h"
#include "daemon/blobs/blobs.h"
#include "daemon/network/caller.h"
#include "daemon/network/figures.h"
#include "daemon/studies/study_table.h"
#include "schema/api/message.h"
#include "schema/api/refusal.h"
#include "schema/base/arena.h"

/* Where a door is: the address, "" = all of this machine, and the port, 0 = any that is free. */
struct network_door {
	const char *address;
	int64_t port;
};

/* What the handlers may ask of the program around them. */
struct surroundings {
	struct study_table *table;
	struct access *access;
	struct blobs *blobs; /* NULL = it keeps no files */
	struct clock *clock;
	int64_t lease_ms;
	void (*stop)(void *context); /* after this turn */
	void *context;
	/* How many workers are connected. Set by the network itself, NULL where there is none. */
	int64_t (*count_workers)(const void *network);
	/* How many sessions of a token are connected; and ending them, once they have their
	 * answers. Likewise. */
	int64_t (*count_sessions)(const void *network, int64_t token);
	void (*end_sessions)(void *network, int64_t token);
	void *network;
	const struct network_figures *figures; /* likewise */
	/* The door to the network, beside the socket; likewise. Opening it closes the one that is
	 * open elsewhere and tells the port that it got; the key of later tokens is a new one. */
	int (*open_door)(void *network, struct network_door *door, struct error *error);
	void (*close_door)(void *network);
	bool (*door_is_open)(const void *network);
	int (*make_key)(void *network, struct error *error);
	const unsigned char *pin; /* (JOIN_PIN_BYTES) of the daemon's key; NULL = it has none */
};

/* What a handler works with beside its parameters and its answer. */
struct request {
	const struct surroundings *around;
	struct caller *caller; /* borrowed */
	const char *id;        /* as JSON, for recognising a repeated ask */
	struct arena *arena;   /* lives until the reply is written; owns what parameters and answer point to */
	struct importance_job **importance; /* what the question has begun (study_table_importance) */
	struct export_job **export;         /* likewise (export_job) */
	struct lost_files *lost;            /* of its turn (lost_files_note); NULL = nobody wants to know */
	struct refusal refusal;             /* `data` of an error */
	struct error error;
};

/* Answers a call: `params` and `answer` are structs of its method's shapes (schema/api/message.h).
 * Returns 0, a positive outcome of study_table.h (STUDIES_LATER: it will be run again from the
 * start), -EINVAL (a parameter is wrong), -EPERM (not for this caller), -EPROTONOSUPPORT, -EACCES
 * (no such token), or another negative errno. */
typedef int request_handler(struct request *request, const void *params, void *answer);

/* Says which key is wrong and what was expected; returns -EINVAL. `key` is borrowed. */
int request_wrong(struct request *request, const char *key, const char *expected);

/* The handlers, one file per subject. */
request_handler request_hello, request_watch;
request_handler request_listen_start, request_listen_stop, request_listen_get;
request_handler request_token_create, request_token_list, request_token_revoke;
request_handler request_study_create, request_study_list, request_study_get, request_study_best,
        request_study_importance, request_study_pause, request_study_resume, request_study_stop, request_study_delete;
request_handler request_blob_get, request_blob_put, request_artifact_offer, request_checkpoint_offer,
        request_trial_artifacts;
request_handler request_file_export, request_daemon_ping, request_daemon_metrics, request_daemon_stop;
request_handler request_trial_ask, request_trial_report, request_trial_tell, request_lease_renew;
request_handler request_trial_resume, request_trial_enqueue, request_trial_list, request_trial_get;

#endif
