/* Who may come in over the network, and where the daemon listens for them. */
#ifndef SCHEMA_API_ACCESS_H
#define SCHEMA_API_ACCESS_H

#include "schema/api/hello.h"

/* ---- token.create, token.list, token.revoke ---- */

/* A token to be made. */
struct token_create_request {
	enum role role;
	const char *name;  /* whose it is, at most 64 bytes; "" = nobody says */
	const char *study; /* the only one that it is for; NULL = all */
	double expires_s;  /* from now on; 0 = never, NAN = as its role has it */
	int64_t uses;      /* sessions that may begin with it; 0 = as many as one likes */
};
struct token_create_answer {
	const char *id, *token;  /* 8 hexadecimal digits; the last part of an address */
	struct walltime expires; /* 0 = never */
};

/* What is said of each token; its secret is nowhere. */
struct token_summary {
	const char *id, *name;
	enum role role;
	const char *study;                                    /* or NULL */
	struct walltime created, expires, revoked, last_used; /* 0 = never */
	int64_t uses_left;                                    /* −1 = as many as one likes */
	const char *last_from;                                /* an address, or "" */
	int64_t sessions;                                     /* that are connected now */
};
struct token_list_answer {
	LIST_OF(struct token_summary) tokens; /* the oldest first */
};

/* One that is to hold no longer. */
struct token_revoke_request {
	const char *id;
	bool keep_runs; /* its leases end by themselves; else its runs are handed out again at once */
};
struct token_revoke_answer {
	int64_t sessions, runs; /* that ended with it */
};

/* ---- listen.start, listen.stop, listen.get ---- */

#define LISTEN_PORT 7373

/* Where the daemon is to listen beside its socket. */
struct listen_request {
	const char *address; /* of this machine; "" = all that it has */
	int64_t port;        /* 0 = any that is free; −1 = as before, else LISTEN_PORT */
	LIST_OF(const char *)
	advertise;    /* names and addresses by which others reach it; none = as before, else this machine's */
	bool new_key; /* later tokens name a new key; those that are out go on with theirs */
};
struct listen_answer {
	bool listening;
	const char *address;
	int64_t port;
	LIST_OF(const char *) advertise; /* the best first */
	const char *pin; /* 32 hexadecimal digits: what new tokens know the daemon's key by; NULL = it has none */
};

extern const struct shape listen_request_shape, listen_answer_shape;
extern const struct shape token_create_request_shape, token_create_answer_shape, token_list_answer_shape,
        token_revoke_request_shape, token_revoke_answer_shape;

#endif
