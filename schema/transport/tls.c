#include "schema/transport/tls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/transport/tls_keys.h"

/* Nobody of ours asks for new keys, a library may after some gigabytes. An answer costs more than a
 * question. */
#define KEY_UPDATES_MAX 32
#define KEY_UPDATES_BYTES (1u << 20)

/* No browser can talk to us by accident. */
static const unsigned char protocol[] = {5, 'k', 'r', 'e', '/', '1'};

struct tls {
	SSL *ssl;        /* owned */
	SSL_CTX *client; /* owned; a client's own, NULL = a daemon's end */
	BIO *in, *out;   /* of ssl */
	enum tls_state state;
	unsigned char pin[JOIN_PIN_BYTES];   /* that a client expects … */
	unsigned char shown[JOIN_PIN_BYTES]; /* … and what it was shown */
	bool other_key;
	unsigned key_updates;     /* that the other end has asked for … */
	size_t since_key_updates; /* … while so much came; both begin anew after KEY_UPDATES_BYTES */
};

/* Allowed moves, from row to column. */
static void move(struct tls *tls, enum tls_state to)
{
	static const bool moves[TLS_STATE_COUNT][TLS_STATE_COUNT] = {
	        [TLS_SECURING] = {[TLS_OPEN] = true, [TLS_FAILED] = true},
	        [TLS_OPEN] = {[TLS_ENDED] = true, [TLS_FAILED] = true},
	};
	assert(moves[tls->state][to]);
	(void)moves;
	tls->state = to;
}

/* ---- what both ends want ---- */

static SSL_CTX *make_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);
	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_set1_groups_list(context, "X25519:P-256"))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

/* ---- the daemon's end ---- */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *length, const unsigned char *offered,
        unsigned offered_length, void *unused)
{
	unsigned char *chosen = NULL;
	(void)ssl;
	(void)unused;
	int rc = SSL_select_next_proto(&chosen, length, protocol, sizeof protocol, offered, offered_length);
	*out = chosen;
	return rc == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static const struct tls_key *find_key(const struct tls_keys *keys, const char *asked)
{
	const struct tls_key *found = keys->count ? &keys->items[keys->count - 1] : NULL;
	for (size_t i = 0; asked && i < keys->count; i++) {
		char name[TLS_NAME_BYTES];
		tls_name_write(name, keys->items[i].pin);
		if (strcmp(name, asked) == 0)
			found = &keys->items[i];
	}
	return found;
}

/* Who asks for a key that is not here is shown the current one, and finds out. */
static int show_key(SSL *ssl, void *context)
{
	const struct tls_key *key = find_key(context, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
	return key && SSL_use_certificate(ssl, key->certificate) == 1 && SSL_use_PrivateKey(ssl, key->secret) == 1;
}

SSL_CTX *tls_server_create(const struct tls_keys *keys)
{
	SSL_CTX *server = make_context(TLS_server_method());
	if (!server)
		return NULL;
	SSL_CTX_set_alpn_select_cb(server, choose_protocol, NULL);
	SSL_CTX_set_cert_cb(server, show_key, (void *)(uintptr_t)keys);
	return server;
}

void tls_server_destroy(SSL_CTX *server)
{
	SSL_CTX_free(server);
}

/* ---- the client's end ---- */

/* Dates and names mean nothing: the key is all. */
static int believe(X509_STORE_CTX *store, void *context)
{
	struct tls *tls = context;
	const X509 *certificate = X509_STORE_CTX_get0_cert(store);
	bool known = certificate && tls_pin_of(tls->shown, certificate) == 0;
	tls->other_key = known && memcmp(tls->shown, tls->pin, JOIN_PIN_BYTES) != 0;
	return known && !tls->other_key;
}

static int init_client(struct tls *tls)
{
	char name[TLS_NAME_BYTES];
	tls->client = make_context(TLS_client_method());
	if (!tls->client)
		return -ENOMEM;
	SSL_CTX_set_verify(tls->client, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(tls->client, believe, tls);
	tls_name_write(name, tls->pin);
	tls->ssl = SSL_new(tls->client);
	bool fine = tls->ssl && SSL_set_tlsext_host_name(tls->ssl, name) == 1 &&
	            SSL_set_alpn_protos(tls->ssl, protocol, sizeof protocol) == 0;
	if (!fine)
		return -ENOMEM;
	SSL_set_connect_state(tls->ssl);
	return 0;
}

/* ---- life ---- */

/* Behind one too many nothing is looked at. */
static void on_message(int sent, int version, int type, const void *bytes, size_t length, SSL *ssl, void *context)
{
	struct tls *tls = context;
	(void)version;
	(void)ssl;
	if (sent || type != SSL3_RT_HANDSHAKE || length == 0 || *(const unsigned char *)bytes != SSL3_MT_KEY_UPDATE)
		return;
	if (++tls->key_updates > KEY_UPDATES_MAX)
		(void)BIO_reset(tls->in);
}

static int add_bios(struct tls *tls)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	if (!in || !out) {
		BIO_free(in);
		BIO_free(out);
		return -ENOMEM;
	}
	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(tls->ssl, in, out);
	SSL_set_msg_callback(tls->ssl, on_message);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	tls->in = in;
	tls->out = out;
	return 0;
}

static int finish_init(struct tls **out, struct tls *tls, int rc)
{
	if (rc == 0)
		rc = add_bios(tls);
	if (rc < 0)
		tls_destroy(tls);
	else
		*out = tls;
	ERR_clear_error();
	return rc;
}

int tls_accept(struct tls **out, SSL_CTX *server)
{
	struct tls *tls = memory_alloc(1, sizeof *tls);
	if (!tls)
		return -ENOMEM;
	tls->ssl = SSL_new(server);
	if (tls->ssl)
		SSL_set_accept_state(tls->ssl);
	return finish_init(out, tls, tls->ssl ? 0 : -ENOMEM);
}

int tls_connect(struct tls **out, const unsigned char pin[JOIN_PIN_BYTES])
{
	struct tls *tls = memory_alloc(1, sizeof *tls);
	if (!tls)
		return -ENOMEM;
	memcpy(tls->pin, pin, JOIN_PIN_BYTES);
	return finish_init(out, tls, init_client(tls));
}

void tls_destroy(struct tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->client);
	memory_free(tls);
}

/* ---- bytes ---- */

static bool speaks_ours(const struct tls *tls)
{
	const unsigned char *chosen = NULL;
	unsigned length = 0;
	SSL_get0_alpn_selected(tls->ssl, &chosen, &length);
	return length == protocol[0] && memcmp(chosen, protocol + 1, length) == 0;
}

/* True when the call only waits for more bytes. */
static bool is_waiting(struct tls *tls, int rc)
{
	int why = SSL_get_error(tls->ssl, rc);
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return true;
	move(tls, why == SSL_ERROR_ZERO_RETURN && tls->state == TLS_OPEN ? TLS_ENDED : TLS_FAILED);
	ERR_clear_error();
	return false;
}

static void shake_hands(struct tls *tls)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(tls->ssl);
	if (rc == 1)
		move(tls, speaks_ours(tls) ? TLS_OPEN : TLS_FAILED);
	else
		is_waiting(tls, rc);
}

int tls_receive(struct tls *tls, const char *bytes, size_t length)
{
	assert(length < INT_MAX);
	if (length > 0 && BIO_write(tls->in, bytes, (int)length) != (int)length)
		return -ENOMEM;
	if (tls->state == TLS_SECURING)
		shake_hands(tls);
	return 0;
}

static void count_bytes(struct tls *tls, size_t count)
{
	tls->since_key_updates += count;
	if (tls->since_key_updates > KEY_UPDATES_BYTES && tls->key_updates <= KEY_UPDATES_MAX)
		tls->since_key_updates = tls->key_updates = 0;
}

size_t tls_read(struct tls *tls, char *out, size_t size)
{
	size_t count = 0;
	if (tls->state != TLS_OPEN)
		return 0;
	ERR_clear_error();
	int rc = SSL_read_ex(tls->ssl, out, size, &count);
	if (rc == 1)
		count_bytes(tls, count);
	else if (is_waiting(tls, rc) && tls->key_updates > KEY_UPDATES_MAX)
		move(tls, TLS_FAILED);
	return rc == 1 ? count : 0;
}

int tls_write(struct tls *tls, const char *bytes, size_t length)
{
	size_t count = 0;
	if (tls->state != TLS_OPEN && tls->state != TLS_ENDED)
		return -ENOTCONN;
	ERR_clear_error();
	int rc = length ? SSL_write_ex(tls->ssl, bytes, length, &count) : 1;
	ERR_clear_error();
	return rc == 1 && count == length ? 0 : -ENOMEM; /* a BIO in memory takes all */
}

void tls_close(struct tls *tls)
{
	if (tls->state != TLS_OPEN && tls->state != TLS_ENDED)
		return;
	ERR_clear_error();
	SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

char *tls_take(long *length, struct tls *tls)
{
	char *bytes;
	*length = BIO_get_mem_data(tls->out, &bytes);
	if (*length <= 0)
		return NULL;
	char *copy = memory_alloc(1, (size_t)*length);
	if (!copy) {
		*length = -1;
		return NULL;
	}
	memcpy(copy, bytes, (size_t)*length);
	(void)BIO_reset(tls->out);
	return copy;
}

/* ---- what became of it ---- */

enum tls_state tls_state(const struct tls *tls)
{
	return tls->state;
}

int tls_why(const struct tls *tls, struct error *error)
{
	if (tls->other_key)
		return error_set(error, -EKEYREJECTED,
		        "is not the daemon this address was made for (its key is %02x%02x…, not %02x%02x…): ask for "
		        "a "
		        "new line with 'kre-search join'; if nobody made a new key, somebody is in between",
		        tls->shown[0], tls->shown[1], tls->pin[0], tls->pin[1]);
	if (tls->key_updates > KEY_UPDATES_MAX)
		return error_set(error, -EPROTO, "asks for new keys again and again");
	return error_set(error, -EPROTO, "does not speak kre-search (no TLS 1.3 answer): is it the right port?");
}
