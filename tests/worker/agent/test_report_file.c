#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker/agent/report_file.h"

/* A file in a folder of its own, and what was heard of it: "a;b". */
struct stage {
	char folder[40], path[60], spare[60];
	struct report_file file;
	struct text heard;
	int64_t second; /* of the next change */
};

static int open_stage(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	strcpy(stage->folder, "/tmp/report-file-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	snprintf(stage->path, sizeof stage->path, "%s/score", stage->folder);
	snprintf(stage->spare, sizeof stage->spare, "%s/spare", stage->folder);
	report_file_init(&stage->file, stage->path);
	*state = stage;
	return 0;
}

static int close_stage(void **state)
{
	struct stage *stage = *state;
	report_file_finish(&stage->file);
	text_finish(&stage->heard);
	unlink(stage->path);
	rmdir(stage->folder);
	free(stage);
	return 0;
}

static void hear(void *context, const char *text)
{
	struct text *heard = context;
	text_printf(heard, "%s%s", heard->length ? ";" : "", text);
}

/* Every change has a time of its own, however quick the test is. */
static void write_as(struct stage *stage, const char *path, const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	const struct timespec times[2] = {{1000, 0}, {1000 + ++stage->second, 0}};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void must_hear(struct stage *stage, bool last, const char *expected)
{
	text_clear(&stage->heard);
	report_file_look(&stage->file, last, hear, &stage->heard);
	assert_string_equal(text_string(&stage->heard), expected);
}

static void a_file_that_grows_is_heard_line_by_line(void **state)
{
	struct stage *stage = *state;
	must_hear(stage, false, "");
	assert_non_null(strstr(stage->file.trouble.text, "score was never there"));
	write_as(stage, stage->path, "w", "a\nb\n");
	must_hear(stage, false, "a;b");
	must_hear(stage, false, "");
	write_as(stage, stage->path, "a", "c\nha");
	must_hear(stage, false, "c");
	write_as(stage, stage->path, "a", "lf\n");
	must_hear(stage, false, "half");
	must_hear(stage, true, "");
}

static void a_file_that_is_written_anew_is_heard_anew(void **state)
{
	struct stage *stage = *state;
	write_as(stage, stage->path, "w", "0.3012\n");
	must_hear(stage, false, "0.3012");
	write_as(stage, stage->path, "w", "0.5023\n");
	must_hear(stage, false, "0.5023");
	write_as(stage, stage->path, "w", "0.5023\n");
	must_hear(stage, false, "0.5023");
	write_as(stage, stage->path, "w", "");
	must_hear(stage, false, "");
	write_as(stage, stage->path, "w", "0.7\n");
	must_hear(stage, true, "0.7");
}

static void a_file_that_replaces_it_is_heard(void **state)
{
	struct stage *stage = *state;
	write_as(stage, stage->path, "w", "{\"f1\": 1}");
	must_hear(stage, false, "{\"f1\": 1}");
	write_as(stage, stage->spare, "w", "{\"f1\": 2}");
	assert_int_equal(rename(stage->spare, stage->path), 0);
	must_hear(stage, false, "{\"f1\": 2}");
	must_hear(stage, true, "");
}

static void a_line_without_an_end_is_heard_when_it_stays(void **state)
{
	struct stage *stage = *state;
	write_as(stage, stage->path, "w", "0.80");
	must_hear(stage, false, "");
	assert_true(stage->file.half);
	write_as(stage, stage->path, "a", "45");
	must_hear(stage, false, "");
	must_hear(stage, false, "0.8045");
	must_hear(stage, false, "");
	write_as(stage, stage->path, "w", "0.9");
	must_hear(stage, true, "0.9");
	must_hear(stage, true, "");
}

static void json_may_take_several_lines(void **state)
{
	struct stage *stage = *state;
	write_as(stage, stage->path, "w", "\xef\xbb\xbf{\n  \"f1\": 0.5,\n");
	must_hear(stage, false, "");
	assert_non_null(strstr(stage->file.trouble.text, "is no whole JSON"));
	write_as(stage, stage->path, "a", "  \"loss\": 2\n}\n");
	must_hear(stage, false, "{\n  \"f1\": 0.5,\n  \"loss\": 2\n}\n");
	assert_string_equal(stage->file.trouble.text, "");
}

static void json_lines_and_lists_are_heard_item_by_item(void **state)
{
	struct stage *stage = *state;
	write_as(stage, stage->path, "w", "{\"f1\":1}\n");
	must_hear(stage, false, "{\"f1\":1}\n");
	write_as(stage, stage->path, "w", "{\"f1\":1}\n{\"f1\":2}\n");
	must_hear(stage, false, "{\"f1\":2}");
	write_as(stage, stage->path, "w", "[{\"f1\":3},\n {\"f1\":4}]");
	must_hear(stage, false, "{\"f1\":3};{\"f1\":4}");
	write_as(stage, stage->path, "w", "[{\"f1\":3},\n {\"f1\":4},\n {\"f1\":5}]");
	must_hear(stage, false, "{\"f1\":5}");
}

static void what_is_no_file_or_too_large_is_not_read(void **state)
{
	struct stage *stage = *state;
	struct report_file device;
	report_file_init(&device, "/dev/zero");
	report_file_look(&device, true, hear, &stage->heard);
	assert_string_equal(device.trouble.text, "/dev/zero is no regular file");
	report_file_finish(&device);
	assert_int_equal(mkfifo(stage->path, 0600), 0);
	must_hear(stage, true, "");
	assert_non_null(strstr(stage->file.trouble.text, "is no regular file"));
	unlink(stage->path);
	write_as(stage, stage->path, "w", "x");
	assert_int_equal(truncate(stage->path, (off_t)REPORT_FILE_MAX_BYTES + 1), 0);
	must_hear(stage, true, "");
	assert_non_null(strstr(stage->file.trouble.text, "is larger than 16 MiB"));
}

#define sentence(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        sentence(a_file_that_grows_is_heard_line_by_line),
	        sentence(a_file_that_is_written_anew_is_heard_anew),
	        sentence(a_file_that_replaces_it_is_heard),
	        sentence(a_line_without_an_end_is_heard_when_it_stays),
	        sentence(json_may_take_several_lines),
	        sentence(json_lines_and_lists_are_heard_item_by_item),
	        sentence(what_is_no_file_or_too_large_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
