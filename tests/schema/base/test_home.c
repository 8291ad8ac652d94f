#define _GNU_SOURCE /* setenv, mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/base/home_restored.h"
#include "schema/base/memory.h"

static void the_option_counts_before_the_environment_and_that_before_the_default(void **state)
{
	(void)state;
	setenv("KRE_HOME", "elsewhere", 1);
	assert_string_equal(home_folder("here"), "here");
	assert_string_equal(home_folder(NULL), "elsewhere");
	setenv("KRE_HOME", "", 1);
	assert_string_equal(home_folder(NULL), "kre-runs");
	unsetenv("KRE_HOME");
	assert_string_equal(home_folder(NULL), "kre-runs");
}

static void expect_cache(const char *folder)
{
	struct text found = TEXT_NULL;
	assert_int_equal(home_cache_print(&found), folder != NULL);
	assert_string_equal(text_string(&found), folder ? folder : "");
	text_finish(&found);
}

static void the_cache_is_the_environment_s_else_below_the_user_s(void **state)
{
	char home[256];
	(void)state;
	snprintf(home, sizeof home, "%s", getenv("HOME") ? getenv("HOME") : "");
	setenv("KRE_CACHE", "own", 1);
	setenv("XDG_CACHE_HOME", "/shared", 1);
	setenv("HOME", "/home/kim", 1);
	expect_cache("own");
	unsetenv("KRE_CACHE");
	expect_cache("/shared/kre-search");
	setenv("XDG_CACHE_HOME", "not/absolute", 1);
	expect_cache("/home/kim/.cache/kre-search");
	unsetenv("HOME");
	expect_cache(NULL);
	unsetenv("XDG_CACHE_HOME");
	setenv("HOME", home, 1);
}

/* ---- what was restored ---- */

static char room[32];

static int enter(void **state)
{
	(void)state;
	strcpy(room, "/tmp/kre-home-XXXXXX");
	return mkdtemp(room) ? 0 : -1;
}

static void a_path_is_made_from_where_it_ends_and_stays_as_it_was(void **state)
{
	char path[64], same[64];
	struct stat status;
	(void)state;
	snprintf(path, sizeof path, "%s/a/b/c", room);
	memcpy(same, path, sizeof same);
	assert_int_equal(folder_make_path(path), 0);
	assert_int_equal(folder_make_path(path), 0);
	assert_string_equal(path, same);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISDIR(status.st_mode) && (status.st_mode & 0777) == 0700);
	snprintf(path, sizeof path, "%s/file", room);
	assert_int_equal(file_create_private(path), 0);
	strcat(path, "/below");
	assert_int_equal(folder_make_path(path), -ENOTDIR);
}

static int leave(void **state)
{
	(void)state;
	return folder_remove(AT_FDCWD, room);
}

static const char *in_room(const char *name)
{
	static char path[100];
	snprintf(path, sizeof path, "%s/%s", room, name);
	return path;
}

static void put(const char *name, const char *text)
{
	struct error error = {""};
	assert_int_equal(file_write(in_room(name), text, strlen(text), &error), 0);
}

static void must_have(const char *name, const char *text)
{
	char *bytes = NULL;
	size_t length;
	assert_int_equal(file_read(&bytes, &length, in_room(name), NULL), 0);
	assert_string_equal(bytes, text);
	memory_free(bytes);
}

static void restored(void)
{
	assert_int_equal(mkdir(in_room("restored"), 0700), 0);
	assert_int_equal(mkdir(in_room("restored/keys"), 0700), 0);
	put("restored/keys/1.pem", "key");
	put("restored/trials.db", "trials");
}

static void what_was_restored_gets_to_its_place_whatever_was_moved_before(void **state)
{
	(void)state;
	struct error error = {""};
	assert_false(home_is_restored(room));
	assert_false(home_has_trials(room));
	assert_int_equal(home_settle(room, &error), 0);
	for (int round = 0; round < 2; round++) { /* in the second there are keys already */
		restored();
		put("trials.db-wal", "of another file");
		assert_true(home_is_restored(room) && home_has_trials(room));
		for (int i = 0; i < 2; i++) {
			assert_int_equal(home_settle(room, &error), 0);
			must_have("keys/1.pem", "key");
			must_have("trials.db", "trials");
			assert_int_equal(access(in_room("trials.db-wal"), F_OK), -1);
			assert_true(home_is_restored(room) && home_has_trials(room));
		}
		put("trials.db-wal", "its own");
		assert_int_equal(home_settle(room, &error), 0);
		must_have("trials.db-wal", "its own");
		assert_int_equal(home_forget_restored(room), 0);
		assert_int_equal(home_forget_restored(room), 0);
		assert_false(home_is_restored(room));
		assert_int_equal(unlink(in_room("trials.db")), 0);
	}
}

static void two_trial_files_are_left_as_they_are(void **state)
{
	(void)state;
	struct error error = {""};
	restored();
	put("trials.db", "another");
	assert_int_equal(home_settle(room, &error), -EEXIST);
	assert_non_null(strstr(error.text, "remove one of the two"));
	must_have("trials.db", "another");
	must_have("restored/trials.db", "trials");
}

static void a_home_that_is_not_there_is_a_sentence(void **state)
{
	(void)state;
	struct error error = {""};
	assert_int_equal(home_settle("/nowhere/at/all", &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/at/all"));
	assert_false(home_is_restored("/nowhere/at/all"));
	assert_int_equal(home_forget_restored("/nowhere/at/all"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_cache_is_the_environment_s_else_below_the_user_s),
	        cmocka_unit_test_setup_teardown(a_path_is_made_from_where_it_ends_and_stays_as_it_was, enter, leave),
	        cmocka_unit_test(the_option_counts_before_the_environment_and_that_before_the_default),
	        cmocka_unit_test_setup_teardown(
	                what_was_restored_gets_to_its_place_whatever_was_moved_before, enter, leave),
	        cmocka_unit_test_setup_teardown(two_trial_files_are_left_as_they_are, enter, leave),
	        cmocka_unit_test(a_home_that_is_not_there_is_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
