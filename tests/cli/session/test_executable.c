#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session/executable.h"
#include "cli/session/first_line.h"

/* A file in the folder at hand. */
static void write_file(const char *name, const char *bytes, size_t length, mode_t mode)
{
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, length), (ssize_t)length);
	close(file);
}

static int in_new_folder(void **state)
{
	static char folder[] = "/tmp/kre-executable-XXXXXX";
	(void)state;
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	mkdir("one", 0700);
	mkdir("two", 0700);
	mkdir("one/tool", 0700);
	write_file("one/forbidden", "", 0, 0600);
	write_file("two/tool", "", 0, 0700);
	write_file("two/forbidden", "", 0, 0600);
	write_file("two/both", "", 0, 0700);
	write_file("one/both", "", 0, 0600);
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {
	        "one/tool", "one/forbidden", "one/both", "two/tool", "two/forbidden", "two/both", "one", "two", "line"};
	char folder[64];
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove(names[i]);
	return getcwd(folder, sizeof folder) ? rmdir(folder) : -1;
}

/* The path found, or what stands in its way. */
static const char *found(struct arena *arena, const char *path_variable, const char *name)
{
	const char *path = "?";
	setenv("PATH", path_variable, 1);
	int rc = executable_find(&path, arena, name);
	return rc == 0 ? path : rc == -ENOENT ? "absent" : rc == -EACCES ? "forbidden" : rc == -EISDIR ? "folder" : "?";
}

static void folders_and_what_may_not_run_are_passed_over(void **state)
{
	struct arena arena = ARENA_NULL;
	(void)state;
	assert_string_equal(found(&arena, "one:two", "tool"), "two/tool");
	assert_string_equal(found(&arena, "one:two", "both"), "two/both");
	assert_string_equal(found(&arena, "one:two", "forbidden"), "forbidden");
	assert_string_equal(found(&arena, "one", "tool"), "absent");
	assert_string_equal(found(&arena, "", "tool"), "absent");
	assert_string_equal(found(&arena, "one:two", ""), "absent");
	arena_finish(&arena);
}

static void an_empty_part_of_path_is_the_folder_at_hand(void **state)
{
	struct arena arena = ARENA_NULL;
	(void)state;
	write_file("line", "", 0, 0700);
	assert_string_equal(found(&arena, "one:", "line"), "./line");
	assert_string_equal(found(&arena, ":one", "line"), "./line");
	assert_string_equal(found(&arena, "one::two", "line"), "./line");
	assert_string_equal(found(&arena, "one:two", "line"), "absent");
	arena_finish(&arena);
	remove("line");
}

static void a_name_with_a_slash_is_looked_at_itself(void **state)
{
	struct arena arena = ARENA_NULL;
	(void)state;
	assert_string_equal(found(&arena, "", "two/tool"), "two/tool");
	assert_string_equal(found(&arena, "two", "./tool"), "absent");
	assert_string_equal(found(&arena, "two", "one/tool"), "folder");
	assert_string_equal(found(&arena, "two", "one/both"), "forbidden");
	arena_finish(&arena);
}

static void first_lines_are_read_as_linux_reads_them(void **state)
{
	static const struct {
		const char *bytes, *interpreter, *argument;
		bool carriage_return;
	} lines[] = {
	        {"#!/bin/sh\n", "/bin/sh", NULL, false},
	        {"#!  /bin/sh \t -e -u \t\nx", "/bin/sh", "-e -u", false},
	        {"#!/usr/bin/env python3", "/usr/bin/env", "python3", false},
	        {"#!/bin/sh\r\n", "/bin/sh", NULL, true},
	        {"#!/usr/bin/env python3 \r\n", "/usr/bin/env", "python3", true},
	        {"#!\n", "", NULL, false},
	        {" #!/bin/sh\n", NULL, NULL, false},
	        {"#", NULL, NULL, false},
	        {"", NULL, NULL, false},
	};
	struct arena arena = ARENA_NULL;
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct first_line line;
		write_file("line", lines[i].bytes, strlen(lines[i].bytes), 0700);
		assert_int_equal(first_line_read(&line, &arena, "line"), 0);
		assert_int_equal(!line.interpreter, !lines[i].interpreter);
		assert_int_equal(!line.argument, !lines[i].argument);
		if (line.interpreter)
			assert_string_equal(line.interpreter, lines[i].interpreter);
		if (line.argument)
			assert_string_equal(line.argument, lines[i].argument);
		assert_int_equal(line.carriage_return, lines[i].carriage_return);
		assert_false(line.binary);
	}
	arena_finish(&arena);
	remove("line");
}

static void a_long_line_is_cut_and_bytes_that_no_text_has_are_seen(void **state)
{
	struct arena arena = ARENA_NULL;
	struct first_line line;
	char bytes[400];
	(void)state;
	memset(bytes, 'x', sizeof bytes);
	memcpy(bytes, "#!", 2);
	write_file("line", bytes, sizeof bytes, 0700);
	assert_int_equal(first_line_read(&line, &arena, "line"), 0);
	assert_int_equal(strlen(line.interpreter), 253);
	write_file("line", "\177ELF\0\0", 6, 0700);
	assert_int_equal(first_line_read(&line, &arena, "line"), 0);
	assert_true(line.binary && !line.interpreter);
	arena_finish(&arena);
	remove("line");
}

static void a_pipe_or_nothing_at_all_has_no_first_line(void **state)
{
	struct arena arena = ARENA_NULL;
	struct first_line line;
	(void)state;
	assert_int_equal(mkfifo("line", 0600), 0);
	assert_int_equal(first_line_read(&line, &arena, "line"), 0);
	assert_null(line.interpreter);
	remove("line");
	assert_int_equal(first_line_read(&line, &arena, "line"), 0);
	assert_null(line.interpreter);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(folders_and_what_may_not_run_are_passed_over),
	        cmocka_unit_test(an_empty_part_of_path_is_the_folder_at_hand),
	        cmocka_unit_test(a_name_with_a_slash_is_looked_at_itself),
	        cmocka_unit_test(first_lines_are_read_as_linux_reads_them),
	        cmocka_unit_test(a_long_line_is_cut_and_bytes_that_no_text_has_are_seen),
	        cmocka_unit_test(a_pipe_or_nothing_at_all_has_no_first_line),
	};
	return cmocka_run_group_tests(tests, in_new_folder, remove_folder);
}
