/* The first words on a connection, and what watchers and file keepers say. */
#ifndef SCHEMA_API_HELLO_H
#define SCHEMA_API_HELLO_H

#include <stdint.h>

#include "schema/api/field.h"
#include "schema/base/clock.h"

#define PROTOCOL_VERSION 1

/* Bits, so that a method can allow several. */
enum role { ROLE_WORKER = 1, ROLE_VIEWER = 2, ROLE_ADMIN = 4 };
extern const struct words role_words; /* "worker", "viewer", "admin" */

/* Who is speaking. */
struct hello_request {
	int64_t protocol;
	enum role role;
	const char *name;
	const char *session; /* of an earlier hello, to go on after a lost connection; NULL: a new one */
	const char *software;
};

/* Who answers. */
struct hello_answer {
	const char *session;
	int64_t protocol;
	double lease_s;
	struct walltime server_time;
	const char *software;
};

extern const struct shape hello_request_shape, hello_answer_shape;

#endif
