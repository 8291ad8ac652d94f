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
	struct daemon_network_options options = {path, house->fixture.around, NULL, NULL};
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

static void while_another_program_holds_the_file_answers_wait_and_the_loop_does_not(void **state)
{
	struct house *house = *state;
	int fd = enter_with_study(house), gone = enter(house);
	sqlite3 *other;
	assert_int_equal(sqlite3_open(house->fixture.database, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	put(house, gone, "{\"id\":3,\"method\":\"trial.ask\"}\n");
	put(house, fd, "{\"id\":2,\"method\":\"trial.ask\"}\n");
	pump(house);
	close(gone); /* a peer that leaves while its request waits */
	pump(house);
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&answer, 1, 0), 0);
	assert_int_equal(sqlite3_exec(other, "rollback", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{");
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

/* Each answer carries the request's id back: 100 of 64 KiB are more than the limit and what the
 * kernel keeps. */
static void a_peer_that_never_reads_is_closed(void **state)
{
	struct house *house = *state;
	int fd = enter(house);
	struct text line = TEXT_NULL;
	text_append(&line, "{\"id\":\"");
	for (int i = 0; i < 65536; i++)
		text_append(&line, "x");
	text_append(&line, "\",\"method\":\"study.list\"}\n");
	struct pollfd end = {.fd = fd, .events = POLLOUT};
	int sent = 0;
	while (sent < 1000 && !(poll(&end, 1, 0) > 0 && (end.revents & POLLHUP))) {
		if (send(fd, line.data, line.length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)line.length)
			sent++;
		pump(house);
	}
	text_finish(&line);
	assert_true(sent > 60 && sent < 200);
	close(fd);
	close(enter(house));
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

/* Finds the one active timer that is due in 9 to 10 s, and has it fire now. */
static void fire_hello_timer(uv_handle_t *handle, void *context)
{
	int *found = context;
	uv_timer_t *timer = (uv_timer_t *)handle;
	if (handle->type != UV_TIMER || !uv_is_active(handle))
		return;
	assert_in_range(uv_timer_get_due_in(timer), HELLO_TIMEOUT_MS - 1000, HELLO_TIMEOUT_MS);
	uv_timer_start(timer, timer->timer_cb, 0, 0);
	++*found;
}

static void who_says_no_hello_is_sent_away_after_ten_seconds_and_who_does_stays(void **state)
{
	struct house *house = *state;
	int polite = enter(house), silent = dial(house->fixture.socket), found = 0;
	pump(house);
	uv_walk(&house->loop, fire_hello_timer, &found);
	assert_int_equal(found, 1);
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
	        TEST(a_peer_that_has_said_all_it_wants_still_gets_its_answers),
	        TEST(doors_that_close_while_requests_wait_lose_no_memory),
	        TEST(when_the_disk_refuses_nobody_is_told_otherwise),
	        TEST(watchers_hear_of_their_study_and_others_of_nothing),
	        TEST(a_line_that_is_no_json_gets_one_error_and_the_end),
	        TEST(a_line_over_the_limit_gets_one_error_and_the_end),
	        TEST(a_peer_that_never_reads_is_closed),
	        TEST(who_comes_while_memory_is_short_is_let_in_later),
	        TEST(every_allocation_of_a_peers_first_words_may_fail_once),
	        TEST(who_says_no_hello_is_sent_away_after_ten_seconds_and_who_does_stays),
	        cmocka_unit_test_setup(answers_leave_before_the_doors_close, house_setup),
	};
	return cmocka_run_group_tests_name("doors", tests, NULL, NULL);
}
