/* Whether the daemon listens beside its socket, kept so that the next one does too. Writers need a
 * transaction. */
#ifndef DAEMON_STORAGE_STORE_LISTENING_H
#define DAEMON_STORAGE_STORE_LISTENING_H

#include "daemon/storage/store.h"
#include "schema/base/arena.h"

/* Texts are borrowed, or in the arena that was given. */
struct listening_record {
	const char *address; /* of this machine; "" = all */
	int64_t port;
	const char *advertise; /* names and addresses, a comma between them */
};

/* What is kept; texts go to the arena. 0, STORE_GONE when it listens nowhere, -ENOMEM. */
int store_listening_find(struct listening_record *out, struct store *store, struct arena *arena);

/* Keeps it, in place of what was; NULL = it listens nowhere. */
int store_listening_save(struct store *store, const struct listening_record *listening);

#endif
