/* The daemon's files, brought in pieces by many at once. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blobs/blobs.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"

enum { MANY = 3 * BLOBS_OPEN_MAX, SIZE = 3 << 19, PIECE = 1 << 18 };

struct file {
	char *bytes;
	char sha256[SHA256_HEX_BYTES];
	struct blob_progress there;
};

struct room {
	char path[32];
	struct blobs blobs;
	struct file files[MANY];
};

static int enter(void **state)
{
	static struct room room;
	struct error error = {""};
	room = (struct room){.path = "/tmp/kre-daemon-blobs-XXXXXX"};
	assert_non_null(mkdtemp(room.path));
	assert_int_equal(blobs_init(&room.blobs, room.path, &error), 0);
	room.blobs.store.spare = (struct blob_spare){0, 0};
	for (size_t i = 0; i < MANY; i++) {
		struct file *file = &room.files[i];
		file->bytes = memory_alloc(SIZE, 1);
		assert_non_null(file->bytes);
		memset(file->bytes, (int)('a' + i), SIZE);
		sha256_hex(file->sha256, file->bytes, SIZE);
	}
	*state = &room;
	return 0;
}

static int leave(void **state)
{
	struct room *room = *state;
	for (size_t i = 0; i < MANY; i++)
		memory_free(room->files[i].bytes);
	blobs_finish(&room->blobs);
	return folder_remove(AT_FDCWD, room->path);
}

/* A piece of it, or no bytes where all are there already. */
static int bring(struct room *room, struct file *file, size_t most)
{
	struct error error = {""};
	const size_t left = SIZE - (size_t)file->there.offset;
	const struct blob_piece piece = {
	        file->there.offset, left < most ? left : most, file->bytes + file->there.offset};
	return blobs_add(&file->there, &room->blobs, &(struct blob){file->sha256, SIZE}, &piece, &error);
}

static size_t bring_all_once(struct room *room)
{
	size_t done = 0;
	for (size_t i = 0; i < MANY; i++) {
		if (!room->files[i].there.done)
			assert_int_equal(bring(room, &room->files[i], PIECE), 0);
		done += room->files[i].there.done;
	}
	return done;
}

/* ---- sentences ---- */

static void more_at_once_than_stay_open_are_all_done_when_their_bytes_are_there(void **state)
{
	struct room *room = *state;
	for (size_t round = 0; round < SIZE / PIECE; round++)
		assert_int_equal(bring_all_once(room), round + 1 < SIZE / PIECE ? 0 : MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_true(blobs_have(&room->blobs, &(struct blob){room->files[i].sha256, SIZE}));
}

/* Another program writes the .part meanwhile. */
static void what_was_hashed_is_not_taken_for_a_part_that_has_changed(void **state)
{
	struct room *room = *state;
	struct file *first = &room->files[0];
	char path[160];
	assert_int_equal(bring(room, first, PIECE), 0);
	for (size_t i = 1; i <= BLOBS_OPEN_MAX; i++)
		assert_int_equal(bring(room, &room->files[i], PIECE), 0);
	snprintf(path, sizeof path, "%s/%.2s/%s.part", room->path, first->sha256, first->sha256);
	FILE *part = fopen(path, "a");
	assert_non_null(part);
	assert_int_equal(fwrite(first->bytes, 1, PIECE, part), PIECE);
	assert_int_equal(fclose(part), 0);
	first->there.offset += PIECE;
	while (!first->there.done)
		assert_int_equal(bring(room, first, PIECE), 0);
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(more_at_once_than_stay_open_are_all_done_when_their_bytes_are_there),
	        SENTENCE(what_was_hashed_is_not_taken_for_a_part_that_has_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
