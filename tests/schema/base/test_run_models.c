/* Models in the folders of runs. */
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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/run_models.h"

struct room {
	char path[32];
	int study;
};

static int enter(void **state)
{
	static struct room room;
	snprintf(room.path, sizeof room.path, "/tmp/kre-models-XXXXXX");
	assert_non_null(mkdtemp(room.path));
	room.study = open(room.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &room;
	return 0;
}

static int leave(void **state)
{
	struct room *room = *state;
	folder_empty(room->study);
	close(room->study);
	return rmdir(room->path);
}

static void put(const struct room *room, const char *folder, const char *name)
{
	mkdirat(room->study, folder, 0700);
	int parent = folder_open(room->study, folder);
	int file = openat(parent, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, "weights", 7), 7);
	fsync(file); /* what it takes of the disk is settled now */
	close(file);
	close(parent);
}

static bool there(const struct room *room, const char *path)
{
	return faccessat(room->study, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int64_t disk_bytes(const struct room *room, const char *path)
{
	struct stat status;
	assert_int_equal(fstatat(room->study, path, &status, AT_SYMLINK_NOFOLLOW), 0);
	return (int64_t)status.st_blocks * 512;
}

static struct models_freed drop(const struct room *room, bool dry)
{
	static const int64_t kept[] = {1, 4};
	struct models_freed freed = {0};
	assert_int_equal(run_models_drop(&freed, room->study, &(struct models_rule){6, 2, kept, dry}), 0);
	return freed;
}

static void models_of_others_go_and_what_is_no_model_stays(void **state)
{
	const struct room *room = *state;
	static const char *const folders[] = {
	        "0-0-0", "0-1-0", "1-0-0", "4-0-2", "6-0-0", "12-0-0", "0-0.checkpoint", "2-0", "x-0-0", "3-0-0x"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		put(room, folders[i], "model.pt");
	put(room, "0-0-0", "score.txt");
	assert_int_equal(symlinkat("../1-0-0", room->study, "5-0-0"), 0);
	const int64_t bytes = disk_bytes(room, "0-0-0/model.pt") + disk_bytes(room, "0-1-0/model.pt");
	assert_int_equal(drop(room, true).count, 2);
	assert_true(there(room, "0-0-0/model.pt"));
	struct models_freed freed = drop(room, false);
	assert_int_equal(freed.count, 2);
	assert_int_equal(freed.bytes, bytes);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/model.pt", folders[i]);
		assert_int_equal(there(room, path), i >= 2);
	}
	assert_true(there(room, "0-0-0/score.txt"));
	assert_int_equal(drop(room, false).count, 0);
}

static void folders_of_models_go_as_a_whole_and_links_are_not_followed(void **state)
{
	const struct room *room = *state;
	put(room, "1-0-0", "model");
	put(room, "0-0-0", "notes");
	assert_int_equal(symlinkat("../1-0-0/model", room->study, "0-0-0/model.best"), 0);
	assert_int_equal(mkdirat(room->study, "0-0-0/model", 0700), 0);
	put(room, "0-0-0/model", "weights");
	assert_int_equal(drop(room, false).count, 2);
	assert_false(there(room, "0-0-0/model"));
	assert_false(there(room, "0-0-0/model.best"));
	assert_true(there(room, "1-0-0/model"));
}

static void what_a_program_holds_stays(void **state)
{
	const struct room *room = *state;
	put(room, "0-0-0", "model");
	int held = folder_hold(room->study, "0-0-0");
	assert_int_equal(drop(room, false).count, 0);
	assert_true(there(room, "0-0-0/model"));
	close(held);
	assert_int_equal(drop(room, false).count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(models_of_others_go_and_what_is_no_model_stays, enter, leave),
	        cmocka_unit_test_setup_teardown(
	                folders_of_models_go_as_a_whole_and_links_are_not_followed, enter, leave),
	        cmocka_unit_test_setup_teardown(what_a_program_holds_stays, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
