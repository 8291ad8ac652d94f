/* Leases: signs of life while a run is out. */
#ifndef SCHEMA_API_LEASE_H
#define SCHEMA_API_LEASE_H

#include "schema/api/work.h"

/* A run that waits for its files. */
struct fetching_run {
	int64_t run_id;
	const char *file; /* which one is on its way */
	int64_t percent;  /* of it that is here */
};

/* Leases that their holder wants to keep. */
struct renew_request {
	LIST_OF(struct lease_claim) leases;
	LIST_OF(struct fetching_run) fetching;
	double load;    /* of the worker's machine: processes that want to run, over the last minute; NAN = not known */
	int64_t holder; /* not on the wire */
};
struct stopped_run {
	int64_t run_id;
	enum stop_reason reason;
};
struct renew_answer {
	double expires_s;
	LIST_OF(int64_t) lost;
	LIST_OF(struct stopped_run) stop;
};

extern const struct shape renew_request_shape, renew_answer_shape;

#endif
