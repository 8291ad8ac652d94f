/* TLS 1.3 as a filter between two programs of ours: bytes in, bytes out, no socket. The daemon
 * shows the key that the client asks for, the client believes no other; who the client is a token
 * says afterwards.
 *
 *   securing ──handshake done──▶ open ──close_notify──▶ ended
 *      └──────────── anything that is not as it should be ──────▶ failed
 */
#ifndef SCHEMA_TRANSPORT_TLS_H
#define SCHEMA_TRANSPORT_TLS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"
#include "schema/transport/join_token.h"

struct tls;
struct tls_keys;

enum tls_state { TLS_SECURING, TLS_OPEN, TLS_ENDED, TLS_FAILED, TLS_STATE_COUNT };

/* What a daemon's filters share; borrows the keys, also those that are made later. NULL when out of
 * memory; free with tls_server_destroy (NULL is fine). */
SSL_CTX *tls_server_create(const struct tls_keys *keys);
void tls_server_destroy(SSL_CTX *server);

/* A daemon's end / a client's, which believes the daemon whose key has that pin. 0 or -ENOMEM. */
int tls_accept(struct tls **out, SSL_CTX *server);
int tls_connect(struct tls **out, const unsigned char pin[JOIN_PIN_BYTES]);
void tls_destroy(struct tls *tls);

/* Takes bytes that came, and goes on with the handshake as far as they lead; a client begins with
 * none. What is to be sent then waits in tls_take. 0 or -ENOMEM. */
int tls_receive(struct tls *tls, const char *bytes, size_t length);

/* Plain bytes that have arrived: how many, 0 when there are no more for now. */
size_t tls_read(struct tls *tls, char *out, size_t size);

/* Takes plain bytes to be sent, while open or ended: the other end may still listen. 0; -ENOTCONN;
 * -ENOMEM. */
int tls_write(struct tls *tls, const char *bytes, size_t length);

/* Says that nothing more will be written. */
void tls_close(struct tls *tls);

/* Bytes that are to be sent: owned by the caller (memory_free), NULL when there are none. *length
 * is set in any case; -1 in it: no memory. */
char *tls_take(long *length, struct tls *tls);

enum tls_state tls_state(const struct tls *tls);

/* Why it failed: -EKEYREJECTED when the daemon has another key, -EPROTO when this is no TLS 1.3, or
 * not between programs of ours; with a sentence. */
int tls_why(const struct tls *tls, struct error *error);

#endif
