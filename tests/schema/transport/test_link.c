/* The link against a daemon of a few lines: what it says, what it hears, and what is left when
 * memory or the peer is gone. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/base/text.h"
#include "schema/space/json.h"
#include "schema/transport/frame.h"
#include "schema/transport/link.h"
#include "schema/api/work.h"
#include "schema/transport/link_sync.h"

/* The other end: answers each request with what `answer` says. */
struct daemon {
	uv_loop_t loop;
	uv_pipe_t listener, peer;
	bool connected;
	struct frame_reader frames;
	struct text heard;  /* every line, each ended by \n */
	const char *answer; /* "%s" = the request's id; NULL = silence; "" = hang up */
	const char *hello;  /* the answer to hello; NULL = a good one */
	char folder[200], path[220];
	char buffer[4096];
	/* what the link's owner was told */
	struct link *link;
	bool comes_back, destroys; /* the owner wants it so; destroys the link once it is down */
	int up_count, event_count, reply_count, lost_count, down_count;
	int error_code, why;
	char reason[200];
};

static void on_peer_written(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

static void hang_up(struct daemon *daemon)
{
	if (daemon->connected && !uv_is_closing((uv_handle_t *)&daemon->peer))
		uv_close((uv_handle_t *)&daemon->peer, NULL);
	daemon->connected = false;
}

static void answer(struct daemon *daemon, const char *format, const char *id)
{
	static char line[1000];
	snprintf(line, sizeof line, format, id);
	uv_buf_t bytes = uv_buf_init(line, (unsigned)strlen(line));
	uv_write_t *request = malloc(sizeof *request);
	uv_write(request, (uv_stream_t *)&daemon->peer, &bytes, 1, on_peer_written);
}

static void on_line(struct daemon *daemon, const char *line)
{
	static const char good_hello[] = "{\"id\":%s,\"result\":{\"session\":\"abc\",\"lease_s\":60}}\n";
	char id[40] = "null";
	const char *at = strstr(line, "\"id\":");
	if (at)
		snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 5, ",}"), at + 5);
	text_append(&daemon->heard, line);
	text_append(&daemon->heard, "\n");
	if (strstr(line, "\"hello\""))
		answer(daemon, daemon->hello ? daemon->hello : good_hello, id);
	else if (daemon->answer && *daemon->answer)
		answer(daemon, daemon->answer, id);
	else if (daemon->answer)
		hang_up(daemon);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)suggested;
	struct daemon *daemon = handle->data;
	*buffer = uv_buf_init(daemon->buffer, sizeof daemon->buffer);
}

static void on_bytes(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct daemon *daemon = stream->data;
	size_t length;
	char *line;
	if (count < 0) {
		hang_up(daemon);
		return;
	}
	if (frame_reader_push(&daemon->frames, buffer->base, (size_t)count) < 0) {
		hang_up(daemon); /* the planned failure hit this side */
		return;
	}
	while (daemon->connected && (line = frame_reader_next(&daemon->frames, &length)))
		on_line(daemon, line);
}

static void on_peer(uv_stream_t *listener, int status)
{
	struct daemon *daemon = listener->data;
	assert_int_equal(status, 0);
	assert_false(daemon->connected);
	uv_pipe_init(&daemon->loop, &daemon->peer, 0);
	daemon->peer.data = daemon;
	daemon->connected = true;
	frame_reader_finish(&daemon->frames);
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&daemon->peer), 0);
	uv_read_start((uv_stream_t *)&daemon->peer, give_buffer, on_bytes);
}

static int setup(void **state)
{
	static struct daemon daemon;
	daemon = (struct daemon){0};
	*state = &daemon;
	const char *parent = getenv("TMPDIR");
	snprintf(daemon.folder, sizeof daemon.folder, "%s/link-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(daemon.folder));
	snprintf(daemon.path, sizeof daemon.path, "%s/daemon.sock", daemon.folder);
	uv_loop_init(&daemon.loop);
	uv_pipe_init(&daemon.loop, &daemon.listener, 0);
	daemon.listener.data = &daemon;
	assert_int_equal(uv_pipe_bind(&daemon.listener, daemon.path), 0);
	return uv_listen((uv_stream_t *)&daemon.listener, 8, on_peer);
}

static int teardown(void **state)
{
	struct daemon *daemon = *state;
	link_destroy(daemon->link);
	hang_up(daemon);
	uv_close((uv_handle_t *)&daemon->listener, NULL);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&daemon->loop), 0);
	frame_reader_finish(&daemon->frames);
	text_finish(&daemon->heard);
	rmdir(daemon->folder);
	return 0;
}

/* ---- the link's owner ---- */

static void on_up(void *context, const struct hello_answer *hello)
{
	struct daemon *daemon = context;
	daemon->up_count++;
	assert_string_equal(hello->session, "abc");
}

static void on_event(void *context, const struct study_event *event)
{
	struct daemon *daemon = context;
	daemon->event_count++;
	assert_int_equal(event->kind, EVENT_STATE);
}

static void on_down(void *context, int why, const char *reason)
{
	struct daemon *daemon = context;
	daemon->why = why;
	daemon->down_count++;
	snprintf(daemon->reason, sizeof daemon->reason, "%s", reason);
	if (daemon->destroys) {
		link_destroy(daemon->link);
		daemon->link = NULL;
	}
}

static void on_reply(void *context, const struct call_reply *reply)
{
	struct daemon *daemon = context;
	daemon->reply_count++;
	daemon->error_code = reply->error_code;
	if (!reply->answer && !reply->error_code)
		daemon->lost_count++;
}

static int open_link(struct daemon *daemon)
{
	struct error error;
	struct link_options options = {
	        .address = daemon->path, .role = ROLE_WORKER, .name = "minji", .comes_back = daemon->comes_back};
	struct link_events events = {on_up, on_event, on_down, daemon};
	return link_create(&daemon->link, &daemon->loop, &options, &events, &error);
}

static int call(struct daemon *daemon, double id)
{
	struct ask_request ask = {0};
	return link_call(daemon->link, &(struct link_request){METHOD_TRIAL_ASK, &ask, id, on_reply, daemon});
}

static void run_until(struct daemon *daemon, const int *count, int wanted)
{
	for (int i = 0; i < 1000 && *count < wanted && daemon->down_count == 0; i++)
		uv_run(&daemon->loop, UV_RUN_ONCE);
}

static void open_and_greet(struct daemon *daemon)
{
	assert_int_equal(open_link(daemon), 0);
	run_until(daemon, &daemon->up_count, 1);
	assert_int_equal(daemon->up_count, 1);
}

/* ---- tests ---- */

static void a_link_says_hello_by_itself_and_then_calls_under_its_own_or_the_callers_id(void **state)
{
	struct daemon *daemon = *state;
	daemon->answer = "{\"id\":%s,\"result\":{}}\n";
	assert_int_equal(open_link(daemon), 0);
	assert_int_equal(call(daemon, 0), -ENOTCONN);
	run_until(daemon, &daemon->up_count, 1);
	assert_int_equal(call(daemon, 0), 0);
	assert_int_equal(call(daemon, 700), 0);
	run_until(daemon, &daemon->reply_count, 2);
	assert_int_equal(daemon->reply_count, 2);
	assert_int_equal(daemon->lost_count, 0);
	const char *heard = text_string(&daemon->heard);
	assert_ptr_equal(
	        strstr(heard,
	                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1,\"oldest\":1,"
	                "\"role\":\"worker\",\"name\":\"minji\",\"software\":\"kre-search "),
	        heard);
	assert_non_null(strstr(heard, "\"}}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"trial.ask\""));
	assert_null(strstr(heard, "\"session\""));
	assert_non_null(strstr(heard, "\"id\":700,"));
}

static void an_error_and_an_event_reach_their_owner(void **state)
{
	struct daemon *daemon = *state;
	daemon->answer = "{\"method\":\"event\",\"params\":{\"kind\":\"state\"}}\n"
	                 "{\"id\":%s,\"error\":{\"code\":-32003,\"message\":\"no\"}}\n";
	open_and_greet(daemon);
	assert_int_equal(call(daemon, 0), 0);
	run_until(daemon, &daemon->reply_count, 1);
	assert_int_equal(daemon->event_count, 1);
	assert_int_equal(daemon->error_code, WIRE_NOT_FOUND);
}

static void a_daemon_that_hangs_up_loses_every_call_once(void **state)
{
	struct daemon *daemon = *state;
	open_and_greet(daemon);
	for (int i = 0; i < 5; i++)
		assert_int_equal(call(daemon, 0), 0);
	daemon->answer = "";
	assert_int_equal(call(daemon, 0), 0);
	run_until(daemon, &daemon->down_count, 1);
	assert_int_equal(daemon->why, -ECONNRESET);
	assert_int_equal(daemon->lost_count, 6);
	assert_int_equal(daemon->down_count, 1);
	assert_int_equal(call(daemon, 0), -ENOTCONN);
}

static void a_refused_hello_is_the_end_with_the_daemons_sentence(void **state)
{
	struct daemon *daemon = *state;
	daemon->hello = "{\"id\":%s,\"error\":{\"code\":-32602,\"message\":\"protocol: expected version 1\"}}\n";
	assert_int_equal(open_link(daemon), 0);
	run_until(daemon, &daemon->up_count, 1);
	assert_int_equal(daemon->up_count, 0);
	assert_int_equal(daemon->down_count, 1);
	assert_int_equal(daemon->why, -EPROTO);
	assert_string_equal(daemon->reason, "protocol: expected version 1");
	assert_false(link_is_up(daemon->link));
}

static void a_link_may_be_destroyed_in_its_last_callback(void **state)
{
	struct daemon *daemon = *state;
	open_and_greet(daemon);
	daemon->destroys = true;
	daemon->answer = "";
	assert_int_equal(call(daemon, 0), 0);
	run_until(daemon, &daemon->down_count, 1);
	assert_null(daemon->link);
	assert_int_equal(daemon->lost_count, 1);
}

/* Has the one timer that is to bring the link back fire now. */
static void fire_timer(uv_handle_t *handle, void *context)
{
	uv_timer_t *timer = (uv_timer_t *)handle;
	struct daemon *daemon = context;
	if (handle->type != UV_TIMER || !uv_is_active(handle))
		return;
	uv_timer_start(timer, timer->timer_cb, 0, 0);
	daemon->down_count = 0;
}

static void come_back(struct daemon *daemon)
{
	assert_int_equal(daemon->down_count, 1);
	uv_walk(&daemon->loop, fire_timer, daemon);
	assert_int_equal(daemon->down_count, 0);
}

static void a_link_that_comes_back_keeps_its_session_and_a_lost_call_is_repeated_under_its_id(void **state)
{
	struct daemon *daemon = *state;
	daemon->comes_back = true;
	open_and_greet(daemon);
	daemon->answer = "";
	assert_int_equal(call(daemon, 700), 0);
	run_until(daemon, &daemon->down_count, 1);
	assert_int_equal(daemon->lost_count, 1);
	assert_int_equal(call(daemon, 700), -ENOTCONN);
	daemon->answer = "{\"id\":%s,\"result\":{}}\n";
	text_finish(&daemon->heard);
	come_back(daemon);
	run_until(daemon, &daemon->up_count, 2);
	assert_int_equal(call(daemon, 700), 0);
	run_until(daemon, &daemon->reply_count, 2);
	assert_int_equal(daemon->lost_count, 1);
	assert_non_null(strstr(text_string(&daemon->heard), "\"session\":\"abc\"}}\n{\"jsonrpc\":\"2.0\",\"id\":700,"));
}

static void a_link_that_comes_back_waits_for_a_daemon_that_is_not_there_yet(void **state)
{
	struct daemon *daemon = *state;
	char later[230];
	daemon->comes_back = true;
	snprintf(later, sizeof later, "%s.later", daemon->path);
	assert_int_equal(rename(daemon->path, later), 0);
	assert_int_equal(open_link(daemon), 0);
	run_until(daemon, &daemon->down_count, 1);
	assert_int_equal(rename(later, daemon->path), 0);
	come_back(daemon);
	run_until(daemon, &daemon->up_count, 1);
	assert_true(link_is_up(daemon->link));
}

static void without_a_file_descriptor_left_there_is_a_sentence(void **state)
{
	struct daemon *daemon = *state;
	struct link_sync *sync = NULL;
	struct error error = {""};
	struct link_options options = {.address = daemon->path, .role = ROLE_ADMIN};
	struct rlimit before, none;
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){3, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	int rc = link_sync_create(&sync, &options, 1000, &error);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(rc, -EMFILE);
	assert_string_equal(error.text, "cannot make an event loop: too many open files");
}

static void nonsense_from_the_other_side_ends_the_connection_with_a_sentence(void **state)
{
	static const char *const table[][2] = {
	        {"{\"id\":12345,\"result\":{}}\n", "the daemon answered a question nobody asked"},
	        {"{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"too odd\"}}\n", "too odd"},
	        {"{\"id\":\n", "expected a value at byte 6"},
	        {"[1]\n", "the daemon answered a question nobody asked"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct daemon *daemon = *state;
		daemon->answer = table[i][0];
		open_and_greet(daemon);
		assert_int_equal(call(daemon, 0), 0);
		run_until(daemon, &daemon->down_count, 1);
		if (!strstr(daemon->reason, table[i][1]))
			fail_msg("%s gave %s", table[i][0], daemon->reason);
		assert_int_equal(daemon->lost_count, 1);
		teardown(state);
		setup(state);
	}
}

static void an_address_that_cannot_be_is_refused_with_a_sentence(void **state)
{
	(void)state;
	char longest[4200];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const struct {
		const char *address, *sentence;
		int code;
	} table[] = {
	        {"kre://host:7373/TOKEN", "the address is cut off: 5 of 67 characters", -EINVAL},
	        {longest, "at most 4095 bytes", -ENAMETOOLONG},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct link_sync *sync = NULL;
		struct error error = {""};
		struct link_options options = {.address = table[i].address, .role = ROLE_ADMIN};
		assert_int_equal(link_sync_create(&sync, &options, 1000, &error), table[i].code);
		assert_non_null(strstr(error.text, table[i].sentence));
		assert_null(sync);
	}
}

static void a_missing_daemon_and_a_left_socket_are_told_apart(void **state)
{
	struct daemon *daemon = *state;
	struct link_sync *sync = NULL;
	struct error error = {""};
	struct link_options options = {.address = "/nowhere/daemon.sock", .role = ROLE_ADMIN};
	assert_int_equal(link_sync_create(&sync, &options, 1000, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/daemon.sock"));
	char left[300];
	snprintf(left, sizeof left, "%s/left", daemon->folder);
	uv_pipe_t pipe;
	uv_pipe_init(&daemon->loop, &pipe, 0);
	assert_int_equal(uv_pipe_bind(&pipe, left), 0); /* a socket that nobody listens at */
	options.address = left;
	assert_int_equal(link_sync_create(&sync, &options, 1000, &error), -ECONNREFUSED);
	uv_close((uv_handle_t *)&pipe, NULL);
	uv_run(&daemon->loop, UV_RUN_NOWAIT);
	unlink(left);
}

/* Runs the daemon's loop while another thread blocks. */
static void *serve_until_it_hung_up(void *context)
{
	struct daemon *daemon = context;
	while (!daemon->connected)
		uv_run(&daemon->loop, UV_RUN_ONCE);
	while (daemon->connected)
		uv_run(&daemon->loop, UV_RUN_ONCE);
	return NULL;
}

static void a_daemon_that_refuses_the_hello_does_not_pass_for_a_missing_one(void **state)
{
	struct daemon *daemon = *state;
	struct link_sync *sync = NULL;
	struct error error = {""};
	struct link_options options = {.address = daemon->path, .role = ROLE_ADMIN};
	pthread_t thread;
	daemon->hello = "{\"id\":%s,\"error\":{\"code\":-32602,\"message\":\"protocol: expected version 1\"}}\n";
	assert_int_equal(pthread_create(&thread, NULL, serve_until_it_hung_up, daemon), 0);
	assert_int_equal(link_sync_create(&sync, &options, 10000, &error), -EPROTO);
	assert_non_null(strstr(error.text, "refuses: protocol: expected version 1"));
	pthread_join(thread, NULL);
}

/* Nobody runs the daemon's loop here: the socket takes the connection and the hello stays
 * unanswered. */
static void a_daemon_that_says_nothing_is_given_up_after_the_time_allowed(void **state)
{
	struct daemon *daemon = *state;
	struct link_sync *sync = NULL;
	struct error error = {""};
	struct link_options options = {.address = daemon->path, .role = ROLE_ADMIN};
	assert_int_equal(link_sync_create(&sync, &options, 20, &error), -ETIMEDOUT);
	assert_non_null(strstr(error.text, "did not answer in time"));
	assert_null(sync);
}

static void try_a_conversation(struct daemon *daemon)
{
	if (open_link(daemon) < 0)
		return;
	run_until(daemon, &daemon->up_count, 1);
	if (daemon->up_count && call(daemon, 0) == 0)
		run_until(daemon, &daemon->reply_count, 1);
}

/* Fails the Nth allocation for N = 1, 2, … until the conversation gets through: each time it is
 * answered, refused or lost. */
static void every_allocation_may_fail_once(void **state)
{
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	long nth = 0;
	for (bool failed = true; failed;) {
		struct daemon *daemon = *state;
		daemon->answer = "{\"id\":%s,\"result\":{\"run\":null}}\n";
		memory_fault_after(++nth);
		try_a_conversation(daemon);
		failed = memory_fault_happened();
		memory_fault_after(0);
		if (!failed)
			assert_true(daemon->reply_count == 1 && daemon->lost_count == 0);
		teardown(state);
		setup(state);
	}
	assert_true(nth > 20);
	cJSON_InitHooks(NULL);
}

/* So much later, with nothing read meanwhile, the watchdog's timer fires. */
static void fire_later(uv_handle_t *handle, void *context)
{
	uv_timer_t *timer = (uv_timer_t *)handle;
	if (handle->type == UV_TIMER && uv_is_active(handle) && *(bool *)context) {
		*(bool *)context = false;
		timer->timer_cb(timer);
	}
}

static void pass(struct daemon *daemon, uint64_t ms)
{
	bool once = true;
	daemon->loop.time += ms;
	uv_walk(&daemon->loop, fire_later, &once);
	assert_false(once);
}

static int count_pings(const struct daemon *daemon)
{
	int count = 0;
	const char *at = daemon->heard.length ? daemon->heard.data : "";
	while ((at = strstr(at, "\"daemon.ping\"")) != NULL) {
		count++;
		at++;
	}
	return count;
}

static void a_daemon_that_says_nothing_is_asked_once_and_then_given_up(void **state)
{
	struct daemon *daemon = *state;
	open_and_greet(daemon);
	assert_int_equal(call(daemon, 0), 0);
	pass(daemon, 15000);
	assert_int_equal(count_pings(daemon), 0);
	pass(daemon, 5001); /* a third of the lease in all */
	pass(daemon, 19000);
	assert_int_equal(daemon->down_count, 0);
	pass(daemon, 2000);
	assert_int_equal(daemon->down_count, 0); /* first it looks whether there is something to read */
	pass(daemon, 0);
	assert_int_equal(daemon->down_count, 1);
	assert_int_equal(daemon->why, -ETIMEDOUT);
	assert_string_equal(daemon->reason, "nothing was heard for 41 s");
	assert_int_equal(daemon->lost_count, 1);
	for (int i = 0; i < 20; i++)
		uv_run(&daemon->loop, UV_RUN_NOWAIT);
	assert_int_equal(count_pings(daemon), 1);
}

static void one_that_answers_the_question_may_take_its_time_with_the_rest(void **state)
{
	struct daemon *daemon = *state;
	open_and_greet(daemon);
	assert_int_equal(call(daemon, 0), 0);
	for (int turn = 0; turn < 20; turn++)
		uv_run(&daemon->loop, UV_RUN_NOWAIT); /* it hears the call and says nothing */
	for (int i = 1; i < 4; i++) {
		pass(daemon, 20001);
		daemon->answer = "{\"id\":%s,\"result\":{\"software\":\"kre-searchd\",\"server_time\":\"\"}}\n";
		for (int turn = 0; turn < 20; turn++)
			uv_run(&daemon->loop, UV_RUN_NOWAIT);
		assert_int_equal(count_pings(daemon), i);
		pass(daemon, 15000);
		pass(daemon, 0);
		assert_int_equal(daemon->down_count, 0);
		uv_run(&daemon->loop, UV_RUN_NOWAIT); /* the loop's time is the machine's again */
	}
	assert_int_equal(daemon->lost_count, 0);
}

static void a_link_without_calls_is_left_alone(void **state)
{
	struct daemon *daemon = *state;
	daemon->answer = "{\"id\":%s,\"result\":{}}\n";
	open_and_greet(daemon);
	assert_int_equal(call(daemon, 0), 0);
	run_until(daemon, &daemon->reply_count, 1);
	pass(daemon, 100000);
	assert_int_equal(daemon->down_count, 0);
	assert_int_equal(count_pings(daemon), 0);
}

static void a_daemon_that_does_not_answer_the_greeting_is_none(void **state)
{
	struct daemon *daemon = *state;
	daemon->hello = "\n";
	assert_int_equal(open_link(daemon), 0);
	for (int i = 0; i < 20; i++)
		uv_run(&daemon->loop, UV_RUN_NOWAIT);
	pass(daemon, 10000);
	assert_int_equal(daemon->down_count, 1);
	assert_int_equal(daemon->why, -ETIMEDOUT);
}

static void pauses_double_up_to_a_bound_and_differ_between_workers(void **state)
{
	(void)state;
	struct rng rng, other;
	rng_init(&rng, 1, 0);
	rng_init(&other, 2, 0);
	for (int failures = 0; failures < 40; failures++) {
		double whole = failures < 8 ? 100.0 * (1 << failures) : 15000.0;
		double pause_ms = (double)link_pause_ms(failures, &rng);
		assert_true(pause_ms >= whole / 2 - 1 && pause_ms < whole * 1.5);
	}
	assert_true(link_pause_ms(9, &rng) != link_pause_ms(9, &other));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_link_says_hello_by_itself_and_then_calls_under_its_own_or_the_callers_id),
	        TEST(an_error_and_an_event_reach_their_owner),
	        TEST(a_daemon_that_hangs_up_loses_every_call_once),
	        TEST(a_refused_hello_is_the_end_with_the_daemons_sentence),
	        TEST(a_link_may_be_destroyed_in_its_last_callback),
	        TEST(a_link_that_comes_back_keeps_its_session_and_a_lost_call_is_repeated_under_its_id),
	        TEST(a_link_that_comes_back_waits_for_a_daemon_that_is_not_there_yet),
	        TEST(without_a_file_descriptor_left_there_is_a_sentence),
	        TEST(a_daemon_that_says_nothing_is_asked_once_and_then_given_up),
	        TEST(one_that_answers_the_question_may_take_its_time_with_the_rest),
	        TEST(a_link_without_calls_is_left_alone),
	        TEST(a_daemon_that_does_not_answer_the_greeting_is_none),
	        cmocka_unit_test(pauses_double_up_to_a_bound_and_differ_between_workers),
	        TEST(nonsense_from_the_other_side_ends_the_connection_with_a_sentence),
	        TEST(an_address_that_cannot_be_is_refused_with_a_sentence),
	        TEST(a_missing_daemon_and_a_left_socket_are_told_apart),
	        TEST(a_daemon_that_refuses_the_hello_does_not_pass_for_a_missing_one),
	        TEST(a_daemon_that_says_nothing_is_given_up_after_the_time_allowed),
	        TEST(every_allocation_may_fail_once),
	};
	return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
