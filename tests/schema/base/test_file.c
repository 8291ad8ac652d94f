#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	assert_int_equal(names_in(fixture->folder), 1);
	snprintf(expected, sizeof expected, "%s/none/file", fixture->folder);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_file_is_replaced_whole_and_nothing_else_is_left, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_private_file_is_its_owners_alone_whatever_the_umask, setup, teardown),
	        cmocka_unit_test_setup_teardown(links_are_not_followed, setup, teardown),
	        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_and_leaves_nothing, setup, teardown),
	        cmocka_unit_test_setup_teardown(any_lack_of_memory_is_told, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
