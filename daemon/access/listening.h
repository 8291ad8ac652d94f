/* Where the daemon listens beside its socket, as the trial file keeps it. */
#ifndef DAEMON_ACCESS_LISTENING_H
#define DAEMON_ACCESS_LISTENING_H

#include "daemon/access/access.h"
#include "schema/api/field.h"
#include "schema/base/arena.h"
#include "schema/transport/address.h"

#define LISTENING_NAMES_MAX ADDRESS_HOSTS_MAX

struct listening {
	const char *address; /* of this machine; "" = all */
	int64_t port;
	LIST_OF(const char *) names; /* by which others reach it, the best first */
};

/* What is kept, in the arena. 0; LISTENING_NOWHERE; a negative errno with a sentence. */
#define LISTENING_NOWHERE 601
int listening_load(struct listening *out, struct access *access, struct arena *arena, struct error *error);

/* Keeps it, or with NULL that it listens nowhere. Needs a transaction. 0, or a negative errno with
 * a sentence. */
int listening_keep(struct access *access, const struct listening *listening, struct error *error);

#endif
