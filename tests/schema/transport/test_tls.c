/* Two filters that talk to each other in memory: who is believed, what passes, and what does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/transport/tls.h"
#include "schema/transport/tls_keys.h"

struct pair {
	char folder[200];
	struct tls_keys keys;
	SSL_CTX *server;
	struct tls *daemon, *client;
};

static int setup(void **state)
{
	static struct pair pair;
	const char *parent = getenv("TMPDIR");
	char parent_path[180];
	pair = (struct pair){0};
	snprintf(parent_path, sizeof parent_path, "%s/tls-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(parent_path));
	snprintf(pair.folder, sizeof pair.folder, "%s/keys", parent_path);
	assert_int_equal(tls_keys_init(&pair.keys, pair.folder, NULL), 0);
	pair.server = tls_server_create(&pair.keys);
	assert_non_null(pair.server);
	*state = &pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;
	tls_destroy(pair->daemon);
	tls_destroy(pair->client);
	tls_server_destroy(pair->server);
	tls_keys_finish(&pair->keys);
	*strrchr(pair->folder, '/') = '\0';
	return folder_remove(-100, pair->folder);
}

/* Whatever one has to send is given to the other, in pieces. */
static bool pass(struct tls *from, struct tls *to, size_t piece)
{
	long length;
	char *bytes = tls_take(&length, from);
	for (size_t at = 0; bytes && at < (size_t)length; at += piece) {
		size_t left = (size_t)length - at;
		assert_int_equal(tls_receive(to, bytes + at, left < piece ? left : piece), 0);
	}
	memory_free(bytes);
	return bytes != NULL;
}

static void talk(struct pair *pair, size_t piece)
{
	while (pass(pair->client, pair->daemon, piece) || pass(pair->daemon, pair->client, piece))
		;
}

static void begin(struct pair *pair, const unsigned char *pin, size_t piece)
{
	assert_int_equal(tls_accept(&pair->daemon, pair->server), 0);
	assert_int_equal(tls_connect(&pair->client, pin), 0);
	assert_int_equal(tls_receive(pair->client, NULL, 0), 0);
	talk(pair, piece);
}

static void must_arrive(struct pair *pair, struct tls *from, struct tls *to, size_t length)
{
	struct text sent = TEXT_NULL, got = TEXT_NULL;
	char bytes[1000];
	for (size_t i = 0; i < length; i++)
		text_append_bytes(&sent, &"abcdefghijklmnopq"[i % 17], 1);
	assert_int_equal(tls_write(from, text_string(&sent), sent.length), 0);
	talk(pair, 4096);
	for (size_t count; (count = tls_read(to, bytes, sizeof bytes)) > 0;)
		text_append_bytes(&got, bytes, count);
	assert_int_equal(got.length, sent.length);
	assert_string_equal(text_string(&got), text_string(&sent));
	text_finish(&sent);
	text_finish(&got);
}

static void bytes_pass_both_ways_however_they_are_cut(void **state)
{
	struct pair *pair = *state;
	assert_null(tls_keys_pin(&pair->keys));
	assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
	static const size_t pieces[] = {1, 7, 100000};
	for (size_t i = 0; i < 3; i++) {
		begin(pair, tls_keys_pin(&pair->keys), pieces[i]);
		assert_int_equal(tls_state(pair->client), TLS_OPEN);
		assert_int_equal(tls_state(pair->daemon), TLS_OPEN);
		must_arrive(pair, pair->client, pair->daemon, 10);
		must_arrive(pair, pair->daemon, pair->client, 1 << 20);
		must_arrive(pair, pair->client, pair->daemon, 100000);
		tls_close(pair->client);
		talk(pair, pieces[i]);
		char byte;
		assert_int_equal(tls_read(pair->daemon, &byte, 1), 0);
		assert_int_equal(tls_state(pair->daemon), TLS_ENDED);
		tls_destroy(pair->daemon);
		tls_destroy(pair->client);
		pair->daemon = pair->client = NULL;
	}
}

static void a_daemon_with_another_key_is_not_believed(void **state)
{
	struct pair *pair = *state;
	struct error error = {""};
	unsigned char pin[JOIN_PIN_BYTES];
	assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
	memcpy(pin, tls_keys_pin(&pair->keys), sizeof pin);
	pin[JOIN_PIN_BYTES - 1] ^= 1;
	begin(pair, pin, 100000);
	assert_int_equal(tls_state(pair->client), TLS_FAILED);
	assert_int_equal(tls_why(pair->client, &error), -EKEYREJECTED);
	assert_non_null(strstr(error.text, "is not the daemon this address was made for (its key is "));
	assert_int_equal(tls_state(pair->daemon), TLS_FAILED);
	assert_int_equal(tls_write(pair->client, "secret", 6), -ENOTCONN);
}

static void what_is_no_tls_is_said(void **state)
{
	struct pair *pair = *state;
	struct error error = {""};
	static const char page[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
	assert_int_equal(tls_accept(&pair->daemon, pair->server), 0);
	assert_int_equal(tls_connect(&pair->client, tls_keys_pin(&pair->keys)), 0);
	assert_int_equal(tls_receive(pair->client, NULL, 0), 0);
	assert_int_equal(tls_receive(pair->client, page, strlen(page)), 0);
	assert_int_equal(tls_receive(pair->daemon, page, strlen(page)), 0);
	assert_int_equal(tls_state(pair->daemon), TLS_FAILED);
	assert_int_equal(tls_state(pair->client), TLS_FAILED);
	assert_int_equal(tls_why(pair->client, &error), -EPROTO);
	assert_string_equal(error.text, "does not speak kre-search (no TLS 1.3 answer): is it the right port?");
}

/* A client that is not ours: what it says leaves by `out`. */
struct stranger {
	SSL *ssl;
	BIO *in, *out;
};

static void stranger_begin(struct stranger *stranger, struct pair *pair)
{
	static const unsigned char ours[] = "\5kre/1";
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	assert_int_equal(SSL_CTX_set_alpn_protos(context, ours, sizeof ours - 1), 0);
	*stranger = (struct stranger){SSL_new(context), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())};
	SSL_CTX_free(context);
	SSL_set_bio(stranger->ssl, stranger->in, stranger->out);
	SSL_set_connect_state(stranger->ssl);
	assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
	assert_int_equal(tls_accept(&pair->daemon, pair->server), 0);
}

/* Gives the daemon's end what the stranger says, and reads it; what came out of it as plain
 * bytes. */
static size_t stranger_say(struct stranger *stranger, struct tls *daemon)
{
	char *bytes, plain[4096];
	size_t total = 0, count;
	long length = BIO_get_mem_data(stranger->out, &bytes);
	assert_int_equal(tls_receive(daemon, bytes, (size_t)length), 0);
	(void)BIO_reset(stranger->out);
	while ((count = tls_read(daemon, plain, sizeof plain)) > 0)
		total += count;
	return total;
}

static void stranger_hear(struct stranger *stranger, struct tls *daemon)
{
	long length;
	char *bytes = tls_take(&length, daemon);
	if (bytes)
		assert_int_equal(BIO_write(stranger->in, bytes, (int)length), length);
	memory_free(bytes);
}

static void stranger_ask_for_keys(struct stranger *stranger, int count)
{
	for (int i = 0; i < count; i++) {
		assert_int_equal(SSL_key_update(stranger->ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(stranger->ssl), 1);
	}
}

static void some_new_keys_are_given_and_a_flood_of_questions_is_the_end(void **state)
{
	struct pair *pair = *state;
	struct stranger stranger;
	struct error error = {""};
	char plain[100000] = "";
	stranger_begin(&stranger, pair);
	while (SSL_do_handshake(stranger.ssl) != 1) {
		stranger_say(&stranger, pair->daemon);
		stranger_hear(&stranger, pair->daemon);
	}
	stranger_say(&stranger, pair->daemon);
	assert_int_equal(tls_state(pair->daemon), TLS_OPEN);
	for (int i = 0; i < 3; i++) { /* of somebody who has much to say */
		stranger_ask_for_keys(&stranger, 20);
		size_t said = 0;
		for (int j = 0; j < 12; j++) {
			assert_int_equal(SSL_write(stranger.ssl, plain, sizeof plain), sizeof plain);
			said += stranger_say(&stranger, pair->daemon);
		}
		assert_int_equal(said, 12 * sizeof plain);
		assert_int_equal(tls_write(pair->daemon, "heard", 5), 0);
		stranger_hear(&stranger, pair->daemon);
		assert_int_equal(SSL_read(stranger.ssl, plain, sizeof plain), 5);
	}
	stranger_ask_for_keys(&stranger, 1000);
	assert_int_equal(SSL_write(stranger.ssl, "unheard", 7), 7);
	assert_int_equal(stranger_say(&stranger, pair->daemon), 0);
	assert_int_equal(tls_state(pair->daemon), TLS_FAILED);
	assert_int_equal(tls_why(pair->daemon, &error), -EPROTO);
	assert_string_equal(error.text, "asks for new keys again and again");
	long length;
	memory_free(tls_take(&length, pair->daemon));
	assert_in_range(length, 1, 33 * 100);
	SSL_free(stranger.ssl);
}

static void a_new_key_leaves_the_old_one_to_those_who_know_it_also_after_a_restart(void **state)
{
	struct pair *pair = *state;
	unsigned char pins[2][JOIN_PIN_BYTES];
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
		memcpy(pins[i], tls_keys_pin(&pair->keys), JOIN_PIN_BYTES);
	}
	assert_memory_not_equal(pins[0], pins[1], JOIN_PIN_BYTES);
	tls_keys_finish(&pair->keys);
	assert_int_equal(tls_keys_init(&pair->keys, pair->folder, NULL), 0);
	assert_memory_equal(tls_keys_pin(&pair->keys), pins[1], JOIN_PIN_BYTES);
	for (int i = 0; i < 2; i++) {
		begin(pair, pins[i], 100000);
		assert_int_equal(tls_state(pair->client), TLS_OPEN);
		tls_destroy(pair->daemon);
		tls_destroy(pair->client);
		pair->daemon = pair->client = NULL;
	}
}

static void keys_are_their_owners_alone_and_what_is_none_is_said(void **state)
{
	struct pair *pair = *state;
	struct stat status;
	struct error error = {""};
	char path[220];
	assert_int_equal(tls_keys_make(&pair->keys, NULL), 0);
	assert_int_equal(stat(pair->folder, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	snprintf(path, sizeof path, "%s/1.pem", pair->folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(truncate(path, 20), 0);
	tls_keys_finish(&pair->keys);
	assert_int_equal(tls_keys_init(&pair->keys, pair->folder, &error), -EINVAL);
	assert_non_null(strstr(error.text, "1.pem holds no key of a daemon"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(bytes_pass_both_ways_however_they_are_cut),
	        TEST(a_daemon_with_another_key_is_not_believed),
	        TEST(what_is_no_tls_is_said),
	        TEST(some_new_keys_are_given_and_a_flood_of_questions_is_the_end),
	        TEST(a_new_key_leaves_the_old_one_to_those_who_know_it_also_after_a_restart),
	        TEST(keys_are_their_owners_alone_and_what_is_none_is_said),
	};
	return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
