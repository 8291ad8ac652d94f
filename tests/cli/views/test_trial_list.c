#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "cli/views/trial_csv.h"
#include "cli/views/trial_list.h"
#include "schema/base/memory.h"

static void csv_quotes_what_must_be_quoted_and_keeps_columns_apart(void **state)
{
	static const double half = 0.5;
	struct trial_summary trials[] = {
	        {.number = 0,
	                .state = TRIAL_COMPLETE,
	                .values = {1, &half},
	                .params = "{\"lr\":0.1,\"note\":\"a,\\\"b\\\"\"}",
	                .duration_s = 1.25,
	                .last_step = 3,
	                .last_value = 0.4,
	                .violation = 2.5,
	                .worker = "w",
	                .reason = ""},
	        {.number = 1,
	                .state = TRIAL_FAILED,
	                .params = "{\"n\":{\"k\":2}}",
	                .duration_s = (double)NAN,
	                .last_step = -1,
	                .last_value = (double)NAN,
	                .violation = (double)NAN,
	                .worker = "일꾼",
	                .reason = "died\nhere"},
	};
	assert_true(walltime_parse(&trials[0].started, "2026-01-01T00:00:00.000Z"));
	struct trial_list list = {.count = 2, .trials = trials, .constants = "{}"};
	struct text text = TEXT_NULL;
	(void)state;
	trial_csv_append(&list, &text);
	assert_string_equal(text_string(&text),
	        "number,state,value,duration_s,last_step,last_value,violation,started,worker,reason,params_lr,params_"
	        "note,params_"
	        "n.k\r\n"
	        "0,COMPLETE,0.5,1.25,3,0.4,2.5,2026-01-01T00:00:00.000Z,w,,0.1,\"a,\"\"b\"\"\",\r\n"
	        "1,FAIL,,,,,,,일꾼,\"died\nhere\",,,2\r\n");
	text_finish(&text);
}

static void a_table_for_which_memory_ends_is_told_to_have_failed(void **state)
{
	static const double half = 0.5;
	struct trial_summary trial = {.state = TRIAL_COMPLETE,
	        .values = {1, &half},
	        .params = "{\"lr\":0.1,\"n\":{\"k\":2}}",
	        .worker = "w",
	        .reason = ""};
	struct trial_list list = {.count = 1, .trials = &trial, .constants = "{}"};
	cJSON_Hooks counted = {memory_hook_malloc, memory_free};
	(void)state;
	cJSON_InitHooks(&counted);
	for (long nth = 1, happened = 1; happened; nth++) {
		struct text text = TEXT_NULL;
		memory_fault_after(nth);
		trial_csv_append(&list, &text);
		happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(text.failed, happened);
		text_finish(&text);
	}
	cJSON_InitHooks(NULL);
}

static void the_best_come_first_then_the_nearest_and_pruned_trials_never_lead(void **state)
{
	static const double values[] = {0.2, 0.9, 0.7, 5};
	struct trial_summary trials[] = {
	        {.number = 0, .values = {1, &values[0]}, .state = TRIAL_COMPLETE},
	        {.number = 1, .values = {1, &values[1]}, .state = TRIAL_PRUNED},
	        {.number = 2, .values = {1, &values[2]}, .state = TRIAL_COMPLETE},
	        {.number = 3, .values = {1, &values[2]}, .state = TRIAL_COMPLETE},
	        {.number = 4, .state = TRIAL_RUNNING},
	        {.number = 5, .values = {1, &values[3]}, .state = TRIAL_COMPLETE, .violation = 2},
	        {.number = 6, .values = {1, &values[0]}, .state = TRIAL_COMPLETE, .violation = 1},
	        {.number = 7, .values = {1, &values[1]}, .state = TRIAL_COMPLETE, .violation = 2},
	};
	static const int64_t largest[] = {2, 3, 0, 6, 5, 7, 1, 4}, smallest[] = {0, 2, 3, 6, 7, 5, 1, 4};
	struct trial_list list = {.count = 8, .trials = trials};
	(void)state;
	trial_list_sort(&list, ORDER_BEST, MAXIMIZE);
	for (size_t i = 0; i < list.count; i++)
		assert_true(trials[i].number == largest[i]);
	trial_list_sort(&list, ORDER_BEST, MINIMIZE);
	for (size_t i = 0; i < list.count; i++)
		assert_true(trials[i].number == smallest[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(csv_quotes_what_must_be_quoted_and_keeps_columns_apart),
	        cmocka_unit_test(a_table_for_which_memory_ends_is_told_to_have_failed),
	        cmocka_unit_test(the_best_come_first_then_the_nearest_and_pruned_trials_never_lead),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
