#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/views/trial_report.h"

static void escapes_in_labels_do_not_reach_the_terminal(void **state)
{
	const struct class_score classes[] = {{.label = "per\033[2J", .support = 3}, {.label = "org", .support = 1}};
	const struct confusion_cell cells[] = {{"per\033[2J", "org\xc2\x9b", 2}, {"org", "per\033[2J", 1}};
	const struct run_summary run = {.state = RUN_COMPLETE,
	        .tables = {.class_count = 2, .classes = classes, .cell_count = 2, .cells = cells}};
	const struct trial_detail trial = {.runs = {1, &run}};
	char *bytes = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&bytes, &length);
	const struct output output = {.results = stream, .remarks = stream, .width = SIZE_MAX};
	(void)state;
	trial_report_print_classes(&trial, &output);
	fclose(stream);
	assert_non_null(strstr(bytes, "   2 × per [2J taken for org \n"));
	assert_null(strchr(bytes, '\033'));
	assert_null(strstr(bytes, "\xc2\x9b"));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(escapes_in_labels_do_not_reach_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
