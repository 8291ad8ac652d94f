/* The first words on a connection, and what watchers and file keepers say. */
#ifndef SCHEMA_API_HELLO_H
#define SCHEMA_API_HELLO_H

#include <stdint.h>

#include "schema/api/field.h"
#include "schema/base/clock.h"

#define PROTOCOL_VERSION 1
#define PROTOCOL_OLDEST 1 /* that is understood too */

/* Bits, so that a method can allow several. */
enum role { ROLE_WORKER = 1, ROLE_VIEWER = 2, ROLE_ADMIN = 4 };
extern const struct words role_words; /* "worker", "viewer", "admin" */

/* What a worker's machine has to give. */
struct hello_machine {
	int64_t threads, memory_mb; /* 0 = nobody says */
};

/* Who is speaking. */
struct hello_request {
	int64_t protocol;
	int64_t oldest; /* that is understood too; 0: none but `protocol` */
	enum role role;
	const char *name;
	const char *session; /* of an earlier hello, to go on after a lost connection; NULL: a new one */
	const char *software;
	const char *token;                   /* the last part of the address; NULL where none is needed */
	const struct hello_machine *machine; /* or NULL */
};

/* Who answers. */
struct hello_answer {
	const char *session;
	int64_t protocol;
	double lease_s;
	struct walltime server_time;
	const char *software;
	enum role role;                 /* that is granted */
	int64_t epoch;                  /* which life of the trial file it is */
	LIST_OF(const char *) features; /* what this daemon can do beside what its protocol says */
};

/* By how many seconds the daemon's clock is before or behind this one; 0 when by no more than a
 * minute, or when it does not say. */
double hello_clock_off_s(const struct hello_answer *hello, struct walltime now);

extern const struct shape hello_request_shape, hello_answer_shape;

#endif
