/* From lines to replies: what is refused and why, and every handler, without any socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/network/dispatch.h"
#include "daemon/access/roles.h"
#include "daemon/studies/study_table.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "tests/daemon/network/room.h"

static void what_is_no_request_is_refused_and_only_bytes_that_are_no_json_end_the_connection(void **state)
{
	(void)state;
	static const struct {
		const char *line, *expected;
		bool fatal;
	} table[] = {
	        {"", "-32700", true},
	        {"{\"id\":1,", "-32700", true},
	        {"\"\xff\"", "-32700,\"message\":\"JSON is not valid UTF-8\"", true},
	        {"{\"id\":1,\"method\":\"hello\"} x", "-32700", true},
	        {"[]", "\"id\":null,\"error\":{\"code\":-32600", false},
	        {"7", "-32600", false},
	        {"{\"id\":1}", "\"id\":1,\"error\":{\"code\":-32600", false},
	        {"{\"id\":\"a\",\"method\":7}", "\"id\":\"a\",\"error\":{\"code\":-32600", false},
	        {"{\"method\":\"hello\"}", "\"id\":null,\"error\":{\"code\":-32600", false},
	        {"{\"id\":{},\"method\":\"hello\"}", "\"id\":null,\"error\":{\"code\":-32600", false},
	        {"{\"id\":1,\"method\":\"hello\",\"params\":[]}", "\"id\":1,\"error\":{\"code\":-32600", false},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char *refusal = NULL;
		bool fatal = !table[i].fatal;
		assert_null(dispatch_parse(table[i].line, strlen(table[i].line), &refusal, &fatal));
		if (!refusal || !strstr(refusal, table[i].expected))
			fail_msg("%s gave %s", table[i].line, refusal);
		assert_int_equal(fatal, table[i].fatal);
		memory_free(refusal);
	}
}

static void nothing_is_answered_before_a_good_hello(void **state)
{
	struct room *room = *state;
	must_say(room, "{\"id\":1,\"method\":\"study.list\"}", "-32001");
	must_say(room, "{\"id\":1,\"method\":\"no.such\"}", "-32001");
	static const char *const wrong[][2] = {
	        {"{}", "protocol: expected an integer"},
	        {"{\"protocol\":2}",
	                "-32021,\"message\":\"this worker speaks protocol 2, the daemon 1: install a newer"},
	        {"{\"protocol\":1,\"role\":\"king\"}", "role: expected worker, viewer or admin"},
	        {"{\"protocol\":1,\"name\":7}", "name: expected a string"},
	        {"{\"protocol\":1,\"session\":\"\"}", "session: expected a session"},
	        {"{\"protocol\":1,\"session\":\"../../etc\"}", "session: expected a session"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char line[256];
		snprintf(line, sizeof line, "{\"id\":1,\"method\":\"hello\",\"params\":%s}", wrong[i][0]);
		must_say(room, line, wrong[i][1]);
		must_say(room, "{\"id\":1,\"method\":\"study.list\"}", "-32001");
	}
	enter(room, "viewer");
	must_say(room, "{\"id\":1,\"method\":\"study.list\"}", "\"studies\":[]");
	must_say(room, "{\"id\":1,\"method\":\"no.such\"}", "-32601");
}

static void a_caller_takes_only_the_roles_that_its_identity_has(void **state)
{
	struct room *room = *state;
	room->caller.roles = ROLE_WORKER | ROLE_VIEWER;
	must_say(room, "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"admin\"}}",
	        "-32002,\"message\":\"you may not take the role 'admin' here\"");
	must_say(room, "{\"id\":1,\"method\":\"study.list\"}", "-32001");
	enter(room, "viewer");
	must_say(room, "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"admin\"}}", "-32002");
	must_say(room, "{\"id\":1,\"method\":\"study.stop\",\"params\":{\"study\":\"s\"}}", "-32002");
	enter(room, "worker");
}

static void the_user_of_the_daemon_and_root_may_be_anything_and_others_nothing(void **state)
{
	(void)state;
	const int all = ROLE_WORKER | ROLE_VIEWER | ROLE_ADMIN;
	const struct {
		struct identity identity;
		int roles;
	} table[] = {
	        {{IDENTITY_USER, geteuid(), 1}, all},
	        {{IDENTITY_USER, 0, 1}, all},
	        {{IDENTITY_USER, geteuid() + 1, 1}, 0},
	        {{IDENTITY_UNKNOWN, geteuid(), 1}, 0},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(roles_of(&table[i].identity), table[i].roles);
}

static void a_long_name_is_cut_between_two_letters(void **state)
{
	struct room *room = *state;
	char line[600] = "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1,\"name\":\"a";
	for (int i = 0; i < 60; i++)
		strcat(line, "가");
	strcat(line, "\"}}");
	must_say(room, line, "\"session\"");
	assert_int_equal(strlen(room->caller.name), 1 + 42 * 3);
}

static void each_role_may_do_what_the_table_of_methods_says(void **state)
{
	struct room *room = *state;
	static const struct {
		const char *name;
		enum role role;
	} roles[] = {{"worker", ROLE_WORKER}, {"viewer", ROLE_VIEWER}, {"admin", ROLE_ADMIN}};
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		room_leave(room);
		enter(room, roles[i].name);
		for (int method = METHOD_HELLO + 1; method < METHOD_COUNT; method++) {
			char line[128];
			snprintf(
			        line, sizeof line, "{\"id\":1,\"method\":\"%s\"}", method_name((enum method_id)method));
			bool refused = strstr(say(room, line), "-32002") != NULL;
			assert_int_equal(refused, !method_allows((enum method_id)method, roles[i].role));
		}
	}
}

static void a_session_brought_back_gets_the_same_run_for_the_same_ask(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	char session[64], hello[200];
	snprintf(session, sizeof session, "%s", room->caller.session);
	must_say(room, "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}", "\"run\":{\"run\":1,");
	room_leave(room);
	snprintf(hello, sizeof hello, "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"session\":\"%s\"}}",
	        session);
	must_say(room, hello, session);
	must_say(room, "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}", "\"run\":{\"run\":1,");
	must_say(room, "{\"id\":\"5\",\"method\":\"trial.ask\",\"params\":{}}", "\"run\":{\"run\":2,");
	room_leave(room);
	enter(room, "worker");
	must_say(room, "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}", "\"run\":{\"run\":3,");
}

static void a_session_and_an_id_find_a_run_only_for_whoever_asked(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	const char *session = "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"session\":\"one\"}}";
	const char *ask = "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}";
	must_say(room, session, "one");
	must_say(room, ask, "\"run\":{\"run\":1,");
	for (int i = 0; i < 2; i++) {
		room->caller.holder = 7;
		must_say(room, ask, "\"run\":{\"run\":2,");
		room->caller.holder = 0;
		must_say(room, ask, "\"run\":{\"run\":1,");
		fixture_restart(&room->fixture);
	}
}

static void nobody_speaks_for_the_run_of_another_also_after_a_restart(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	room->caller.holder = 7;
	must_say(room, "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}", "\"run\":{\"run\":1,");
	const char *report = "{\"id\":6,\"method\":\"trial.report\",\"params\":"
	                     "{\"run\":1,\"lease\":1,\"step\":0,\"value\":1}}";
	const char *tell = "{\"id\":7,\"method\":\"trial.tell\",\"params\":{\"run\":1,\"lease\":1,"
	                   "\"state\":\"complete\",\"value\":1}}";
	const char *renew = "{\"id\":8,\"method\":\"lease.renew\",\"params\":{\"leases\":[{\"run\":1,\"lease\":1}]}}";
	for (int i = 0; i < 2; i++) {
		for (int64_t other = 0; other < 20; other += 11) {
			room->caller.holder = other;
			must_say(room, report, "-32010,\"message\":\"The lease 1 of run 1 is somebody else's\"");
			must_say(room, tell, "-32010,\"message\":\"The lease 1 of run 1 is somebody else's\"");
			must_say(room, renew, "\"lost\":[1]");
		}
		fixture_restart(&room->fixture);
	}
	room->caller.holder = 7;
	must_say(room, renew, "\"lost\":[]");
	must_say(room, report, "\"stop\":null");
	must_say(room, tell, "\"trial\":\"COMPLETE\"");
	must_say(room, tell, "\"trial\":\"COMPLETE\"");
	room->caller.holder = 0;
	must_say(room, tell, "-32010");
}

static void what_names_the_daemons_disk_is_refused_from_elsewhere(void **state)
{
	struct room *room = *state;
	enter(room, "admin");
	room->caller.local = false;
	must_say(room, "{\"id\":1,\"method\":\"file.export\",\"params\":{\"path\":\"/tmp/x\"}}",
	        "-32002,\"message\":\"file.export is for the daemon's own machine, over its socket\"");
	const char *create = "{\"id\":1,\"method\":\"study.create\",\"params\":{\"spec\":{\"name\":\"t\","
	                     "\"method\":\"random\",\"files\":{\"train\":\"/etc/passwd\"},"
	                     "\"parameters\":{\"epochs\":{\"min\":1,\"max\":2}}}}}";
	must_say(room, create, "-32005,\"message\":\"files: 'train' is a path, which only the daemon's own machine");
	must_say(room, "{\"id\":1,\"method\":\"study.list\"}", "\"studies\":[]");
	room->caller.local = true;
	must_say(room, create, "\"created\":true");
}

static void wrong_parameters_are_named(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	must_say(room, "{\"id\":5,\"method\":\"trial.ask\"}", "\"run\":{\"run\":1,");
	static const char *const table[][3] = {
	        {"study.create", "{}", "\"path\":\"spec\""},
	        {"study.create", "{\"spec\":{\"name\":\"t\"},\"if_exists\":\"replace\"}", "\"path\":\"if_exists\""},
	        {"study.create", "{\"spec\":{\"name\":\"t\"}}", "-32005"},
	        {"study.get", "{}", "\"path\":\"study\""},
	        {"study.importance", "{\"study\":\"s\",\"method\":7}", "\"path\":\"method\""},
	        {"study.importance", "{\"study\":\"s\",\"method\":\"gini\"}", "There is no method gini"},
	        {"study.importance", "{\"study\":\"s\",\"metric\":\"loss\"}", "no objective loss"},
	        {"study.pause", "{\"study\":\"t\"}", "-32003"},
	        {"trial.ask", "{\"study\":\"t\"}", "-32003"},
	        {"trial.ask", "{\"commands\":[7]}", "\"path\":\"commands[0]\""},
	        {"trial.report", "{\"run\":1.5,\"lease\":1,\"step\":0,\"value\":1}", "\"path\":\"run\""},
	        {"trial.report", "{\"run\":1,\"step\":0,\"value\":1}", "\"path\":\"lease\""},
	        {"trial.report", "{\"run\":1,\"lease\":1,\"step\":-1,\"value\":1}", "-32602"},
	        {"trial.report", "{\"run\":1,\"lease\":1,\"step\":1e300,\"value\":1}", "\"path\":\"step\""},
	        {"trial.report", "{\"run\":1,\"lease\":1,\"step\":0,\"value\":\"x\"}", "-32011"},
	        {"trial.report", "{\"run\":1,\"lease\":1,\"step\":0,\"metrics\":[1]}", "\"path\":\"metrics\""},
	        {"trial.report", "{\"run\":1,\"lease\":1,\"step\":0,\"metrics\":{\"f1\":[]}}",
	                "\"path\":\"metrics.f1\""},
	        {"trial.report", "{\"run\":9,\"lease\":1,\"step\":0,\"value\":1}", "-32003"},
	        {"trial.tell", "{\"run\":1,\"lease\":1}", "\"path\":\"state\""},
	        {"trial.tell", "{\"run\":1,\"lease\":1,\"state\":\"leased\"}", "\"path\":\"state\""},
	        {"trial.tell", "{\"run\":1,\"lease\":1,\"state\":\"complete\",\"value\":\"x\"}", "-32011"},
	        {"trial.tell", "{\"run\":1,\"lease\":1,\"state\":\"complete\",\"values\":1}", "\"path\":\"values\""},
	        {"trial.tell", "{\"run\":1,\"lease\":7,\"state\":\"complete\",\"value\":1}", "-32010"},
	        {"trial.tell", "{\"run\":1,\"lease\":1,\"state\":\"complete\",\"tables\":{\"classes\":[{}]}}",
	                "\"path\":\"tables.classes[0].label\""},
	        {"trial.tell",
	                "{\"run\":1,\"lease\":1,\"state\":\"complete\",\"tables\":{\"confusion\":[{\"truth\":\"a\","
	                "\"predicted\":\"b\",\"count\":1e300}]}}",
	                "\"path\":\"tables.confusion[0].count\""},
	        {"lease.renew", "{\"leases\":[{\"run\":1}]}", "\"path\":\"leases[0].lease\""},
	        {"trial.enqueue", "{\"study\":\"s\"}", "\"path\":\"params\""},
	        {"trial.enqueue", "{\"study\":\"s\",\"params\":{\"y\":1}}", "-32602"},
	        {"trial.list", "{\"study\":\"s\",\"limit\":0}", "\"path\":\"limit\""},
	        {"trial.list", "{\"study\":\"s\",\"after\":\"x\"}", "\"path\":\"after\""},
	        {"trial.list", "{\"study\":\"s\",\"state\":\"DONE\"}", "\"path\":\"state\""},
	        {"trial.list", "{\"study\":\"s\",\"order\":\"worst\"}", "\"path\":\"order\""},
	        {"trial.list", "{\"study\":\"s\",\"order\":\"best\",\"after\":1}", "\"path\":\"after\""},
	        {"trial.get", "{\"study\":\"s\",\"number\":9}", "-32003"},
	        {"watch", "{\"study\":\"t\"}", "-32003"},
	        {"file.export", "{\"path\":\"relative\"}", "\"path\":\"path\""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char line[400];
		snprintf(line, sizeof line, "{\"id\":1,\"method\":\"%s\",\"params\":%s}", table[i][0], table[i][1]);
		must_say(room, line, table[i][2]);
	}
	must_say(room,
	        "{\"id\":1,\"method\":\"trial.tell\",\"params\":{\"run\":1,\"lease\":1,\"state\":\"complete\","
	        "\"value\":1}}",
	        "\"trial\":\"COMPLETE\"");
}

static void pages_of_trials_follow_each_other(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	for (int i = 0; i < 5; i++)
		must_say(room,
		        "{\"id\":1,\"method\":\"trial.enqueue\",\"params\":{\"study\":\"s\",\"params\":{\"x\":0.5}}}",
		        "\"number\"");
	const char *page =
	        say(room, "{\"id\":1,\"method\":\"trial.list\",\"params\":{\"study\":\"s\",\"limit\":2,\"after\":1}}");
	assert_non_null(strstr(page, "\"number\":2,"));
	assert_non_null(strstr(page, "\"number\":3,"));
	assert_null(strstr(page, "\"number\":4,"));
	assert_non_null(strstr(page, "\"next\":3"));
	page = say(room, "{\"id\":1,\"method\":\"trial.list\",\"params\":{\"study\":\"s\",\"limit\":2,\"after\":3}}");
	assert_non_null(strstr(page, "\"number\":4,"));
	assert_null(strstr(page, "\"next\""));
}

/* 400 kB of metrics: one fits into an answer, two do not. */
static void report_much(struct room *room, int step)
{
	struct text line = TEXT_NULL;
	text_printf(&line,
	        "{\"id\":1,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":%d,\"value\":1,"
	        "\"metrics\":{",
	        step);
	for (int i = 0; i < 12000; i++)
		text_printf(&line, "%s\"metric_%05d\":0.1234567890123", i ? "," : "", i);
	text_append(&line, "}}}");
	must_say(room, text_string(&line), "\"stop\":null");
	text_finish(&line);
}

static void reports_that_a_line_has_no_room_for_come_page_by_page(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	must_say(room, "{\"id\":1,\"method\":\"trial.ask\"}", "\"run\":{\"run\":1,");
	report_much(room, 0);
	must_say(room, "{\"id\":1,\"method\":\"trial.get\",\"params\":{\"study\":\"s\",\"number\":0}}", "metric_11999");
	report_much(room, 1);
	must_say(room, "{\"id\":1,\"method\":\"trial.get\",\"params\":{\"study\":\"s\",\"number\":0}}",
	        "\"report_count\":2");
	must_say(room,
	        "{\"id\":1,\"method\":\"trial.get\",\"params\":{\"study\":\"s\",\"number\":0,\"first_report\":0}}",
	        "\"next_report\":1");
	must_say(room,
	        "{\"id\":1,\"method\":\"trial.get\",\"params\":{\"study\":\"s\",\"number\":0,\"first_report\":1}}",
	        "\"step\":1");
	must_say(room, "{\"id\":1,\"method\":\"trial.list\",\"params\":{\"study\":\"s\"}}", "\"number\":0");
}

/* An answer about the trial could not say it. */
static void a_report_that_no_answer_has_room_for_is_refused(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	must_say(room, "{\"id\":1,\"method\":\"trial.ask\"}", "\"run\":{\"run\":1,");
	struct text line = TEXT_NULL;
	text_append(&line,
	        "{\"id\":1,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":0,\"value\":1,"
	        "\"metrics\":{\"");
	for (int i = 0; i < 90000; i++)
		text_append(&line, "\\u0001");
	text_append(&line, "\":1}}}");
	must_say(room, text_string(&line), "The metrics of a report take at most 512 KiB");
	text_finish(&line);
}

static void an_id_that_answers_cannot_repeat_is_refused(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	struct text line = TEXT_NULL;
	text_append(&line, "{\"method\":\"trial.ask\",\"id\":\"");
	for (int i = 0; i < 129 << 10; i++)
		text_append(&line, "x");
	text_append(&line, "\"}");
	must_say(room, text_string(&line), "an id of at most 128 KiB");
	text_finish(&line);
	must_say(room, "{\"id\":1,\"method\":\"trial.ask\"}", "\"run\":{\"run\":1,");
}

static void a_stop_is_passed_on_to_the_program(void **state)
{
	struct room *room = *state;
	enter(room, "admin");
	must_say(room, "{\"id\":1,\"method\":\"daemon.stop\"}", "\"result\":{}");
	assert_int_equal(room->fixture.stop_count, 1);
}

/* Fails the Nth allocation for N = 1, 2, … until the request gets through: no crash, no leak, and
 * the table stays usable. */
static void every_allocation_may_fail_once(void **state)
{
	struct room *room = *state;
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	enter_with_study(room);
	static const char *const lines[] = {
	        "{\"id\":\"ask\",\"method\":\"trial.ask\",\"params\":{\"study\":\"s\",\"commands\":[]}}",
	        "{\"id\":2,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":0,\"metrics\":{"
	        "\"f1\":0.5}}}",
	        "{\"id\":3,\"method\":\"lease.renew\",\"params\":{\"leases\":[{\"run\":1,\"lease\":1},{\"run\":7,"
	        "\"lease\":7}]}}",
	        "{\"id\":4,\"method\":\"study.get\",\"params\":{\"study\":\"s\"}}",
	        "{\"id\":45,\"method\":\"study.importance\",\"params\":{\"study\":\"s\"}}",
	        "{\"id\":5,\"method\":\"trial.list\",\"params\":{\"study\":\"s\"}}",
	        "{\"id\":6,\"method\":\"trial.get\",\"params\":{\"study\":\"s\",\"number\":0}}",
	        "{\"id\":7,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":-1}}",
	        "{\"id\":8,\"method\":\"watch\",\"params\":{\"study\":\"s\"}}",
	        "{\"id\":9,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"admin\",\"name\":\"w\"}}",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *expected = memory_strdup(say(room, lines[i]));
		long nth = 0;
		do {
			memory_fault_after(++nth);
			say(room, lines[i]);
		} while (memory_fault_happened());
		memory_fault_after(0);
		assert_true(nth > 5);
		const char *again = say(room, lines[i]);
		assert_int_equal(strstr(again, "\"error\"") != NULL, strstr(expected, "\"error\"") != NULL);
		memory_free(expected);
	}
	must_say(room,
	        "{\"id\":9,\"method\":\"trial.tell\",\"params\":{\"run\":1,\"lease\":1,\"state\":\"complete\","
	        "\"value\":0.5}}",
	        "\"trial\":\"COMPLETE\"");
	cJSON_InitHooks(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_no_request_is_refused_and_only_bytes_that_are_no_json_end_the_connection),
	        TEST(nothing_is_answered_before_a_good_hello),
	        TEST(a_caller_takes_only_the_roles_that_its_identity_has),
	        cmocka_unit_test(the_user_of_the_daemon_and_root_may_be_anything_and_others_nothing),
	        TEST(a_long_name_is_cut_between_two_letters),
	        TEST(each_role_may_do_what_the_table_of_methods_says),
	        TEST(a_session_brought_back_gets_the_same_run_for_the_same_ask),
	        TEST(a_session_and_an_id_find_a_run_only_for_whoever_asked),
	        TEST(nobody_speaks_for_the_run_of_another_also_after_a_restart),
	        TEST(what_names_the_daemons_disk_is_refused_from_elsewhere),
	        TEST(wrong_parameters_are_named),
	        TEST(pages_of_trials_follow_each_other),
	        TEST(reports_that_a_line_has_no_room_for_come_page_by_page),
	        TEST(a_report_that_no_answer_has_room_for_is_refused),
	        TEST(an_id_that_answers_cannot_repeat_is_refused),
	        TEST(a_stop_is_passed_on_to_the_program),
	        TEST(every_allocation_may_fail_once),
	};
	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
