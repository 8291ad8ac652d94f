/* The doors on a real socket: who gets in, what a turn is, and how connections end. Nothing waits
 * for time to pass. */
#define _GNU_SOURCE /* setresuid */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "daemon/network/network.h"
#include "daemon/network/peer.h"
#include "daemon/network/turn.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/transport/frame.h"
#include "tests/daemon/network/house.h"

static void the_socket_is_its_owners_alone(void **state)
{
	struct house *house = *state;
	struct stat status;
	assert_int_equal(stat(house->fixture.socket, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void another_user_is_turned_away_even_where_the_file_mode_is_not_in_the_way(void **state)
{
	struct house *house = *state;
	if (geteuid() != 0)
		skip(); /* only root can become somebody else */
	chmod(house->fixture.folder, 0755);
	chmod(house->fixture.socket, 0666);
	pid_t child = fork();
	if (child == 0) {
		char byte;
		if (setresuid(65534, 65534, 65534) < 0)
			_exit(2);
		int fd = dial(house->fixture.socket);
		_exit(recv(fd, &byte, 1, 0) > 0);
	}
	int code = -1;
	while (waitpid(child, &code, WNOHANG) == 0)
		uv_run(&house->loop, UV_RUN_NOWAIT);
	assert_int_equal(code, 0);
	close(enter(house));
}

static void a_name_too_long_for_a_socket_is_refused_and_not_cut(void **state)
{
	struct house *house = *state;
	struct daemon_network *other = NULL;
	struct error error = {""};
	char path[4200] = "/tmp/";
	memset(path + 5, 'x', 4150);
	struct daemon_network_options options = {.socket_path = path, .around = house->fixture.around};
	assert_int_equal(network_create(&other, &house->loop, &options, &error), -ENAMETOOLONG);
	assert_non_null(strstr(error.text, "at most 4095 bytes"));
	assert_null(other);
}

static void what_arrives_in_one_turn_is_answered_in_order_after_one_turn(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	struct text lines = TEXT_NULL;
	text_append(&lines, "{\"id\":100,\"method\":\"trial.ask\"}\n");
	for (int i = 0; i < 50; i++)
		text_printf(&lines,
		        "{\"id\":%d,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":%d,"
		        "\"value\":0.5}}\n",
		        i, i);
	size_t before = house->turn_count;
	put(house, fd, text_string(&lines));
	text_finish(&lines);
	must_get(house, fd, "\"id\":100,\"result\":{\"run\":{\"run\":1,");
	for (int i = 0; i < 50; i++) {
		char expected[64];
		snprintf(expected, sizeof expected, "\"id\":%d,\"result\":{\"stop\":null}", i);
		must_get(house, fd, expected);
	}
	assert_int_equal(house->turn_count, before + 1);
	close(fd);
}

/* A second program's hold on the trial file. */
static sqlite3 *lock_file(const struct house *house)
{
	sqlite3 *other;
	assert_int_equal(sqlite3_open(house->fixture.database, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	return other;
}

static void while_another_program_holds_the_file_answers_wait_and_the_loop_does_not(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house), gone = enter(house);
	sqlite3 *holder = lock_file(house);
	put(house, gone, "{\"id\":3,\"method\":\"trial.ask\"}\n");
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n");
	pump(house);
	close(gone); /* a peer that leaves while its request waits */
	pump(house);
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&answer, 1, 0), 0);
	sqlite3_close(holder);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	close(fd);
}

/* The loop sleeps here as the daemon's does: an alarm ends the test if nothing wakes it. */
static void who_waited_for_the_file_is_served_though_nothing_else_wakes_the_loop(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	sqlite3 *holder = lock_file(house);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n");
	pump(house);
	sqlite3_close(holder);
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	alarm(30);
	while (poll(&answer, 1, 0) == 0)
		uv_run(&house->loop, UV_RUN_ONCE);
	alarm(0);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	close(fd);
}

static void while_another_program_holds_the_file_who_changes_nothing_is_answered(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house), other = dial(house->fixture.socket);
	sqlite3 *holder = lock_file(house);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n{\"id\":3,\"method\":\"study.list\"}\n");
	put(house, other, HELLO "{\"id\":4,\"method\":\"study.list\"}\n{\"id\":5,\"method\":\"daemon.ping\"}\n");
	must_get(house, other, "\"session\"");
	must_get(house, other, "\"id\":4,\"result\":{\"studies\":[{");
	must_get(house, other, "\"id\":5,\"result\"");
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&answer, 1, 0), 0);
	sqlite3_close(holder);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	must_get(house, fd, "\"id\":3,\"result\":{\"studies\":[{");
	close(fd);
	close(other);
}

static void while_another_program_holds_the_file_who_waits_hears_that_the_daemon_is_there(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	sqlite3 *holder = lock_file(house);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n{\"id\":3,\"method\":\"study.list\"}\n");
	pump(house);
	for (int i = 0; i < 3; i++) {
		put(house, fd, "{\"id\":4,\"method\":\"daemon.ping\"}\n");
		must_get(house, fd, "\"id\":4,\"result\"");
	}
	sqlite3_close(holder);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	must_get(house, fd, "\"id\":3,\"result\":{\"studies\":[{");
	close(fd);
}

static void what_is_sent_while_another_program_holds_the_file_stays_with_who_sends_it(void **state)
{
	static const char line[] = "{\"id\":2,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n";
	struct house *house = *state;
	int fd = enter_with_study(house), size = 65536;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	sqlite3 *holder = lock_file(house);
	size_t taken = 0;
	ssize_t count = 0;
	for (; count >= 0 && taken<4u << 20; taken += count> 0 ? (size_t)count : 0) {
		count = send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count < 0)
			pump(house);
	}
	assert_true(taken < 1u << 20);
	sqlite3_close(holder);
	for (size_t i = 0; i < taken / strlen(line); i++)
		must_get(house, fd, "\"state\":\"paused\"");
	close(fd);
}

/* Every look at the clock takes a millisecond: a turn is over after a few requests. */
static struct monotime slow_clock(struct clock *clock)
{
	struct fake_clock *fake = (struct fake_clock *)(void *)clock;
	fake_clock_advance(fake, 1);
	return fake->monotonic;
}

static void who_asks_one_thing_does_not_wait_for_the_hundreds_of_others(void **state)
{
	struct house *house = *state;
	int greedy = enter_with_study(house), other = enter(house), modest = enter(house);
	house->fixture.clock.clock.monotonic = slow_clock;
	for (int i = 0; i < 300; i++)
		put(house, greedy, "{\"id\":3,\"method\":\"study.list\"}\n");
	for (int i = 0; i < 300; i++)
		put(house, other, "{\"id\":3,\"method\":\"study.list\"}\n");
	uv_run(&house->loop, UV_RUN_NOWAIT);
	struct pollfd answer = {.fd = modest, .events = POLLIN};
	size_t before = house->turn_count;
	put(house, modest, "{\"id\":4,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n");
	while (poll(&answer, 1, 0) == 0)
		uv_run(&house->loop, UV_RUN_NOWAIT);
	assert_in_range(house->turn_count - before, 1, 2);
	must_get(house, modest, "\"state\":\"paused\"");
	for (int i = 0; i < 300; i++)
		must_get(house, greedy, "\"id\":3,\"result\":{\"studies\":[{");
	close(greedy);
	close(other);
	close(modest);
}

static void what_lies_in_the_sockets_is_heard_before_what_is_due_is_done(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	house->fixture.clock.clock.monotonic = slow_clock;
	for (int i = 0; i < 30; i++)
		put(house, fd, "{\"id\":3,\"method\":\"study.list\"}\n");
	size_t before = house->turn_count;
	network_call_when_heard(house->network);
	while (house->heard_after == 0)
		uv_run(&house->loop, UV_RUN_NOWAIT);
	assert_true(house->heard_after >= before + 30 / TURN_MS);
	for (int i = 0; i < 30; i++)
		must_get(house, fd, "\"id\":3,\"result\":{\"studies\":[{");
	assert_int_equal(house->turn_count, house->heard_after);
	close(fd);
}

static void what_waits_for_the_file_is_done_before_what_is_due(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	sqlite3 *holder = lock_file(house);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n");
	pump(house);
	network_call_when_heard(house->network);
	pump(house);
	assert_int_equal(house->heard_after, 0);
	sqlite3_close(holder);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	pump(house);
	assert_true(house->heard_after > 0);
	close(fd);
}

static void to_who_is_gone_nothing_is_answered_and_what_it_told_counts(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house), gone = enter(house);
	struct text line = TEXT_NULL;
	text_printf(&line, "{\"id\":2,\"method\":\"file.export\",\"params\":{\"path\":\"%s/copy\"}}\n",
	        house->fixture.folder);
	put(house, gone, text_string(&line));
	put(house, gone,
	        "{\"id\":3,\"method\":\"trial.ask\"}\n"
	        "{\"id\":4,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n");
	close(gone);
	pump(house);
	put(house, fd, "{\"id\":5,\"method\":\"study.list\"}\n");
	must_get(house, fd, "\"state\":\"paused\"");
	text_finish(&line);
	text_printf(&line, "%s/copy", house->fixture.folder);
	assert_int_equal(access(text_string(&line), F_OK), -1);
	text_finish(&line);
	put(house, fd, "{\"id\":6,\"method\":\"trial.list\",\"params\":{\"study\":\"s\"}}\n");
	must_get(house, fd, "\"trials\":[]");
	close(fd);
}

static void a_peer_that_has_said_all_it_wants_still_gets_its_answers(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	sqlite3 *other;
	assert_int_equal(sqlite3_open(house->fixture.database, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n[]\n{\"id\":3,\"method\":\"study.list\"}\noops\n");
	shutdown(fd, SHUT_WR);
	pump(house);
	sqlite3_close(other);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32600");
	must_get(house, fd, "\"id\":3,\"result\":{\"studies\"");
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32700");
	assert_null(get(house, fd));
	close(fd);
}

static void doors_that_close_while_requests_wait_lose_no_memory(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	sqlite3 *other;
	assert_int_equal(sqlite3_open(house->fixture.database, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n");
	pump(house);
	close(fd);
	pump(house);
	sqlite3_close(other);
	/* teardown closes the doors with the request still waiting */
}

static void when_the_disk_refuses_nobody_is_told_otherwise(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house);
	struct rlimit before, none;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = (struct rlimit){0, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &none);
	put(house, fd,
	        "{\"id\":2,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n"
	        "{\"id\":3,\"method\":\"study.list\"}\n" HELLO);
	pump(house);
	setrlimit(RLIMIT_FSIZE, &before);
	must_get(house, fd, "\"id\":2,\"error\":{\"code\":-32603");
	must_get(house, fd, "\"id\":3,\"error\":{\"code\":-32603");
	must_get(house, fd, "\"id\":0,\"result\":{\"session\"");
	put(house, fd, "{\"id\":4,\"method\":\"study.list\"}\n");
	must_get(house, fd, "\"state\":\"running\"");
	put(house, fd, "{\"id\":5,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n");
	must_get(house, fd, "\"state\":\"paused\"");
	close(fd);
}

static void watchers_hear_of_their_study_and_others_of_nothing(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house), all = enter(house), one = enter(house);
	put(house, fd, fixture_create_request("t"));
	put(house, fd, "\n");
	must_get(house, fd, "\"created\":true");
	put(house, all, "{\"id\":1,\"method\":\"watch\"}\n");
	must_get(house, all, "\"result\":{}");
	put(house, one, "{\"id\":1,\"method\":\"watch\",\"params\":{\"study\":\"t\"}}\n");
	must_get(house, one, "\"result\":{}");
	put(house, fd,
	        "{\"id\":2,\"method\":\"study.pause\",\"params\":{\"study\":\"s\"}}\n"
	        "{\"id\":3,\"method\":\"study.pause\",\"params\":{\"study\":\"t\"}}\n");
	must_get(house, fd, "\"id\":2,\"result\"");
	must_get(house, fd, "\"id\":3,\"result\"");
	must_get(house, all, "\"method\":\"event\",\"params\":{\"study\":\"s\"");
	must_get(house, all, "\"params\":{\"study\":\"t\"");
	must_get(house, one, "\"params\":{\"study\":\"t\"");
	close(fd);
	close(all);
	close(one);
}

static void a_line_that_is_no_json_gets_one_error_and_the_end(void **state)
{
	struct house *house = *state;
	int fd = enter(house);
	put(house, fd, "hello?\n{\"id\":1,\"method\":\"study.list\"}\n");
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32700");
	assert_null(get(house, fd));
	close(fd);
}

static void a_line_over_the_limit_gets_one_error_and_the_end(void **state)
{
	struct house *house = *state;
	int fd = dial(house->fixture.socket);
	char *bytes = memory_alloc(FRAME_MAX_BYTES + 2, 1);
	memset(bytes, ' ', FRAME_MAX_BYTES + 1);
	put(house, fd, bytes);
	memory_free(bytes);
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32020");
	assert_null(get(house, fd));
	close(fd);
}

/* A request whose answer carries its id back, of 8,000 bytes. */
static void append_long_request(struct text *lines)
{
	text_append(lines, "{\"id\":\"");
	for (int i = 0; i < 8000; i++)
		text_append(lines, "x");
	text_append(lines, "\",\"method\":\"study.list\"}\n");
}

/* Sends requests until the daemon takes no more; how many it took. */
static int send_unread(struct house *house, int fd)
{
	struct text line = TEXT_NULL;
	append_long_request(&line);
	int sent = 0;
	while (sent < 10000) {
		ssize_t count = send(fd, line.data, line.length, MSG_DONTWAIT | MSG_NOSIGNAL);
		pump(house);
		if (count != (ssize_t)line.length)
			break;
		sent++;
	}
	text_finish(&line);
	return sent;
}

static void a_peer_that_never_reads_is_heard_no_more_and_closed_after_half_a_minute(void **state)
{
	struct house *house = *state;
	int fd = enter(house);
	int sent = send_unread(house, fd);
	assert_in_range(sent, 100, 300); /* 1 MiB of answers, and what the kernel keeps both ways */
	assert_int_equal(fire_timers(house, READER_TIMEOUT_MS), 1);
	pump(house);
	struct pollfd end = {.fd = fd, .events = POLLOUT};
	assert_true(poll(&end, 1, 0) > 0 && (end.revents & POLLHUP));
	close(fd);
	close(enter(house));
}

static void who_reads_at_last_gets_all_it_asked_for(void **state)
{
	struct house *house = *state;
	int fd = enter(house);
	int sent = send_unread(house, fd);
	for (int i = 0; i < sent; i++)
		must_get(house, fd, "\"studies\":[]");
	assert_int_equal(fire_timers(house, READER_TIMEOUT_MS), 0);
	close(fd);
}

static void who_comes_while_memory_is_short_is_let_in_later(void **state)
{
	struct house *house = *state;
	int fd = dial(house->fixture.socket);
	memory_fault_after(1);
	while (!memory_fault_happened())
		uv_run(&house->loop, UV_RUN_NOWAIT);
	memory_fault_after(0);
	put(house, fd, HELLO);
	must_get(house, fd, "\"session\"");
	close(fd);
	close(enter(house));
}

/* Each time the peer gets an answer, an error or the end. */
static void every_allocation_of_a_peers_first_words_may_fail_once(void **state)
{
	struct house *house = *state;
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	long nth = 0;
	for (bool failed = true; failed;) {
		int fd = dial(house->fixture.socket);
		memory_fault_after(++nth);
		put(house, fd, HELLO);
		const char *line = get(house, fd);
		failed = memory_fault_happened();
		memory_fault_after(0);
		assert_true(failed || (line && strstr(line, "\"session\"")));
		close(fd);
		pump(house);
	}
	assert_true(nth > 20);
	cJSON_InitHooks(NULL);
}

static void who_says_no_hello_is_sent_away_after_ten_seconds_and_who_does_stays(void **state)
{
	struct house *house = *state;
	int polite = enter(house), silent = dial(house->fixture.socket);
	assert_int_equal(fire_timers(house, HELLO_TIMEOUT_MS), 1);
	must_get(house, silent, "\"error\":{\"code\":-32001,\"message\":\"no hello within 10 s\"");
	assert_null(get(house, silent));
	put(house, polite, "{\"id\":1,\"method\":\"study.list\"}\n");
	must_get(house, polite, "\"studies\":[]");
	close(silent);
	close(polite);
}

static void answers_leave_before_the_doors_close(void **state)
{
	struct house *house = *state;
	int fd = enter(house);
	put(house, fd, "{\"id\":9,\"method\":\"daemon.stop\"}\n");
	while (house->fixture.stop_count == 0)
		uv_run(&house->loop, UV_RUN_NOWAIT);
	house_teardown(state);
	char bytes[256] = "";
	assert_true(recv(fd, bytes, sizeof bytes - 1, 0) > 0);
	assert_non_null(strstr(bytes, "\"id\":9,\"result\":{}"));
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 0);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_socket_is_its_owners_alone),
	        TEST(another_user_is_turned_away_even_where_the_file_mode_is_not_in_the_way),
	        TEST(a_name_too_long_for_a_socket_is_refused_and_not_cut),
	        TEST(what_arrives_in_one_turn_is_answered_in_order_after_one_turn),
	        TEST(while_another_program_holds_the_file_answers_wait_and_the_loop_does_not),
	        TEST(who_waited_for_the_file_is_served_though_nothing_else_wakes_the_loop),
	        TEST(while_another_program_holds_the_file_who_changes_nothing_is_answered),
	        TEST(while_another_program_holds_the_file_who_waits_hears_that_the_daemon_is_there),
	        TEST(what_is_sent_while_another_program_holds_the_file_stays_with_who_sends_it),
	        TEST(who_asks_one_thing_does_not_wait_for_the_hundreds_of_others),
	        TEST(what_lies_in_the_sockets_is_heard_before_what_is_due_is_done),
	        TEST(what_waits_for_the_file_is_done_before_what_is_due),
	        TEST(to_who_is_gone_nothing_is_answered_and_what_it_told_counts),
	        TEST(a_peer_that_has_said_all_it_wants_still_gets_its_answers),
	        TEST(doors_that_close_while_requests_wait_lose_no_memory),
	        TEST(when_the_disk_refuses_nobody_is_told_otherwise),
	        TEST(watchers_hear_of_their_study_and_others_of_nothing),
	        TEST(a_line_that_is_no_json_gets_one_error_and_the_end),
	        TEST(a_line_over_the_limit_gets_one_error_and_the_end),
	        TEST(a_peer_that_never_reads_is_heard_no_more_and_closed_after_half_a_minute),
	        TEST(who_reads_at_last_gets_all_it_asked_for),
	        TEST(who_comes_while_memory_is_short_is_let_in_later),
	        TEST(every_allocation_of_a_peers_first_words_may_fail_once),
	        TEST(who_says_no_hello_is_sent_away_after_ten_seconds_and_who_does_stays),
	        cmocka_unit_test_setup(answers_leave_before_the_doors_close, house_setup),
	};
	return cmocka_run_group_tests_name("doors", tests, NULL, NULL);
}
