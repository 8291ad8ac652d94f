/* Tokens: made, listed, revoked. What they open is admission.h's. */
#ifndef DAEMON_ACCESS_TOKENS_H
#define DAEMON_ACCESS_TOKENS_H

#include "daemon/access/admission.h"
#include "schema/api/access.h"

#define TOKEN_NAME_BYTES 64 /* without the NUL */
#define TOKEN_ADMIN_LIFE_S (7 * 86400)

/* What was made: an id and the secret, which is told once and kept nowhere. */
struct token_made {
	int64_t id;
	unsigned char secret[TOKEN_SECRET_BYTES];
	struct walltime expires; /* 0 = never */
};

/* Makes a token as wished (study and name are as they should be). Needs a transaction. 0, or a
 * negative errno with a sentence: -EINVAL for a lifetime or a number of uses that makes no sense,
 * or an admin's token for one study. */
int tokens_issue(
        struct token_made *out, struct access *access, const struct token_create_request *wish, struct error *error);

/* All tokens, the oldest first, in the arena. 0, or a negative errno with a sentence. */
int tokens_list(struct token_list_answer *out, struct access *access, struct arena *arena, struct error *error);

/* The token of that id holds no longer. Needs a transaction. 0; TOKEN_UNKNOWN; a negative errno;
 * with a sentence. */
#define TOKEN_UNKNOWN 600
int tokens_revoke(struct access *access, int64_t id, struct error *error);

/* An id as people see it: 8 hexadecimal digits and a NUL; and back: −1 for anything else. */
#define TOKEN_ID_BYTES 9
void token_id_write(char out[TOKEN_ID_BYTES], int64_t id);
int64_t token_id_read(const char *text);

#endif
