/* A stream between a listener and a bare socket in the same thread: lines in and out, who is there,
 * and each way it can end. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/transport/frame.h"
#include "schema/transport/pipe.h"

enum { LINE_BYTES = 65536 };

struct ends {
	uv_loop_t loop;
	union uv_any_handle listener;
	char folder[200];
	struct address address;
	struct stream *stream; /* the accepted end; NULL once closed */
	int fd;                /* the other end; -1 = closed */
	/* what the owner was told */
	struct text lines; /* each ended by | */
	int opened_count, writable_count, ended_count, closed_count, why;
	bool stops, destroys; /* after the first line */
};

static void on_opened(void *context)
{
	struct ends *ends = context;
	ends->opened_count++;
}

static void on_line(void *context, char *line, size_t length)
{
	struct ends *ends = context;
	assert_int_equal(strlen(line), length);
	text_printf(&ends->lines, "%s|", line);
	if (ends->stops)
		stream_stop(ends->stream);
	if (!ends->destroys)
		return;
	stream_destroy(ends->stream);
	ends->stream = NULL;
}

static void on_writable(void *context)
{
	struct ends *ends = context;
	ends->writable_count++;
}

static void on_ended(void *context, int why)
{
	struct ends *ends = context;
	ends->ended_count++;
	ends->why = why;
}

static void on_closed(void *context)
{
	struct ends *ends = context;
	ends->closed_count++;
	ends->stream = NULL;
}

static struct stream_events events_of(struct ends *ends)
{
	return (struct stream_events){.opened = on_opened,
	        .line = on_line,
	        .writable = on_writable,
	        .ended = on_ended,
	        .closed = on_closed,
	        .context = ends};
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct ends *ends = listener->data;
	struct stream_events events = events_of(ends);
	assert_int_equal(status, 0);
	assert_int_equal(stream_accept(&ends->stream, listener, &stream_pipe, &events), 0);
}

static void pump(struct ends *ends)
{
	for (int i = 0; i < 20; i++)
		uv_run(&ends->loop, UV_RUN_NOWAIT);
}

static int listen_only(void **state)
{
	static struct ends ends;
	struct error error;
	char path[220];
	ends = (struct ends){.fd = -1};
	*state = &ends;
	signal(SIGPIPE, SIG_IGN);
	const char *parent = getenv("TMPDIR");
	snprintf(ends.folder, sizeof ends.folder, "%s/stream-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(ends.folder));
	snprintf(path, sizeof path, "%s/s", ends.folder);
	assert_int_equal(address_read(&ends.address, path, &error), 0);
	uv_loop_init(&ends.loop);
	assert_int_equal(stream_pipe.init(&ends.loop, &ends.listener), 0);
	ends.listener.handle.data = &ends;
	assert_int_equal(stream_pipe.bind(&ends.listener, &ends.address, &error), 0);
	return uv_listen(&ends.listener.stream, 8, on_connection);
}

static int setup(void **state)
{
	int rc = listen_only(state);
	struct ends *ends = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, ends->address.path);
	ends->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(ends->fd, (struct sockaddr *)&address, sizeof address), 0);
	pump(ends);
	assert_non_null(ends->stream);
	return rc;
}

static void hang_up(struct ends *ends)
{
	if (ends->fd >= 0)
		close(ends->fd);
	ends->fd = -1;
}

static int teardown(void **state)
{
	struct ends *ends = *state;
	stream_destroy(ends->stream);
	hang_up(ends);
	uv_close(&ends->listener.handle, NULL);
	uv_run(&ends->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&ends->loop), 0);
	text_finish(&ends->lines);
	rmdir(ends->folder);
	return 0;
}

/* ---- the other end ---- */

static void put(struct ends *ends, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = send(ends->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		assert_true(count > 0 || errno == EAGAIN);
		if (count > 0) {
			bytes += count;
			length -= (size_t)count;
		}
		pump(ends);
	}
}

/* Takes what there is; the number of bytes. */
static size_t drink(struct ends *ends)
{
	static char bytes[LINE_BYTES];
	size_t sum = 0;
	ssize_t count;
	while ((count = recv(ends->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		sum += (size_t)count;
	return sum;
}

static int write_line(struct ends *ends)
{
	char *line = memory_alloc(LINE_BYTES + 1, 1);
	memset(line, 'x', LINE_BYTES - 1);
	line[LINE_BYTES - 1] = '\n';
	return stream_write(ends->stream, line);
}

/* Writes until the stream is full; the number of bytes. */
static size_t fill(struct ends *ends)
{
	size_t count = 1;
	while (write_line(ends) == 0)
		count++;
	assert_in_range(count * LINE_BYTES, STREAM_UNSENT_LIMIT_BYTES, 2 * STREAM_UNSENT_LIMIT_BYTES);
	return count * LINE_BYTES;
}

/* ---- tests ---- */

static void lines_are_the_same_wherever_they_are_split(void **state)
{
	struct ends *ends = *state;
	const char *bytes = "one\ntwo\r\n\n가나다\nlast";
	for (size_t first = 0; first <= strlen(bytes); first++) {
		text_finish(&ends->lines);
		put(ends, bytes, first);
		put(ends, bytes + first, strlen(bytes) - first);
		assert_string_equal(text_string(&ends->lines), "one|two|가나다|");
		put(ends, "\n", 1);
		assert_string_equal(text_string(&ends->lines), "one|two|가나다|last|");
	}
}

static void the_kernel_vouches_for_both_sides(void **state)
{
	struct ends *ends = *state;
	const struct identity *identity = stream_identity(ends->stream);
	assert_int_equal(identity->kind, IDENTITY_USER);
	assert_int_equal(identity->uid, geteuid());
	assert_int_equal(identity->pid, getpid());
	struct stream *other;
	struct ends client = {.fd = -1};
	struct stream_events events = events_of(&client);
	stream_destroy(ends->stream);
	assert_int_equal(stream_open(&other, &ends->loop, &stream_pipe, &ends->address, &events), 0);
	pump(ends);
	assert_int_equal(client.opened_count, 1);
	assert_int_equal(stream_identity(other)->kind, IDENTITY_USER);
	assert_int_equal(stream_identity(other)->pid, getpid());
	stream_destroy(other);
}

static void a_full_stream_says_so_takes_nothing_more_and_says_when_it_does_again(void **state)
{
	struct ends *ends = *state;
	size_t written = fill(ends), read = 0;
	assert_int_equal(write_line(ends), -ENOBUFS);
	pump(ends);
	assert_int_equal(ends->writable_count, 0);
	while (ends->writable_count == 0) {
		read += drink(ends);
		pump(ends);
	}
	assert_in_range(written - read, 1, STREAM_UNSENT_LIMIT_BYTES / 2 + 16 * LINE_BYTES);
	assert_int_equal(write_line(ends), 0);
	while (read < written + LINE_BYTES) {
		read += drink(ends);
		pump(ends);
	}
	assert_int_equal(ends->writable_count, 1);
}

static void what_was_written_leaves_before_a_stream_closes(void **state)
{
	struct ends *ends = *state;
	size_t written = fill(ends), read = 0;
	stream_close(ends->stream);
	assert_int_equal(write_line(ends), -ENOTCONN);
	put(ends, "late\n", 5);
	stream_close(ends->stream);
	assert_int_equal(ends->closed_count, 0);
	while (ends->closed_count == 0) {
		read += drink(ends);
		pump(ends);
	}
	read += drink(ends);
	assert_int_equal(read, written);
	assert_int_equal(recv(ends->fd, &(char){0}, 1, 0), 0);
	assert_string_equal(text_string(&ends->lines), "");
	assert_int_equal(ends->ended_count, 0);
}

static void a_destroyed_stream_says_nothing_more(void **state)
{
	struct ends *ends = *state;
	fill(ends);
	ends->destroys = true;
	put(ends, "one\ntwo\n", 8);
	assert_null(ends->stream);
	assert_string_equal(text_string(&ends->lines), "one|");
	assert_int_equal(ends->ended_count + ends->closed_count, 0);
}

static void a_stopped_stream_reads_nothing_more_and_still_writes(void **state)
{
	struct ends *ends = *state;
	ends->stops = true;
	put(ends, "one\ntwo\n", 8);
	put(ends, "three\n", 6);
	assert_string_equal(text_string(&ends->lines), "one|");
	assert_int_equal(stream_write(ends->stream, memory_strdup("answer\n")), 0);
	assert_int_equal(drink(ends), 7);
	stream_close(ends->stream);
	pump(ends);
	assert_int_equal(ends->closed_count, 1);
}

static void who_closed_its_half_still_reads_and_who_is_gone_does_not(void **state)
{
	struct ends *ends = *state;
	shutdown(ends->fd, SHUT_WR);
	pump(ends);
	assert_int_equal(ends->ended_count, 1);
	assert_int_equal(ends->why, 0);
	assert_true(stream_has_listener(ends->stream));
	assert_int_equal(stream_write(ends->stream, memory_strdup("answer\n")), 0);
	assert_int_equal(drink(ends), 7);
	hang_up(ends);
	assert_false(stream_has_listener(ends->stream));
}

static void a_peer_that_leaves_many_lines_unread_does_not_keep_the_stream_open(void **state)
{
	struct ends *ends = *state;
	fill(ends);
	pump(ends);
	hang_up(ends);
	pump(ends);
	assert_int_equal(ends->ended_count, 1);
	assert_true(ends->why < 0);
	stream_close(ends->stream);
	for (int i = 0; i < 10; i++) /* libuv fails one line a turn */
		pump(ends);
	assert_int_equal(ends->closed_count, 1);
}

static void a_line_over_the_limit_ends_it_after_those_before(void **state)
{
	struct ends *ends = *state;
	char *bytes = memory_alloc(FRAME_MAX_BYTES + 6, 1);
	memset(bytes, ' ', FRAME_MAX_BYTES + 5);
	memcpy(bytes, "one\n", 4);
	put(ends, bytes, FRAME_MAX_BYTES + 5);
	memory_free(bytes);
	assert_string_equal(text_string(&ends->lines), "one|");
	assert_int_equal(ends->ended_count, 1);
	assert_int_equal(ends->why, -EMSGSIZE);
}

static void where_nobody_listens_nothing_opens(void **state)
{
	struct ends *ends = *state;
	struct stream *stream;
	struct stream_events events = events_of(ends);
	unlink(ends->address.path);
	assert_int_equal(stream_open(&stream, &ends->loop, &stream_pipe, &ends->address, &events), 0);
	assert_int_equal(stream_write(stream, memory_strdup("early\n")), -ENOTCONN);
	pump(ends);
	assert_int_equal(ends->opened_count, 0);
	assert_int_equal(ends->ended_count, 1);
	assert_int_equal(ends->why, -ENOENT);
	stream_close(stream);
	pump(ends);
	assert_int_equal(ends->closed_count, 1);
}

static void without_memory_a_line_is_not_written_and_the_stream_goes_on(void **state)
{
	struct ends *ends = *state;
	assert_int_equal(stream_write(ends->stream, NULL), -ENOMEM);
	char *line = memory_strdup("one\n");
	memory_fault_after(1);
	assert_int_equal(stream_write(ends->stream, line), -ENOMEM);
	memory_fault_after(0);
	assert_int_equal(stream_write(ends->stream, memory_strdup("two\n")), 0);
	assert_int_equal(drink(ends), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(lines_are_the_same_wherever_they_are_split),
	        TEST(the_kernel_vouches_for_both_sides),
	        TEST(a_full_stream_says_so_takes_nothing_more_and_says_when_it_does_again),
	        TEST(what_was_written_leaves_before_a_stream_closes),
	        TEST(a_destroyed_stream_says_nothing_more),
	        TEST(a_stopped_stream_reads_nothing_more_and_still_writes),
	        TEST(who_closed_its_half_still_reads_and_who_is_gone_does_not),
	        TEST(a_peer_that_leaves_many_lines_unread_does_not_keep_the_stream_open),
	        TEST(a_line_over_the_limit_ends_it_after_those_before),
	        cmocka_unit_test_setup_teardown(where_nobody_listens_nothing_opens, listen_only, teardown),
	        TEST(without_memory_a_line_is_not_written_and_the_stream_goes_on),
	};
	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
