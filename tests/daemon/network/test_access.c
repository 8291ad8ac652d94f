/* Who may come in over the network: what a token opens, what it does not, and how it ends. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/access/knocks.h"
#include "daemon/storage/store.h"
#include "daemon/storage/store_token.h"
#include "schema/base/memory.h"
#include "schema/transport/join_token.h"
#include "tests/daemon/network/room.h"

#define DAY_MS 86400000

struct token {
	char id[16], text[JOIN_TOKEN_BYTES];
};

static void copy_text(char *out, size_t bytes, const char *reply, const char *key)
{
	char begin[32];
	snprintf(begin, sizeof begin, "\"%s\":\"", key);
	const char *at = strstr(reply, begin);
	if (!at)
		fail_msg("no %s in %s", key, reply);
	at += strlen(begin);
	snprintf(out, bytes, "%.*s", (int)strcspn(at, "\""), at);
}

/* The user of this machine makes a token and goes. */
static struct token make(struct room *room, const char *wish)
{
	struct token token;
	char line[300];
	room_leave(room);
	enter(room, "admin");
	snprintf(line, sizeof line, "{\"id\":1,\"method\":\"token.create\",\"params\":%s}", wish);
	const char *reply = say(room, line);
	copy_text(token.id, sizeof token.id, reply, "id\":1,\"result\":{\"id");
	copy_text(token.text, sizeof token.text, reply, "token");
	return token;
}

static void come(struct room *room, const char *role, const char *token, const char *more)
{
	static char line[400];
	snprintf(line, sizeof line,
	        "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"%s\",\"token\":\"%s\"%s}}", role,
	        token, more);
	room_come_from(room, "10.77.0.2");
	say(room, line);
}

static void must_hear(const struct room *room, const char *expected)
{
	if (!strstr(room->reply, expected))
		fail_msg("%s\n  expected %s", room->reply, expected);
}

static void revoke(struct room *room, const struct token *token, const char *more, const char *expected)
{
	char line[200];
	room_leave(room);
	enter(room, "admin");
	snprintf(line, sizeof line, "{\"id\":2,\"method\":\"token.revoke\",\"params\":{\"id\":\"%s\"%s}}", token->id,
	        more);
	must_say(room, line, expected);
}

static const char ask[] = "{\"id\":5,\"method\":\"trial.ask\",\"params\":{}}";
static const char list[] = "{\"id\":6,\"method\":\"study.list\"}";

/* Each as its role says, also after a restart: what was acknowledged is in the file. */
static void a_token_lets_its_owner_do_what_its_role_may_and_nothing_else(void **state)
{
	struct room *room = *state;
	static const struct {
		const char *name;
		enum role role;
	} roles[] = {{"worker", ROLE_WORKER}, {"viewer", ROLE_VIEWER}, {"admin", ROLE_ADMIN}};
	for (size_t i = 0; i < 3; i++) {
		char wish[64], sentence[160];
		snprintf(wish, sizeof wish, "{\"role\":\"%s\"}", roles[i].name);
		struct token token = make(room, wish);
		fixture_restart(&room->fixture);
		come(room, "admin", token.text, "");
		snprintf(sentence, sizeof sentence, "\"role\":\"%s\",\"epoch\":1,\"features\":[", roles[i].name);
		must_hear(room, sentence);
		snprintf(sentence, sizeof sentence,
		        "-32002,\"message\":\"a %s's token cannot do this; an admin's line comes from 'kre-search join "
		        "--role admin'\"",
		        roles[i].name);
		for (int method = METHOD_HELLO + 1; method < METHOD_COUNT; method++) {
			char line[128];
			snprintf(
			        line, sizeof line, "{\"id\":1,\"method\":\"%s\"}", method_name((enum method_id)method));
			bool refused = strstr(say(room, line), sentence) != NULL;
			assert_int_equal(refused, !method_allows((enum method_id)method, roles[i].role));
		}
	}
}

static void nobody_comes_from_elsewhere_without_a_token(void **state)
{
	struct room *room = *state;
	room_come_from(room, "10.77.0.2");
	must_say(room, "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1}}",
	        "-32024,\"message\":\"a token is needed here: 'kre-search join' prints an address with one\"");
	assert_true(room->caller.refused);
	must_say(room, list, "-32001");
}

static void what_is_not_known_here_is_not_told_apart(void **state)
{
	struct room *room = *state;
	struct token token = make(room, "{}");
	struct join_token wrong;
	char text[JOIN_TOKEN_BYTES];
	assert_int_equal(join_token_read(&wrong, token.text, NULL), 0);
	wrong.secret[7] ^= 1;
	join_token_write(text, &wrong);
	revoke(room, &token, "", "\"sessions\":0,\"runs\":0");
	const char *unknown = "-32024,\"message\":\"this token is not known here\"";
	come(room, "worker", text, "");
	must_hear(room, unknown);
	assert_true(room->caller.refused);
	wrong.id++;
	join_token_write(text, &wrong);
	come(room, "worker", text, "");
	must_hear(room, unknown);
	token.text[20] = token.text[20] == 'a' ? 'b' : 'a';
	come(room, "worker", token.text, "");
	must_hear(room, unknown);
	come(room, "worker", "w1", "");
	must_hear(room, unknown);
	must_say(room, list, "-32001");
}

static void a_revoked_token_ends_its_session_and_its_runs_are_handed_out_again(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	struct token token = make(room, "{}"), other = make(room, "{}");
	come(room, "worker", token.text, "");
	must_say(room, ask, "\"run\":{\"run\":1,");
	struct caller worker = room->caller;
	room->caller = (struct caller){0};
	revoke(room, &token, "", "\"runs\":1");
	revoke(room, &token, "", "\"runs\":0");
	fixture_restart(&room->fixture);
	come(room, "worker", token.text, "");
	must_hear(room, "-32024,\"message\":\"this token was revoked\"");
	come(room, "worker", other.text, "");
	must_say(room, ask, "\"number\":0,\"fold\":0,\"folds\":1,\"attempt\":1,");
	caller_finish(&room->caller);
	room->caller = worker;
	room->caller.revoked = true; /* as the network says to its sessions */
	must_say(room, list, "-32024,\"message\":\"this token was revoked\"");
}

static void revoked_runs_may_be_kept_until_their_leases_end(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	struct token token = make(room, "{}");
	come(room, "worker", token.text, "");
	must_say(room, ask, "\"run\":{\"run\":1,");
	revoke(room, &token, ",\"keep_runs\":true", "\"runs\":0");
	must_say(room, "{\"id\":7,\"method\":\"study.get\",\"params\":{\"study\":\"s\"}}", "\"RUNNING\":1");
	revoke(room, &(struct token){.id = "00000000"}, "", "-32003");
	revoke(room, &(struct token){.id = "x"}, "", "\"path\":\"id\"");
}

static void a_token_ends_when_it_said_it_would_and_its_session_with_it(void **state)
{
	struct room *room = *state;
	struct token token = make(room, "{\"expires_s\":86400}"), admin = make(room, "{\"role\":\"admin\"}");
	struct token never = make(room, "{\"role\":\"admin\",\"expires_s\":0}"), worker = make(room, "{}");
	come(room, "worker", token.text, "");
	must_say(room, list, "\"studies\":[]");
	fake_clock_advance(&room->fixture.clock, DAY_MS);
	must_say(room, list, "-32024,\"message\":\"this token expired on 2026-01-02\"");
	come(room, "worker", token.text, "");
	must_hear(room, "-32024,\"message\":\"this token expired on 2026-01-02\"");
	come(room, "admin", admin.text, "");
	must_hear(room, "\"session\"");
	fake_clock_advance(&room->fixture.clock, 6 * (int64_t)DAY_MS);
	come(room, "admin", admin.text, "");
	must_hear(room, "this token expired on 2026-01-08");
	fake_clock_advance(&room->fixture.clock, 3650 * (int64_t)DAY_MS);
	come(room, "admin", never.text, "");
	must_hear(room, "\"session\"");
	come(room, "worker", worker.text, "");
	must_hear(room, "\"session\"");
}

static void uses_are_sessions_and_one_that_comes_back_counts_once(void **state)
{
	struct room *room = *state;
	struct token token = make(room, "{\"uses\":2}");
	come(room, "worker", token.text, ",\"session\":\"one\"");
	must_hear(room, "\"session\":\"one\"");
	come(room, "worker", token.text, ",\"session\":\"one\"");
	must_hear(room, "\"session\":\"one\"");
	come(room, "worker", token.text, "");
	must_hear(room, "\"session\"");
	fixture_restart(&room->fixture);
	come(room, "worker", token.text, "");
	must_hear(room,
	        "-32024,\"message\":\"this token was used as often as it may be: ask for a new line with 'kre-search "
	        "join'\"");
	come(room, "worker", token.text, ",\"session\":\"one\"");
	must_hear(room, "\"session\":\"one\"");
	room_leave(room);
	enter(room, "admin");
	must_say(room, "{\"id\":1,\"method\":\"token.list\"}",
	        "\"last_used\":\"2026-01-01T00:00:00.000Z\",\"last_from\":\"10.77.0.2\"");
	must_hear(room, "\"uses_left\":0");
	assert_null(strstr(room->reply, token.text + 10));
}

static void a_token_for_one_study_sees_and_does_nothing_elsewhere(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	must_say(room, fixture_create_request("t"), "\"created\":true");
	struct token token = make(room, "{\"study\":\"t\"}"),
	             viewer = make(room, "{\"study\":\"t\",\"role\":\"viewer\"}");
	come(room, "worker", token.text, "");
	must_say(room, ask, "\"study\":\"t\"");
	must_say(room, "{\"id\":7,\"method\":\"trial.ask\",\"params\":{\"study\":\"s\"}}",
	        "-32002,\"message\":\"this token is for the study t and no other\"");
	must_say(room, "{\"id\":8,\"method\":\"study.get\",\"params\":{\"study\":\"s\"}}", "-32002");
	must_say(room, list, "{\"studies\":[{\"name\":\"t\"");
	assert_null(strstr(room->reply, "\"name\":\"s\""));
	come(room, "viewer", viewer.text, "");
	must_say(room, "{\"id\":9,\"method\":\"watch\"}", "{}");
	assert_string_equal(room->caller.watched, "t");
	must_say(room, "{\"id\":9,\"method\":\"trial.list\",\"params\":{\"study\":\"s\"}}", "-32002");
	must_say(room, "{\"id\":9,\"method\":\"trial.list\",\"params\":{\"study\":\"t\"}}", "\"trials\"");
}

static void wishes_that_make_no_sense_are_refused(void **state)
{
	struct room *room = *state;
	enter(room, "admin");
	static const char *const table[][2] = {
	        {"{\"role\":\"king\"}", "\"path\":\"role\""},
	        {"{\"uses\":-1}", "\"path\":\"uses\""},
	        {"{\"expires_s\":-1}", "expires_s: expected 0 for never"},
	        {"{\"expires_s\":1e300}", "expires_s: expected 0 for never"},
	        {"{\"study\":\"nobody\"}", "-32003"},
	        {"{\"role\":\"admin\",\"study\":\"nobody\"}", "-32003"},
	        {"{\"name\":\"a\\u0007b\"}", "\"path\":\"name\""},
	        {"{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123x\"}",
	                "\"path\":\"name\""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char line[300];
		snprintf(line, sizeof line, "{\"id\":1,\"method\":\"token.create\",\"params\":%s}", table[i][0]);
		must_say(room, line, table[i][1]);
	}
	must_say(room, fixture_create_request("s"), "\"created\":true");
	must_say(room, "{\"id\":1,\"method\":\"token.create\",\"params\":{\"role\":\"admin\",\"study\":\"s\"}}",
	        "an admin's token is for all studies");
	must_say(room, "{\"id\":1,\"method\":\"token.list\"}", "\"tokens\":[]");
	room->fixture.around.pin = NULL;
	must_say(room, "{\"id\":1,\"method\":\"token.create\"}", "-32012");
}

static void both_speak_the_newest_protocol_that_the_other_knows(void **state)
{
	struct room *room = *state;
	must_say(room, "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":7,\"oldest\":1,\"new\":[]}}",
	        "\"protocol\":1");
	must_say(room, "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":7,\"oldest\":2}}",
	        "-32021,\"message\":\"this worker speaks protocol 7, the daemon 1: install a newer kre-search where "
	        "the "
	        "daemon runs\"");
	must_say(room, "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":0,\"role\":\"viewer\"}}",
	        "-32021,\"message\":\"this program speaks protocol 0, the daemon 1: install kre-search");
}

static void a_worker_says_what_its_machine_has(void **state)
{
	struct room *room = *state;
	enter_with_study(room);
	must_say(room,
	        "{\"id\":1,\"method\":\"hello\",\"params\":{\"protocol\":1,\"machine\":{\"threads\":8,\"memory_mb\":"
	        "16000}}}",
	        "\"session\"");
	assert_int_equal(room->caller.machine.threads, 8);
	assert_int_equal(room->caller.machine.memory_mb, 16000);
	must_say(room, ask, "\"run\":{");
}

static void those_who_knock_all_the_time_are_told_of_once_a_minute(void **state)
{
	(void)state;
	static struct knocks knocks;
	assert_int_equal(knocks_note(&knocks, "a", (struct monotime){1000}), 0);
	for (int i = 1; i <= 50; i++)
		assert_int_equal(knocks_note(&knocks, "a", (struct monotime){1000 + i}), -1);
	assert_int_equal(knocks_note(&knocks, "b", (struct monotime){2000}), 0);
	assert_int_equal(knocks_note(&knocks, "a", (struct monotime){61000}), 50);
	for (int i = 0; i < 2 * KNOCKS_MAX; i++) {
		char from[16];
		snprintf(from, sizeof from, "10.0.0.%d", i);
		assert_int_equal(knocks_note(&knocks, from, (struct monotime){62000 + i}), 0);
	}
}

/* Of each line every allocation fails once; then it succeeds, and nothing is half done. */
static void try_with_faults(struct room *room, const char *line)
{
	long nth = 0;
	do {
		memory_fault_after(++nth);
		say(room, line);
	} while (memory_fault_happened());
	memory_fault_after(0);
	assert_true(nth > 5);
	must_say(room, line, "\"result\"");
}

static void every_allocation_may_fail_once(void **state)
{
	struct room *room = *state;
	char hello[400], revoking[128];
	enter_with_study(room);
	struct token token = make(room, "{\"study\":\"s\"}");
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	try_with_faults(room, "{\"id\":1,\"method\":\"token.create\",\"params\":{\"name\":\"x\",\"study\":\"s\"}}");
	try_with_faults(room, "{\"id\":2,\"method\":\"token.list\"}");
	try_with_faults(room, "{\"id\":3,\"method\":\"listen.get\"}");
	snprintf(hello, sizeof hello,
	        "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"session\":\"one\",\"token\":\"%s\"}}",
	        token.text);
	room_come_from(room, "10.77.0.2");
	try_with_faults(room, hello);
	try_with_faults(room, ask);
	room_leave(room);
	enter(room, "admin");
	snprintf(revoking, sizeof revoking, "{\"id\":4,\"method\":\"token.revoke\",\"params\":{\"id\":\"%s\"}}",
	        token.id);
	try_with_faults(room, revoking);
	cJSON_InitHooks(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_token_lets_its_owner_do_what_its_role_may_and_nothing_else),
	        TEST(nobody_comes_from_elsewhere_without_a_token),
	        TEST(what_is_not_known_here_is_not_told_apart),
	        TEST(a_revoked_token_ends_its_session_and_its_runs_are_handed_out_again),
	        TEST(revoked_runs_may_be_kept_until_their_leases_end),
	        TEST(a_token_ends_when_it_said_it_would_and_its_session_with_it),
	        TEST(uses_are_sessions_and_one_that_comes_back_counts_once),
	        TEST(a_token_for_one_study_sees_and_does_nothing_elsewhere),
	        TEST(wishes_that_make_no_sense_are_refused),
	        TEST(both_speak_the_newest_protocol_that_the_other_knows),
	        TEST(a_worker_says_what_its_machine_has),
	        TEST(every_allocation_may_fail_once),
	        TEST(those_who_knock_all_the_time_are_told_of_once_a_minute),
	};
	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
