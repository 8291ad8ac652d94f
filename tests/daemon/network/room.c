#include "tests/daemon/network/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/study_table.h"
#include "schema/base/memory.h"

/* As the user of this machine. */
static void let_in(struct room *room)
{
	room->caller.roles = ROLE_WORKER | ROLE_VIEWER | ROLE_ADMIN;
	room->caller.local = true;
}

int room_setup(void **state)
{
	static struct room room;
	room = (struct room){0};
	let_in(&room);
	*state = &room;
	return fixture_init(&room.fixture);
}

void room_leave(struct room *room)
{
	caller_finish(&room->caller);
	let_in(room);
	room->greeted = false;
}

int room_teardown(void **state)
{
	struct room *room = *state;
	room_leave(room);
	memory_free(room->reply);
	fixture_finish(&room->fixture);
	return 0;
}

void room_come_from(struct room *room, const char *address)
{
	caller_finish(&room->caller);
	snprintf(room->caller.from, sizeof room->caller.from, "%s", address);
	room->greeted = false;
}

const char *say(struct room *room, const char *line)
{
	struct error error;
	bool fatal;
	memory_free(room->reply);
	room->reply = NULL;
	cJSON *message = dispatch_parse(line, strlen(line), &room->reply, &fatal);
	if (message && study_table_begin(room->fixture.table, &error) == 0) {
		struct asker asker = {&room->caller, room->greeted, NULL};
		assert_int_equal(dispatch_run(&room->reply, message, &asker, &room->fixture.around), 0);
		room->greeted = asker.greeted;
		if (study_table_commit(room->fixture.table, &error) != 0) {
			memory_free(room->reply);
			room->reply = dispatch_not_committed(message, error.text);
		}
	}
	cJSON_Delete(message);
	if (!room->reply)
		return "";
	room->reply[strcspn(room->reply, "\n")] = '\0';
	return room->reply;
}

void must_say(struct room *room, const char *line, const char *expected)
{
	const char *reply = say(room, line);
	if (!strstr(reply, expected))
		fail_msg("%s\n  gave     %s\n  expected %s", line, reply, expected);
}

void enter(struct room *room, const char *role)
{
	char line[128];
	snprintf(line, sizeof line,
	        "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"%s\",\"name\":\"w\"}}", role);
	must_say(room, line, "\"lease_s\":30,\"server_time\":\"2026-01-01T00:00:00.000Z\"");
}

void enter_with_study(struct room *room)
{
	enter(room, "admin");
	must_say(room, fixture_create_request("s"), "\"study\":\"s\",\"created\":true");
}
