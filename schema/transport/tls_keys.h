/* The keys by which a daemon is known: P-256, in certificates of their own that never end. What
 * counts of a key is the SHA-256 of its public part (SPKI), of which addresses hold the first
 * bytes; names and dates of the certificate mean nothing. */
#ifndef SCHEMA_TRANSPORT_TLS_KEYS_H
#define SCHEMA_TRANSPORT_TLS_KEYS_H

#include <openssl/types.h>

#include "schema/base/error.h"
#include "schema/transport/join_token.h"

#define TLS_KEYS_MAX 64
#define TLS_NAME_BYTES 21 /* by which a client asks for a key: 16 hexadecimal digits, ".kre" and a NUL */

/* One of them. */
struct tls_key {
	EVP_PKEY *secret;                  /* owned */
	X509 *certificate;                 /* owned */
	unsigned char pin[JOIN_PIN_BYTES]; /* what an address knows it by */
};

struct tls_keys {
	char *folder; /* owned; NUMBER.pem in it, the greatest is the current one */
	struct tls_key items[TLS_KEYS_MAX];
	size_t count; /* the last one is the current one */
	int next;     /* number of the next file */
};

/* Reads the keys of a folder; where there is none yet, there are none. 0, or a negative errno with
 * a sentence; finish it in any case. */
int tls_keys_init(struct tls_keys *keys, const char *folder, struct error *error);
void tls_keys_finish(struct tls_keys *keys);

/* Makes a new current key and keeps it in the folder (0700, the file 0600); the others stay. 0, or
 * a negative errno with a sentence. */
int tls_keys_make(struct tls_keys *keys, struct error *error);

/* What the current key is known by; NULL when there is none. */
const unsigned char *tls_keys_pin(const struct tls_keys *keys);

/* The first bytes of the hash of the certificate's public key. 0 or -ENOMEM. */
int tls_pin_of(unsigned char out[JOIN_PIN_BYTES], const X509 *certificate);

/* The name by which a client asks for that key. */
void tls_name_write(char out[TLS_NAME_BYTES], const unsigned char pin[JOIN_PIN_BYTES]);

#endif
