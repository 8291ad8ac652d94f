/* The door to the network: who may open it, where, and what is kept of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/access/listening.h"
#include "daemon/network/own_names.h"
#include "tests/daemon/network/room.h"

/* A door that only notes what was done to it. */
static struct {
	char address[64];
	int64_t port; /* 0 = closed */
	int opened_count, key_count;
	int fails;
} door;

static int open_door(void *network, struct network_door *wanted, struct error *error)
{
	(void)network;
	if (door.fails)
		return error_set(error, door.fails, "cannot listen there");
	wanted->port = wanted->port ? wanted->port : 41234;
	snprintf(door.address, sizeof door.address, "%s", wanted->address);
	door.port = wanted->port;
	door.opened_count++;
	return 0;
}

static void close_door(void *network)
{
	(void)network;
	door.port = 0;
}

static bool door_is_open(const void *network)
{
	(void)network;
	return door.port != 0;
}

static int make_key(void *network, struct error *error)
{
	(void)network;
	(void)error;
	door.key_count++;
	return 0;
}

static void hang_door(struct room *room)
{
	struct surroundings *around = &room->fixture.around;
	around->open_door = open_door;
	around->close_door = close_door;
	around->door_is_open = door_is_open;
	around->make_key = make_key;
}

static int setup(void **state)
{
	memset(&door, 0, sizeof door);
	int rc = room_setup(state);
	hang_door(*state);
	enter(*state, "admin");
	return rc;
}

static const char get[] = "{\"id\":1,\"method\":\"listen.get\"}";
static const char stop[] = "{\"id\":1,\"method\":\"listen.stop\"}";
static const char nowhere[] = "\"listening\":false,\"address\":\"\",\"port\":0,\"advertise\":[],\"pin\":\"";

static void start(struct room *room, const char *params, const char *expected)
{
	char line[400];
	snprintf(line, sizeof line, "{\"id\":1,\"method\":\"listen.start\",\"params\":%s}", params);
	must_say(room, line, expected);
}

static void it_listens_where_it_is_told_and_says_so(void **state)
{
	struct room *room = *state;
	must_say(room, get, nowhere);
	start(room, "{}", "\"listening\":true,\"address\":\"\",\"port\":7373,\"advertise\":[\"");
	start(room, "{\"address\":\"127.0.0.1\",\"port\":0,\"advertise\":[\"gpu3\",\"[::1]\"]}",
	        "\"listening\":true,\"address\":\"127.0.0.1\",\"port\":41234,\"advertise\":[\"gpu3\",\"[::1]\"],"
	        "\"pin\":"
	        "\"612070696e206f662031362062797465\"");
	start(room, "{\"port\":7400}", "\"address\":\"127.0.0.1\",\"port\":7400,\"advertise\":[\"gpu3\",\"[::1]\"]");
	start(room, "{}", "\"port\":7400");
	must_say(room, get, "\"port\":7400");
	assert_string_equal(door.address, "127.0.0.1");
	must_say(room, stop, nowhere);
	assert_int_equal(door.port, 0);
	must_say(room, get, nowhere);
}

static void what_it_was_told_is_kept_for_the_next_daemon(void **state)
{
	struct room *room = *state;
	struct listening kept;
	struct arena arena = ARENA_NULL;
	start(room, "{\"port\":7400,\"advertise\":[\"gpu3\"]}", "\"port\":7400");
	fixture_restart(&room->fixture);
	hang_door(room);
	assert_int_equal(listening_load(&kept, &room->fixture.access, &arena, NULL), 0);
	assert_int_equal(kept.port, 7400);
	assert_int_equal(kept.names.count, 1);
	assert_string_equal(kept.names.items[0], "gpu3");
	must_say(room, stop, "\"listening\":false");
	fixture_restart(&room->fixture);
	assert_int_equal(listening_load(&kept, &room->fixture.access, &arena, NULL), LISTENING_NOWHERE);
	arena_finish(&arena);
}

static void where_it_cannot_listen_nothing_is_kept(void **state)
{
	struct room *room = *state;
	door.fails = -EADDRINUSE;
	start(room, "{}", "-32603,\"message\":\"cannot listen there\"");
	must_say(room, get, nowhere);
}

static void a_new_key_is_made_when_it_is_asked_for(void **state)
{
	struct room *room = *state;
	start(room, "{}", "\"listening\":true");
	assert_int_equal(door.key_count, 0);
	start(room, "{\"new_key\":true}", "\"listening\":true");
	assert_int_equal(door.key_count, 1);
}

static void only_this_machine_may_open_or_close_it(void **state)
{
	struct room *room = *state;
	room->caller.local = false;
	const char *refused = "-32002,\"message\":\"listen.start is for the daemon's own machine, over its socket\"";
	start(room, "{}", refused);
	must_say(room, stop, "-32002");
	must_say(room, get, "-32002");
	assert_int_equal(door.opened_count, 0);
}

static void names_and_ports_that_are_none_are_refused(void **state)
{
	struct room *room = *state;
	static const char *const table[][2] = {
	        {"{\"port\":65536}", "\"path\":\"port\""},
	        {"{\"advertise\":[\"a b\"]}", "\"path\":\"advertise\""},
	        {"{\"advertise\":[\"a,b\"]}", "\"path\":\"advertise\""},
	        {"{\"advertise\":[\"\"]}", "\"path\":\"advertise\""},
	        {"{\"advertise\":[\"-x\"]}", "\"path\":\"advertise\""},
	        {"{\"advertise\":[\"::1\"]}", "\"path\":\"advertise\""},
	        {"{\"advertise\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}", "\"path\":\"advertise\""},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		start(room, table[i][0], table[i][1]);
	assert_int_equal(door.opened_count, 0);
}

static void this_machine_has_a_name_that_an_address_may_have(void **state)
{
	(void)state;
	struct listening listening = {0};
	struct arena arena = ARENA_NULL;
	assert_int_equal(own_names_fill(&listening, &arena), 0);
	assert_true(listening.names.count >= 1);
	for (size_t i = 0; i < listening.names.count; i++)
		assert_true(address_is_host(listening.names.items[i]));
	arena_finish(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, room_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(it_listens_where_it_is_told_and_says_so),
	        TEST(what_it_was_told_is_kept_for_the_next_daemon),
	        TEST(where_it_cannot_listen_nothing_is_kept),
	        TEST(a_new_key_is_made_when_it_is_asked_for),
	        TEST(only_this_machine_may_open_or_close_it),
	        TEST(names_and_ports_that_are_none_are_refused),
	        TEST(this_machine_has_a_name_that_an_address_may_have),
	};
	return cmocka_run_group_tests_name("listening", tests, NULL, NULL);
}
