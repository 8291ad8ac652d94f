/* Any bytes at the daemon's end and at a client's, in pieces: whatever they are, nobody gets in, and
 * what is to be sent is sent. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/transport/tls.h"
#include "schema/transport/tls_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tls_keys keys;
static SSL_CTX *server;
static char folder[64];

static void leave(void)
{
	tls_server_destroy(server);
	tls_keys_finish(&keys);
}

static void enter(void)
{
	char path[80];
	snprintf(folder, sizeof folder, "/tmp/fuzz-tls-XXXXXX");
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/keys", folder);
	if (tls_keys_init(&keys, path, NULL) < 0 || tls_keys_make(&keys, NULL) < 0)
		abort();
	folder_remove(-100, folder);
	server = tls_server_create(&keys);
	atexit(leave);
}

/* The first byte says how large the pieces are. */
static void feed(struct tls *tls, const uint8_t *data, size_t size)
{
	const size_t piece = size ? (size_t)data[0] + 1 : 1;
	char plain[64];
	long length;
	for (size_t at = 1; at < size; at += piece) {
		size_t left = size - at;
		assert(tls_receive(tls, (const char *)data + at, left < piece ? left : piece) == 0);
		while (tls_read(tls, plain, sizeof plain) > 0)
			;
		memory_free(tls_take(&length, tls));
	}
	assert(tls_state(tls) == TLS_SECURING || tls_state(tls) == TLS_FAILED);
	assert(tls_write(tls, "x", 1) < 0);
	tls_close(tls);
	memory_free(tls_take(&length, tls));
	tls_destroy(tls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls *daemon, *client;
	if (!server)
		enter();
	if (tls_accept(&daemon, server) < 0 || tls_connect(&client, tls_keys_pin(&keys)) < 0)
		abort();
	assert(tls_receive(client, NULL, 0) == 0);
	feed(daemon, data, size);
	feed(client, data, size);
	return 0;
}
