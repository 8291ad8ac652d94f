/* From a line to a reply: parse, check the role, find the handler in one table, turn its outcome
 * into JSON-RPC. */
#ifndef DAEMON_NETWORK_DISPATCH_H
#define DAEMON_NETWORK_DISPATCH_H

#include <cjson/cJSON.h>

#include "daemon/network/request.h"

/* Parses a line into a message. The reply to give at once in *refusal when it is no request
 * (memory_free): bad JSON, bytes that are not UTF-8 or no memory for them, with *fatal as the
 * connection should end; or JSON of another shape. NULL then. Free with cJSON_Delete. */
cJSON *dispatch_parse(const char *line, size_t length, char **refusal, bool *fatal);

/* What a message's method does with studies: a turn that changes some needs a transaction, and when
 * that fails what was read in it is as untrue as what was written. */
enum study_use { USE_NONE, USE_READ, USE_CHANGE };
enum study_use dispatch_use(const cJSON *message);

/* True for a hello with a token, which changes the file. */
bool dispatch_admits(const cJSON *message);

/* True for what speaks for a run that is out (report, tell, renew), and for a ping: it does not
 * wait behind an earlier request that waits. */
bool dispatch_overtakes(const cJSON *message);

/* True for what may have to wait for a job, and is of no use to a peer that is gone by then. */
bool dispatch_waits(const cJSON *message);

/* True for what moves a piece of a file. */
bool dispatch_is_bulky(const cJSON *message);

/* Who asks, and what the question has begun. */
struct asker {
	struct caller *caller; /* borrowed */
	bool greeted;          /* said hello; a good hello sets it */
	struct importance_job
	        *importance;       /* for study_importance_job_destroy once the message is done with; NULL at first */
	struct export_job *export; /* likewise, for study_export_job_destroy */
	struct lost_files *lost;   /* what its turn has made superfluous; NULL = nobody wants to know */
	int method;                /* set: enum method_id, −1 = none that there is */
};

/* Runs one message. 0 with the reply line (memory_free; NULL when out of memory); or STUDIES_LATER,
 * and the message is to be run again when a job was taken back. Needs the turn's transaction when
 * dispatch_use says USE_CHANGE. */
int dispatch_run(char **reply, const cJSON *message, struct asker *asker, const struct surroundings *around);

/* The reply to `message` when its turn could not be committed. */
char *dispatch_not_committed(const cJSON *message, const char *why);

#endif
