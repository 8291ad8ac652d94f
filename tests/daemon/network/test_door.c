/* Those who come over the network and take their time: who trickles, who never reads. They speak
 * TLS from the other side in the same thread. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/network/crowd.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/transport/tls.h"
#include "tests/daemon/network/house.h"

enum { KERNEL_BYTES = 12 << 20 }; /* more than the kernel keeps of a connection, both ways */

/* Where the door is, and what opens it. */
struct way {
	uint16_t port;
	char token[JOIN_TOKEN_BYTES];
	struct join_token read;
};

struct secured {
	int fd;
	struct tls *tls;
};

static const char *after(const char *line, const char *key)
{
	const char *at = line ? strstr(line, key) : NULL;
	if (!at)
		fail_msg("no %s in %s", key, line ? line : "the end");
	return at + strlen(key);
}

static struct way open_door(struct house *house)
{
	struct way way = {.port = 0};
	int fd = enter_with_study(house);
	put(house, fd, "{\"id\":1,\"method\":\"listen.start\",\"params\":{\"address\":\"127.0.0.1\",\"port\":0}}\n");
	way.port = (uint16_t)atoi(after(get(house, fd), "\"port\":"));
	put(house, fd, "{\"id\":2,\"method\":\"token.create\",\"params\":{\"role\":\"viewer\"}}\n");
	snprintf(way.token, sizeof way.token, "%s", after(get(house, fd), "\"token\":\""));
	assert_int_equal(join_token_read(&way.read, way.token, NULL), 0);
	close(fd);
	return way;
}

static void must_stay_open(struct house *house, int fd, const struct way *way, const char *address)
{
	char line[200], port[32];
	snprintf(line, sizeof line,
	        "{\"id\":3,\"method\":\"listen.start\",\"params\":{\"address\":\"%s\",\"port\":%u}}\n", address,
	        way->port);
	put(house, fd, line);
	after(get(house, fd), "\"error\":");
	put(house, fd, "{\"id\":4,\"method\":\"listen.get\"}\n");
	snprintf(port, sizeof port, "\"port\":%u", way->port);
	after(after(get(house, fd), "\"listening\":true,\"address\":\"127.0.0.1\""), port);
}

static int knock(struct house *house, const struct way *way)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(way->port)};
	const int little = 4096;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	pump(house);
	return fd;
}

/* Sends what waits in the filter; false when the socket took no more. */
static bool flush(struct house *house, struct secured *secured)
{
	long length;
	char *bytes = tls_take(&length, secured->tls);
	ssize_t sent = 0;
	for (int i = 0; sent < length && i < 3; i++) {
		ssize_t count = send(secured->fd, bytes + sent, (size_t)(length - sent), MSG_NOSIGNAL);
		sent += count > 0 ? count : 0;
		pump(house);
	}
	memory_free(bytes);
	return sent == length || length <= 0;
}

/* False at the end of the connection. */
static bool hear(struct house *house, struct secured *secured)
{
	char bytes[4096];
	ssize_t count;
	for (int i = 0; i < 10000; i++) {
		pump(house);
		if ((count = recv(secured->fd, bytes, sizeof bytes, 0)) > 0)
			return tls_receive(secured->tls, bytes, (size_t)count) == 0;
		if (count == 0 || errno != EAGAIN)
			return false;
		poll(&(struct pollfd){.fd = secured->fd, .events = POLLIN}, 1, 1); /* threads work on the handshake */
	}
	return false;
}

static struct secured secure(struct house *house, const struct way *way)
{
	struct secured secured = {knock(house, way), NULL};
	assert_int_equal(tls_connect(&secured.tls, way->read.pin), 0);
	assert_int_equal(tls_receive(secured.tls, NULL, 0), 0);
	while (tls_state(secured.tls) == TLS_SECURING) {
		assert_true(flush(house, &secured));
		assert_true(hear(house, &secured));
	}
	assert_int_equal(tls_state(secured.tls), TLS_OPEN);
	assert_true(flush(house, &secured));
	return secured;
}

/* All that is heard until it contains this, or the end. */
static void must_hear(struct house *house, struct secured *secured, const char *expected)
{
	struct text heard = TEXT_NULL;
	char plain[1000];
	do {
		for (size_t count; (count = tls_read(secured->tls, plain, sizeof plain)) > 0;)
			text_append_bytes(&heard, plain, count);
		if (strstr(text_string(&heard), expected))
			break;
	} while (hear(house, secured));
	if (!strstr(text_string(&heard), expected))
		fail_msg("expected %s, got %s", expected, text_string(&heard));
	text_finish(&heard);
}

static void say(struct house *house, struct secured *secured, const char *line)
{
	assert_int_equal(tls_write(secured->tls, line, strlen(line)), 0);
	assert_true(flush(house, secured));
}

static struct secured enter_secured(struct house *house, const struct way *way)
{
	struct secured secured = secure(house, way);
	char hello[300];
	snprintf(hello, sizeof hello,
	        "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"viewer\",\"token\":\"%s\"}}\n",
	        way->token);
	say(house, &secured, hello);
	must_hear(house, &secured, "\"session\"");
	return secured;
}

static void leave(struct house *house, struct secured *secured)
{
	tls_destroy(secured->tls);
	close(secured->fd);
	pump(house);
}

static bool is_closed(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLOUT};
	return poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLERR));
}

/* ---- who trickles ---- */

static void find_deadline(uv_handle_t *handle, void *context)
{
	uint64_t *found = context, due_in = 0;
	if (handle->type == UV_TIMER && uv_is_active(handle))
		due_in = uv_timer_get_due_in((uv_timer_t *)handle);
	if (due_in > 0 && due_in <= HELLO_TIMEOUT_MS)
		*found = uv_now(handle->loop) + due_in;
}

static uint64_t deadline(struct house *house)
{
	uint64_t found = 0;
	uv_walk(&house->loop, find_deadline, &found);
	assert_true(found > 0);
	return found;
}

/* One byte after another, until the loop's clock has moved. */
static void trickle(struct house *house, int fd, const char *bytes, size_t length)
{
	const uint64_t began = uv_now(&house->loop), due = deadline(house);
	for (size_t i = 0; i < length || uv_now(&house->loop) < began + 5; i++) {
		if (i < length)
			assert_int_equal(send(fd, bytes + i, 1, MSG_NOSIGNAL), 1);
		pump(house);
	}
	assert_true(deadline(house) == due);
}

static void who_trickles_a_greeting_of_tls_is_sent_away_after_ten_seconds_all_the_same(void **state)
{
	struct house *house = *state;
	struct way way = open_door(house);
	struct secured slow = {knock(house, &way), NULL};
	long length;
	assert_int_equal(tls_connect(&slow.tls, way.read.pin), 0);
	assert_int_equal(tls_receive(slow.tls, NULL, 0), 0);
	char *bytes = tls_take(&length, slow.tls);
	trickle(house, slow.fd, bytes, (size_t)length - 1);
	memory_free(bytes);
	assert_int_equal(fire_timers(house, HELLO_TIMEOUT_MS), 1);
	assert_false(hear(house, &slow));
	leave(house, &slow);
}

static void who_trickles_a_hello_is_sent_away_after_ten_seconds_and_told_why(void **state)
{
	struct house *house = *state;
	struct way way = open_door(house);
	struct secured slow = secure(house, &way);
	const uint64_t due = deadline(house);
	for (int i = 0; i < 200; i++)
		say(house, &slow, " ");
	assert_true(deadline(house) == due);
	assert_int_equal(fire_timers(house, HELLO_TIMEOUT_MS), 1);
	must_hear(house, &slow, "\"error\":{\"code\":-32001,\"message\":\"no hello within 10 s\"");
	assert_false(hear(house, &slow));
	leave(house, &slow);
}

/* ---- how many ---- */

static void no_more_than_4096_come_in_or_what_there_are_descriptors_for(void **state)
{
	static const struct {
		size_t wanted, most, unknown_most;
	} cases[] = {{0, 4096, 256}, {20000, 4096, 256}, {4095, 4095, 256}, {48, 48, 24}};
	struct list nobody;
	(void)state;
	list_init(&nobody);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct crowd crowd;
		crowd_init(&crowd, cases[i].wanted);
		assert_int_equal(crowd.most, cases[i].most);
		assert_int_equal(crowd.unknown_most, cases[i].unknown_most);
		crowd.count = crowd.most - 1;
		assert_int_equal(crowd_check_room(&crowd, &nobody, 0), 0);
		crowd.count++;
		assert_int_equal(crowd_check_room(&crowd, &nobody, 0), -EAGAIN);
		const struct peer one = {.caller.local = false}, here = {.caller.local = true};
		assert_false(crowd_leave(&crowd, &here));
		assert_true(crowd_leave(&crowd, &one));
		assert_int_equal(crowd_check_room(&crowd, &nobody, 0), 0);
	}
}

/* ---- who never reads ---- */

/* Questions whose answers carry their ids back, of 8,000 bytes, until no more are taken; how many
 * bytes were. */
static size_t ask_unread(struct house *house, struct secured *secured)
{
	struct text line = TEXT_NULL;
	size_t sent = 0;
	text_append(&line, "{\"id\":\"");
	for (int i = 0; i < 8000; i++)
		text_append(&line, "x");
	text_append(&line, "\",\"method\":\"study.list\"}\n");
	do {
		assert_int_equal(tls_write(secured->tls, line.data, line.length), 0);
		sent += line.length;
	} while (flush(house, secured) && sent < 10 * KERNEL_BYTES);
	text_finish(&line);
	return sent;
}

static void who_asks_and_never_reads_is_heard_no_more_and_closed_after_half_a_minute(void **state)
{
	struct house *house = *state;
	struct way way = open_door(house);
	struct secured deaf = enter_secured(house, &way);
	const size_t sent = ask_unread(house, &deaf);
	assert_in_range(sent, STREAM_BEHIND_BYTES, STREAM_UNSENT_LIMIT_BYTES + KERNEL_BYTES);
	assert_int_equal(fire_timers(house, READER_TIMEOUT_MS), 1);
	pump(house);
	assert_true(is_closed(deaf.fd));
	leave(house, &deaf);
	struct secured other = enter_secured(house, &way);
	leave(house, &other);
}

static void who_watches_and_never_reads_is_closed_when_too_much_waits(void **state)
{
	static const struct study_event event = {
	        .study = "s", .kind = EVENT_REPORTED, .state = "", .worker = "", .text = ""};
	struct house *house = *state;
	struct way way = open_door(house);
	struct secured deaf = enter_secured(house, &way);
	say(house, &deaf, "{\"id\":1,\"method\":\"watch\"}\n");
	must_hear(house, &deaf, "\"id\":1,\"result\"");
	for (int i = 0; i < 300000; i++) { /* of more than 100 bytes each */
		network_broadcast(house->network, &event);
		if (i % 100 == 0)
			pump(house);
	}
	size_t heard = 0;
	char plain[4096];
	do
		for (size_t count; (count = tls_read(deaf.tls, plain, sizeof plain)) > 0;)
			heard += count;
	while (hear(house, &deaf));
	assert_in_range(heard, 1, KERNEL_BYTES);
	leave(house, &deaf);
	struct secured other = enter_secured(house, &way);
	leave(house, &other);
}

static void a_wrong_address_leaves_the_door_where_it_was(void **state)
{
	struct house *house = *state;
	struct way way = open_door(house);
	int fd = enter(house);
	must_stay_open(house, fd, &way, "203.0.113.9"); /* nobody's: RFC 5737 */
	struct secured other = enter_secured(house, &way);
	leave(house, &other);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(who_trickles_a_greeting_of_tls_is_sent_away_after_ten_seconds_all_the_same),
	        TEST(who_trickles_a_hello_is_sent_away_after_ten_seconds_and_told_why),
	        cmocka_unit_test(no_more_than_4096_come_in_or_what_there_are_descriptors_for),
	        TEST(who_asks_and_never_reads_is_heard_no_more_and_closed_after_half_a_minute),
	        TEST(who_watches_and_never_reads_is_closed_when_too_much_waits),
	        TEST(a_wrong_address_leaves_the_door_where_it_was),
	};
	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
