/* The last part of an address: who one is, in letters that can be read out and typed.
 *
 *   w1-245tvjqy…  a letter for the role, the version, and Crockford's base32 of 40 bytes:
 *   version·16 + role (1)  id (4)  secret (16)  pin (16)  check (3)
 *
 * The check is the beginning of the SHA-256 of "kre-token" and the first 37 bytes. */
#ifndef SCHEMA_TRANSPORT_JOIN_TOKEN_H
#define SCHEMA_TRANSPORT_JOIN_TOKEN_H

#include <stdint.h>

#include "schema/api/hello.h"
#include "schema/base/error.h"

#define JOIN_SECRET_BYTES 16
#define JOIN_PIN_BYTES 16
#define JOIN_TOKEN_LETTERS 67
#define JOIN_TOKEN_BYTES (JOIN_TOKEN_LETTERS + 1) /* the NUL included */

struct join_token {
	enum role role;
	uint32_t id;
	unsigned char secret[JOIN_SECRET_BYTES];
	unsigned char pin[JOIN_PIN_BYTES]; /* the first bytes of the SHA-256 of the daemon's public key */
};

/* Writes it in small letters. */
void join_token_write(char out[JOIN_TOKEN_BYTES], const struct join_token *token);

/* Reads what people copy: large letters are small ones, - is passed over, o is 0, i and l are 1.
 * 0; -EINVAL with a sentence that says what is wrong with it: cut off, a typing error, of another
 * version. */
int join_token_read(struct join_token *out, const char *text, struct error *error);

#endif
