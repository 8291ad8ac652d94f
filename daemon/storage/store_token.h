/* Tokens in the trial file: who may come in over the network. Writers need a transaction. */
#ifndef DAEMON_STORAGE_STORE_TOKEN_H
#define DAEMON_STORAGE_STORE_TOKEN_H

#include "daemon/storage/store.h"
#include "schema/base/arena.h"
#include "schema/base/clock.h"

/* SQL: those for one study hold no longer than it: the next one of its name is another. What
 * follows selects names of studies. */
#define REVOKE_TOKENS_OF                                                                                               \
	"UPDATE kre_tokens SET revoked_us = unixepoch() * 1000000 WHERE revoked_us IS NULL AND study IN "

/* One token. Texts are borrowed, or in the arena that was given. */
struct token_record {
	int64_t id;
	const char *secret_sha256; /* 64 small hexadecimal digits */
	const char *role;          /* "worker", "viewer", "admin" */
	const char *name;          /* whose it is, or "" */
	const char *study;         /* the only one that it is for, or "" */
	struct walltime created;
	struct walltime expires;   /* 0 = never */
	int64_t uses_left;         /* sessions; −1 = as many as one likes */
	struct walltime revoked;   /* 0 = it holds */
	struct walltime last_used; /* 0 = never */
	const char *last_from;     /* an address, or "" */
};

/* Inserts a token; its id is a new one. */
int store_token_insert(struct store *store, const struct token_record *token);

/* The token of that id; texts go to the arena. 0, STORE_GONE, -ENOMEM. */
int store_token_find(struct token_record *out, struct store *store, int64_t id, struct arena *arena);

/* Walks all tokens, the oldest first; texts are borrowed for the call. */
int store_token_each(struct store *store, int (*each)(void *context, const struct token_record *token), void *context);

/* *out = whether a session of that name has begun with the token and was counted. */
int store_token_has_session(bool *out, struct store *store, int64_t id, const char *session);

/* A session that begins. */
struct token_use {
	int64_t id;
	const char *session, *from;
	struct walltime now;
	bool counts; /* takes one of the uses that are left, and is remembered */
};

/* Notes it. 0, STORE_GONE when the token is not there. */
int store_token_use(struct store *store, const struct token_use *use);

/* The token holds no longer. 0, STORE_GONE. */
int store_token_revoke(struct store *store, int64_t id, struct walltime now);

#endif
