#include "tests/daemon/network/house.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void count_turn(void *context)
{
	struct house *house = context;
	house->turn_count++;
}

static void note_heard(void *context)
{
	struct house *house = context;
	house->heard_after = house->turn_count;
}

static void tell_watchers(void *context, const struct study_event *event)
{
	struct house *house = context;
	network_broadcast(house->network, event);
}

int house_setup(void **state)
{
	static struct house house;
	struct error error;
	char keys[300];
	house = (struct house){0};
	*state = &house;
	int rc = fixture_init(&house.fixture);
	snprintf(keys, sizeof keys, "%s/keys", house.fixture.folder);
	signal(SIGPIPE, SIG_IGN); /* as the server does: libuv writes without MSG_NOSIGNAL */
	uv_loop_init(&house.loop);
	house.fixture.on_event = tell_watchers;
	house.fixture.listener = &house;
	struct daemon_network_options options = {.socket_path = house.fixture.socket,
	        .keys_folder = keys,
	        .around = house.fixture.around,
	        .after_turn = count_turn,
	        .heard = note_heard,
	        .context = &house};
	if (rc == 0)
		rc = network_create(&house.network, &house.loop, &options, &error);
	return rc;
}

static void note_closed(void *context)
{
	struct house *house = context;
	house->closed = true;
}

/* Closes the doors; the loop must run dry by itself. */
int house_teardown(void **state)
{
	struct house *house = *state;
	network_destroy(house->network, note_closed, house);
	uv_run(&house->loop, UV_RUN_DEFAULT);
	assert_true(house->closed);
	assert_int_equal(uv_loop_close(&house->loop), 0);
	assert_int_equal(access(house->fixture.socket, F_OK), -1);
	fixture_finish(&house->fixture);
	return 0;
}

/* ---- deadlines ---- */

struct firing {
	uint64_t due_ms;
	int found;
};

static void fire_timer(uv_handle_t *handle, void *context)
{
	struct firing *firing = context;
	uv_timer_t *timer = (uv_timer_t *)handle;
	if (handle->type != UV_TIMER || !uv_is_active(handle))
		return;
	uint64_t due_ms = uv_timer_get_due_in(timer);
	if (due_ms > firing->due_ms || due_ms + 4000 < firing->due_ms)
		return;
	uv_timer_start(timer, timer->timer_cb, 0, 0);
	firing->found++;
}

int fire_timers(struct house *house, uint64_t due_ms)
{
	struct firing firing = {due_ms, 0};
	pump(house);
	uv_walk(&house->loop, fire_timer, &firing);
	return firing.found;
}

/* ---- the other side ---- */

int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof address.sun_path);
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

void pump(struct house *house)
{
	for (int i = 0; i < 20; i++)
		uv_run(&house->loop, UV_RUN_NOWAIT);
}

/* True when the daemon's side has something for `fd`, after running it until then; gives up after
 * 10 s of nothing. */
static bool await(struct house *house, int fd)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};
	for (int i = 0; i < 10000; i++) {
		uv_run(&house->loop, UV_RUN_NOWAIT);
		if (poll(&wanted, 1, 1) > 0)
			return true;
	}
	return false;
}

void put(struct house *house, int fd, const char *bytes)
{
	size_t length = strlen(bytes);
	while (length > 0) {
		ssize_t count = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count < 0 && errno == EAGAIN) {
			pump(house);
			continue;
		}
		assert_true(count > 0);
		bytes += count;
		length -= (size_t)count;
	}
}

/* The next line without its newline, in static room; NULL at the end of the stream. */
const char *get(struct house *house, int fd)
{
	static char line[16384];
	size_t length = 0;
	while (length < sizeof line - 1) {
		assert_true(await(house, fd));
		ssize_t count = recv(fd, &line[length], 1, 0);
		if (count <= 0)
			return NULL;
		if (line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	return line;
}

void must_get(struct house *house, int fd, const char *expected)
{
	const char *line = get(house, fd);
	if (!line || !strstr(line, expected))
		fail_msg("expected %s, got %s", expected, line ? line : "the end");
}

int enter(struct house *house)
{
	int fd = dial(house->fixture.socket);
	put(house, fd, HELLO);
	must_get(house, fd, "\"session\"");
	return fd;
}

int enter_with_study(struct house *house)
{
	int fd = enter(house);
	put(house, fd, fixture_create_request("s"));
	put(house, fd, "\n");
	must_get(house, fd, "\"created\":true");
	return fd;
}
