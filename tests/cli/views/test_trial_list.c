#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/views/trial_csv.h"
#include "cli/views/trial_list.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static void csv_quotes_what_must_be_quoted_and_keeps_columns_apart(void **state)
{
	static const char first[] = "{\"params\":{\"lr\":0.1,\"note\":\"a,\\\"b\\\"\"}}",
	                  second[] = "{\"params\":{\"n\":{\"k\":2}}}";
	cJSON *one = json_parse(first, strlen(first), NULL), *two = json_parse(second, strlen(second), NULL);
	struct trial_row rows[] = {
	        {0, 0.5, 1.25, 3, 0.4, "COMPLETE", "2026-01-01T00:00:00.000Z", "w", "", one},
	        {1, (double)NAN, (double)NAN, -1, (double)NAN, "FAIL", "", "일꾼", "died\nhere", two},
	};
	struct trial_list list = {.count = 2, .rows = rows};
	struct text text = TEXT_NULL;
	(void)state;
	trial_csv_append(&list, &text);
	assert_string_equal(text_string(&text),
	        "number,state,value,duration_s,last_step,last_value,started,worker,reason,params_lr,params_note,params_"
	        "n.k\r\n"
	        "0,COMPLETE,0.5,1.25,3,0.4,2026-01-01T00:00:00.000Z,w,,0.1,\"a,\"\"b\"\"\",\r\n"
	        "1,FAIL,,,,,,일꾼,\"died\nhere\",,,2\r\n");
	text_finish(&text);
	cJSON_Delete(one);
	cJSON_Delete(two);
}

static void a_table_for_which_memory_ends_is_told_to_have_failed(void **state)
{
	static const char params[] = "{\"params\":{\"lr\":0.1,\"n\":{\"k\":2}}}";
	cJSON *json = json_parse(params, strlen(params), NULL);
	struct trial_row rows[] = {{0, 0.5, 1.25, 3, 0.4, "COMPLETE", "2026-01-01T00:00:00.000Z", "w", "", json}};
	struct trial_list list = {.count = 1, .rows = rows};
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
	cJSON_Delete(json);
}

static void the_best_come_first_and_pruned_trials_never_lead(void **state)
{
	struct trial_row rows[] = {
	        {.number = 0, .value = 0.2, .state = "COMPLETE"},
	        {.number = 1, .value = 0.9, .state = "PRUNED"},
	        {.number = 2, .value = 0.7, .state = "COMPLETE"},
	        {.number = 3, .value = 0.7, .state = "COMPLETE"},
	        {.number = 4, .value = (double)NAN, .state = "RUNNING"},
	};
	static const double largest[] = {2, 3, 0, 1, 4}, smallest[] = {0, 2, 3, 1, 4};
	struct trial_list list = {.count = 5, .rows = rows};
	(void)state;
	trial_list_sort(&list, ORDER_BEST, true);
	for (size_t i = 0; i < 5; i++)
		assert_true(rows[i].number == largest[i]);
	trial_list_sort(&list, ORDER_BEST, false);
	for (size_t i = 0; i < 5; i++)
		assert_true(rows[i].number == smallest[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(csv_quotes_what_must_be_quoted_and_keeps_columns_apart),
	        cmocka_unit_test(a_table_for_which_memory_ends_is_told_to_have_failed),
	        cmocka_unit_test(the_best_come_first_and_pruned_trials_never_lead),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
