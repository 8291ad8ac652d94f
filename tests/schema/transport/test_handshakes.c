/* A door where several knock: whose turn it is, how little is kept of who waits, and what is no
 * handshake. The clients are filters over bare sockets. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/transport/tcp.h"
#include "schema/transport/tls.h"
#include "schema/transport/tls_keys.h"

#define CLIENTS 3

/* One at the door: its socket, and what became of the stream inside. */
struct client {
	int fd;
	struct tls *tls;
	struct stream *stream;
	int opened_count, ended_count, why;
	char heard[64];
};

struct door {
	uv_loop_t loop;
	union uv_any_handle listener;
	char folder[200];
	struct tls_keys keys;
	SSL_CTX *server;
	struct handshakes handshakes;
	struct stream_kind kind;
	uint16_t port;
	struct client clients[CLIENTS];
	size_t arrived;
};

static void on_opened(void *context)
{
	((struct client *)context)->opened_count++;
}

static void on_line(void *context, char *line, size_t length)
{
	struct client *client = context;
	(void)length;
	snprintf(client->heard, sizeof client->heard, "%s", line);
	stream_write(client->stream, memory_strdup("answer\n"));
}

static void on_ended(void *context, int why)
{
	struct client *client = context;
	client->ended_count++;
	client->why = why;
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct door *door = listener->data;
	struct client *client = &door->clients[door->arrived++];
	const struct stream_events events = {
	        .opened = on_opened, .line = on_line, .ended = on_ended, .context = client};
	assert_int_equal(status, 0);
	assert_int_equal(stream_accept(&client->stream, listener, &door->kind, &events), 0);
}

static void pump(struct door *door)
{
	for (int i = 0; i < 20; i++)
		uv_run(&door->loop, UV_RUN_NOWAIT);
}

static int setup(void **state)
{
	static struct door door;
	struct address any = {.port = 0};
	struct sockaddr_in at;
	int length = sizeof at;
	const char *parent = getenv("TMPDIR");
	door = (struct door){0};
	*state = &door;
	signal(SIGPIPE, SIG_IGN);
	snprintf(door.folder, sizeof door.folder, "%s/door-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(door.folder));
	char keys[220];
	snprintf(keys, sizeof keys, "%s/keys", door.folder);
	assert_int_equal(tls_keys_init(&door.keys, keys, NULL), 0);
	assert_int_equal(tls_keys_make(&door.keys, NULL), 0);
	door.server = tls_server_create(&door.keys);
	handshakes_init(&door.handshakes);
	door.kind = stream_tcp_door(door.server, &door.handshakes);
	uv_loop_init(&door.loop);
	assert_int_equal(door.kind.init(&door.loop, &door.listener), 0);
	door.listener.handle.data = &door;
	uv_ip4_addr("127.0.0.1", 0, (struct sockaddr_in *)&any.socket);
	assert_int_equal(door.kind.bind(&door.listener, &any, NULL), 0);
	assert_int_equal(uv_listen(&door.listener.stream, 8, on_connection), 0);
	assert_int_equal(uv_tcp_getsockname(&door.listener.tcp, (struct sockaddr *)&at, &length), 0);
	door.port = ntohs(at.sin_port);
	for (size_t i = 0; i < CLIENTS; i++)
		door.clients[i].fd = -1;
	return 0;
}

static int teardown(void **state)
{
	struct door *door = *state;
	for (size_t i = 0; i < CLIENTS; i++) {
		stream_destroy(door->clients[i].stream);
		tls_destroy(door->clients[i].tls);
		if (door->clients[i].fd >= 0)
			close(door->clients[i].fd);
	}
	uv_close(&door->listener.handle, NULL);
	uv_run(&door->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&door->loop), 0);
	tls_server_destroy(door->server);
	tls_keys_finish(&door->keys);
	return folder_remove(-100, door->folder);
}

static struct client *knock(struct door *door)
{
	struct client *client = &door->clients[door->arrived];
	struct sockaddr_in at;
	uv_ip4_addr("127.0.0.1", door->port, &at);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&at, sizeof at), 0);
	for (int i = 0; i < 10000 && !client->stream; i++) { /* the kernel may take its time */
		pump(door);
		poll(NULL, 0, client->stream ? 0 : 1);
	}
	assert_non_null(client->stream);
	return client;
}

/* The kernel of the other side has it, before the loop looks. */
static void put(struct door *door, struct client *client, const char *bytes, size_t length)
{
	int on_the_way = 1;
	assert_int_equal(send(client->fd, bytes, length, MSG_DONTWAIT), (ssize_t)length);
	while (on_the_way > 0 && ioctl(client->fd, SIOCOUTQ, &on_the_way) == 0)
		poll(NULL, 0, 0);
	pump(door);
}

/* What the filter has to say, in pieces. */
static void put_cipher(struct door *door, struct client *client, size_t piece)
{
	long length;
	char *bytes = tls_take(&length, client->tls);
	for (size_t at = 0; bytes && at < (size_t)length; at += piece) {
		const size_t left = (size_t)length - at;
		put(door, client, bytes + at, left < piece ? left : piece);
		while (piece < 100 && handshakes_waiting(&door->handshakes))
			handshakes_step(&door->handshakes);
	}
	memory_free(bytes);
}

static struct client *say_hello(struct door *door, size_t piece)
{
	struct client *client = knock(door);
	assert_int_equal(tls_connect(&client->tls, tls_keys_pin(&door->keys)), 0);
	assert_int_equal(tls_receive(client->tls, NULL, 0), 0);
	put_cipher(door, client, piece);
	return client;
}

/* How many bytes the daemon has sent to it, at most 64 KiB of them. */
static size_t get(struct client *client)
{
	static char bytes[65536];
	ssize_t count = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (count > 0 && client->tls)
		assert_int_equal(tls_receive(client->tls, bytes, (size_t)count), 0);
	return count > 0 ? (size_t)count : 0;
}

/* Some do come. */
static size_t must_get(struct client *client)
{
	struct pollfd some = {.fd = client->fd, .events = POLLIN};
	assert_int_equal(poll(&some, 1, 30000), 1);
	return get(client);
}

static void must_talk(struct door *door, struct client *client)
{
	char answer[20] = "";
	assert_int_equal(tls_state(client->tls), TLS_OPEN);
	assert_int_equal(tls_write(client->tls, "a line\n", 7), 0);
	put_cipher(door, client, 100000);
	assert_string_equal(client->heard, "a line");
	assert_true(must_get(client) > 0);
	assert_int_equal(tls_read(client->tls, answer, sizeof answer), 7);
	assert_string_equal(answer, "answer\n");
}

static void nobody_is_served_before_it_is_their_turn_and_then_one_step_far(void **state)
{
	struct door *door = *state;
	struct client *clients[CLIENTS];
	for (size_t i = 0; i < CLIENTS; i++)
		clients[i] = say_hello(door, 100000);
	pump(door);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(get(clients[i]), 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		handshakes_step(&door->handshakes);
		pump(door);
		for (size_t other = i + 1; other < CLIENTS; other++)
			assert_int_equal(get(clients[other]), 0);
		assert_true(must_get(clients[i]) > 0);
		assert_int_equal(clients[i]->opened_count, 0);
	}
	assert_false(handshakes_waiting(&door->handshakes));
	for (size_t i = CLIENTS; i-- > 0;)
		put_cipher(door, clients[i], 100000);
	for (size_t i = CLIENTS; i-- > 0;) {
		handshakes_step(&door->handshakes);
		assert_int_equal(clients[i]->opened_count, 1);
		must_talk(door, clients[i]);
	}
}

static void a_handshake_that_comes_in_crumbs_is_one(void **state)
{
	struct door *door = *state;
	struct client *client = say_hello(door, 16);
	assert_true(must_get(client) > 0);
	put_cipher(door, client, 16);
	assert_int_equal(client->opened_count, 1);
	must_talk(door, client);
}

/* The kernel has no more room once nothing is read. */
static void of_who_waits_the_kernel_keeps_what_they_send(void **state)
{
	static char bytes[8u << 20];
	struct door *door = *state;
	struct client *client = knock(door);
	size_t sent = 0;
	for (ssize_t count; sent < sizeof bytes; sent += (size_t)count) {
		count = send(client->fd, bytes, sizeof bytes - sent, MSG_DONTWAIT);
		pump(door);
		if (count <= 0)
			break;
	}
	assert_true(sent < sizeof bytes);
	assert_int_equal(client->ended_count, 0);
	handshakes_step(&door->handshakes);
	assert_int_equal(client->ended_count, 1);
	assert_int_equal(client->why, -EPROTO);
}

static void what_begins_as_a_handshake_and_does_not_end_is_none(void **state)
{
	/* a record of 16,000 bytes that holds the beginning of a ClientHello of 15,996 */
	static const char beginning[1024] = {0x16, 3, 1, 0x3e, (char)0x80, 1, 0, 0x3e, 0x7c, 3, 3};
	struct door *door = *state;
	struct client *client = knock(door);
	size_t sent = 0;
	for (; !client->ended_count && sent < 16 * sizeof beginning; sent += sizeof beginning) {
		put(door, client, beginning, sizeof beginning);
		handshakes_step(&door->handshakes);
	}
	assert_int_equal(client->ended_count, 1);
	assert_int_equal(client->why, -EPROTO);
	assert_in_range(sent, STREAM_OPENING_BYTES, STREAM_OPENING_BYTES + sizeof beginning);
}

static void what_is_no_handshake_hears_nothing_in_plain_words(void **state)
{
	static const char *const words[] = {"GET / HTTP/1.1\r\nHost: gpu3:7373\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
	        "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"admin\"}}\n"};
	struct door *door = *state;
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *client = knock(door);
		put(door, client, words[i], strlen(words[i]));
		handshakes_step(&door->handshakes);
		assert_int_equal(client->why, -EPROTO);
		assert_int_equal(stream_write(client->stream, memory_strdup("a secret\n")), -ENOTCONN);
		pump(door);
		assert_true(get(client) <= 7); /* an alert of TLS and no more */
		assert_string_equal(client->heard, "");
	}
}

static void before_there_is_tls_nothing_can_be_written(void **state)
{
	struct door *door = *state;
	struct client *client = knock(door);
	assert_int_equal(stream_write(client->stream, memory_strdup("a secret\n")), -ENOTCONN);
	stream_stop(client->stream);
	assert_int_equal(stream_write(client->stream, memory_strdup("a secret\n")), -ENOTCONN);
	pump(door);
	assert_int_equal(get(client), 0);
}

static void who_leaves_while_waiting_is_forgotten(void **state)
{
	struct door *door = *state;
	struct client *first = say_hello(door, 100000), *second = say_hello(door, 100000);
	stream_destroy(first->stream);
	first->stream = NULL;
	pump(door);
	handshakes_step(&door->handshakes);
	pump(door);
	assert_true(must_get(second) > 0);
	assert_false(handshakes_waiting(&door->handshakes));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(nobody_is_served_before_it_is_their_turn_and_then_one_step_far),
	        TEST(a_handshake_that_comes_in_crumbs_is_one),
	        TEST(of_who_waits_the_kernel_keeps_what_they_send),
	        TEST(what_begins_as_a_handshake_and_does_not_end_is_none),
	        TEST(what_is_no_handshake_hears_nothing_in_plain_words),
	        TEST(before_there_is_tls_nothing_can_be_written),
	        TEST(who_leaves_while_waiting_is_forgotten),
	};
	return cmocka_run_group_tests_name("handshakes", tests, NULL, NULL);
}
