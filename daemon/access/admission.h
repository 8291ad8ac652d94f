/* A token that somebody shows, and what it lets them do. */
#ifndef DAEMON_ACCESS_ADMISSION_H
#define DAEMON_ACCESS_ADMISSION_H

#include "daemon/access/access.h"
#include "schema/api/hello.h"
#include "schema/base/arena.h"

#define TOKEN_SECRET_BYTES 16
#define TOKEN_DATE_BYTES 11 /* "2026-12-01" and a NUL */

/* What was shown, by whom. */
struct credential {
	int64_t id;
	unsigned char secret[TOKEN_SECRET_BYTES];
	const char *session; /* that they begin, or go on with */
	const char *from;    /* the address that they come from */
};

/* What follows from it. */
struct admission {
	int64_t token;
	enum role role;
	const char *study;       /* the only one that it is for, or ""; in the arena */
	struct walltime expires; /* 0 = never */
};

/* Checks the secret in constant time and counts the use; a session that was counted goes on.
 * Needs a transaction. 0; -EACCES with the sentence for the one who came, who learns why only when
 * they know the secret; another negative errno. A refusal is told in the log, once a minute and
 * address. */
int admission_check(struct admission *out, struct access *access, const struct credential *credential,
        struct arena *arena, struct error *error);

/* True when a token that expires then has expired; and the sentence for whoever has it: -EACCES. */
bool admission_is_over(const struct access *access, struct walltime expires);
int admission_say_over(struct walltime expires, struct error *error);

#endif
