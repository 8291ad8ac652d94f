#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/base/memory.h"

struct fixture {
	char folder[64], file[96], other[96], part[128];
};

static int setup(void **state)
{
	static struct fixture fixture;
	strcpy(fixture.folder, "/tmp/kre-file-XXXXXX");
	if (!mkdtemp(fixture.folder))
		return -1;
	snprintf(fixture.file, sizeof fixture.file, "%s/file", fixture.folder);
	snprintf(fixture.other, sizeof fixture.other, "%s/other", fixture.folder);
	snprintf(fixture.part, sizeof fixture.part, "%s.%ld.part", fixture.file, (long)getpid());
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	const struct fixture *fixture = *state;
	unlink(fixture->file);
	rmdir(fixture->file);
	unlink(fixture->other);
	unlink(fixture->part);
	return rmdir(fixture->folder);
}

static void must_hold(const char *path, const char *expected)
{
	char *bytes;
	size_t length;
	assert_int_equal(file_read(&bytes, &length, path, NULL), 0);
	assert_int_equal(length, strlen(expected));
	assert_string_equal(bytes, expected);
	memory_free(bytes);
}

static mode_t mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode;
}

static size_t names_in(const char *folder)
{
	size_t count = 0;
	DIR *walk = opendir(folder);
	assert_non_null(walk);
	for (const struct dirent *entry; (entry = readdir(walk));)
		count += entry->d_name[0] != '.';
	closedir(walk);
	return count;
}

static void a_file_is_replaced_whole_and_nothing_else_is_left(void **state)
{
	const struct fixture *fixture = *state;
	assert_int_equal(file_write(fixture->file, "a longer text", 13, NULL), 0);
	must_hold(fixture->file, "a longer text");
	assert_int_equal(file_write(fixture->file, "short", 5, NULL), 0);
	must_hold(fixture->file, "short");
	assert_int_equal(file_write(fixture->file, NULL, 0, NULL), 0);
	must_hold(fixture->file, "");
	assert_int_equal(names_in(fixture->folder), 1);
}

static void a_private_file_is_its_owners_alone_whatever_the_umask(void **state)
{
	const struct fixture *fixture = *state;
	const mode_t before = umask(0);
	assert_int_equal(file_write(fixture->file, "all", 3, NULL), 0);
	assert_int_equal(mode_of(fixture->file) & 0777, 0666);
	assert_int_equal(file_write_private(fixture->file, "mine", 4, NULL), 0);
	assert_int_equal(mode_of(fixture->file) & 0777, 0600);
	assert_int_equal(file_create_private(fixture->other), 0);
	assert_int_equal(mode_of(fixture->other) & 0777, 0600);
	umask(before);
}

static void links_are_not_followed(void **state)
{
	const struct fixture *fixture = *state;
	assert_int_equal(file_write(fixture->other, "untouched", 9, NULL), 0);
	assert_int_equal(symlink(fixture->other, fixture->part), 0);
	assert_int_equal(symlink(fixture->other, fixture->file), 0);
	assert_int_equal(file_create_private(fixture->file), -EEXIST);
	assert_int_equal(file_write_private(fixture->file, "new", 3, NULL), 0);
	assert_true(S_ISREG(mode_of(fixture->file)));
	must_hold(fixture->file, "new");
	must_hold(fixture->other, "untouched");
	assert_int_equal(names_in(fixture->folder), 2);
}

static void what_cannot_be_written_is_told_and_leaves_nothing(void **state)
{
	const struct fixture *fixture = *state;
	struct error error;
	char expected[256];
	assert_int_equal(mkdir(fixture->file, 0700), 0);
	assert_int_equal(file_write(fixture->file, "x", 1, &error), -EISDIR);
	snprintf(expected, sizeof expected, "cannot write %s: Is a directory", fixture->file);
	assert_string_equal(error.text, expected);
	assert_int_equal(file_check_place(fixture->file, &error), -EISDIR);
	assert_string_equal(error.text, expected);
	assert_int_equal(file_check_place(fixture->other, &error), 0);
	assert_int_equal(names_in(fixture->folder), 1);
	snprintf(expected, sizeof expected, "%s/none/file", fixture->folder);
	assert_int_equal(file_check_place(expected, NULL), -ENOENT);
	assert_int_equal(file_write_private(expected, "x", 1, NULL), -ENOENT);
	assert_int_equal(file_create_private(expected), -ENOENT);
}

static void any_lack_of_memory_is_told(void **state)
{
	const struct fixture *fixture = *state;
	long nth = 1;
	for (int rc = -ENOMEM; rc != 0; nth++) {
		memory_fault_after(nth);
		rc = file_write(fixture->file, "x", 1, NULL);
		assert_true(rc == 0 || rc == -ENOMEM);
	}
	memory_fault_after(0);
	assert_true(nth > 2);
	must_hold(fixture->file, "x");
}

/* Puts "piece" so often, and then fails with that. */
struct pieces {
	int count, rc;
};

static int fill(struct sink *out, void *content)
{
	const struct pieces *pieces = content;
	int rc = 0;
	for (int i = 0; rc == 0 && i < pieces->count; i++)
		rc = out->put(out, "piece", 5);
	return rc < 0 ? rc : pieces->rc;
}

static void a_file_of_pieces_replaces_the_other_once_all_are_there(void **state)
{
	const struct fixture *fixture = *state;
	struct error error;
	char expected[256];
	assert_int_equal(file_write_pieces(fixture->file, fill, &(struct pieces){3, 0}, NULL), 0);
	must_hold(fixture->file, "piecepiecepiece");
	assert_int_equal(mode_of(fixture->file) & 0777, 0600);
	assert_int_equal(file_write_pieces(fixture->file, fill, &(struct pieces){2, -ENOSPC}, &error), -ENOSPC);
	snprintf(expected, sizeof expected, "cannot write %s: No space left on device", fixture->file);
	assert_string_equal(error.text, expected);
	must_hold(fixture->file, "piecepiecepiece");
	assert_int_equal(names_in(fixture->folder), 1);
}

/* As a full disk does: some bytes of a piece are written, the rest is not. */
static void a_piece_for_which_there_is_no_room_leaves_the_file_as_it_was(void **state)
{
	const struct fixture *fixture = *state;
	struct rlimit before;
	assert_int_equal(file_write_private(fixture->file, "before", 6, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t most = 0; most < 15; most++) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){most, before.rlim_max}), 0);
		const int rc = file_write_pieces(fixture->file, fill, &(struct pieces){3, 0}, NULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(rc, -EFBIG);
		must_hold(fixture->file, "before");
		assert_int_equal(names_in(fixture->folder), 1);
	}
	signal(SIGXFSZ, SIG_DFL);
}

static void touch(const struct fixture *fixture, const char *suffix)
{
	char path[160];
	snprintf(path, sizeof path, "%s%s", fixture->file, suffix);
	assert_int_equal(file_write(path, "", 0, NULL), 0);
}

static void what_the_dead_were_writing_is_removed_and_nothing_else(void **state)
{
	const struct fixture *fixture = *state;
	char gone[32], ours[32];
	const pid_t dead = fork();
	assert_true(dead >= 0);
	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	snprintf(gone, sizeof gone, ".%ld.part", (long)dead);
	snprintf(ours, sizeof ours, ".%ld.part", (long)getpid());
	const char *const stay[] = {
	        "", ours, ".part", ".0.part", ".-5.part", ".99999999999.part", ".x.part", ".1.parts"};
	touch(fixture, gone);
	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
		touch(fixture, stay[i]);
	file_remove_parts(fixture->file);
	assert_int_equal(names_in(fixture->folder), sizeof stay / sizeof *stay);
	file_remove_parts("/nowhere/at/all");
	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) {
		char path[160];
		snprintf(path, sizeof path, "%s%s", fixture->file, stay[i]);
		assert_int_equal(unlink(path), 0);
	}
}

static void an_open_file_is_read_by_place_and_not_beyond_its_end(void **state)
{
	const struct fixture *fixture = *state;
	struct file_source file;
	struct error error;
	char bytes[8] = "", expected[256];
	assert_int_equal(file_write(fixture->file, "0123456789", 10, NULL), 0);
	assert_int_equal(file_source_open(&file, fixture->file, NULL), 0);
	assert_int_equal(file.source.length, 10);
	assert_int_equal(file.source.read(&file.source, bytes, 4, 6), 0);
	assert_string_equal(bytes, "456789");
	assert_int_equal(file.source.read(&file.source, bytes, 10, 0), 0);
	assert_int_equal(file.source.read(&file.source, bytes, 5, 6), -EINVAL);
	assert_int_equal(file.source.read(&file.source, bytes, 11, 1), -EINVAL);
	file_source_close(&file);
	assert_int_equal(file_source_open(&file, fixture->folder, NULL), 0);
	assert_int_equal(file.source.read(&file.source, bytes, 0, 1), -EISDIR);
	file_source_close(&file);
	assert_int_equal(file_source_open(&file, fixture->other, &error), -ENOENT);
	snprintf(expected, sizeof expected, "cannot open %s: No such file or directory", fixture->other);
	assert_string_equal(error.text, expected);
}

static void bytes_in_memory_are_read_likewise(void **state)
{
	(void)state;
	struct bytes_source source = bytes_source("0123", 4), none = bytes_source(NULL, 0);
	char bytes[4] = "";
	assert_int_equal(source.source.read(&source.source, bytes, 1, 3), 0);
	assert_memory_equal(bytes, "123", 3);
	assert_int_equal(source.source.read(&source.source, bytes, 4, 0), 0);
	assert_int_equal(source.source.read(&source.source, bytes, 2, 3), -EINVAL);
	assert_int_equal(source.source.read(&source.source, bytes, 5, 0), -EINVAL);
	assert_int_equal(none.source.read(&none.source, bytes, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_and_nothing_else_is_left, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_private_file_is_its_owners_alone_whatever_the_umask, setup, teardown),
	        cmocka_unit_test_setup_teardown(links_are_not_followed, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_and_leaves_nothing, setup, teardown),
	        cmocka_unit_test_setup_teardown(
	                a_file_of_pieces_replaces_the_other_once_all_are_there, setup, teardown),
	        cmocka_unit_test_setup_teardown(
	                a_piece_for_which_there_is_no_room_leaves_the_file_as_it_was, setup, teardown),
	        cmocka_unit_test_setup_teardown(
	                what_the_dead_were_writing_is_removed_and_nothing_else, setup, teardown),
	        cmocka_unit_test_setup_teardown(an_open_file_is_read_by_place_and_not_beyond_its_end, setup, teardown),
	        cmocka_unit_test(bytes_in_memory_are_read_likewise),
	        cmocka_unit_test_setup_teardown(any_lack_of_memory_is_told, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
