#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/agent/heard_metrics.h"

static void must_note(struct heard_metrics *heard, int64_t step, const char *name, double value)
{
	const struct metric_value item = {name, value};
	assert_int_equal(heard_metrics_note(heard, step, &(struct run_metrics){1, &item}), 0);
}

static struct metric_range range_of(const struct heard_metrics *heard, const char *name)
{
	for (size_t i = 0; i < heard->count; i++)
		if (strcmp(heard->items[i].range.name, name) == 0)
			return heard->items[i].range;
	fail_msg("%s was not heard", name);
	return (struct metric_range){0};
}

static void the_best_both_ways_and_the_last_by_step_are_kept(void **state)
{
	(void)state;
	struct heard_metrics heard = {0};
	must_note(&heard, 0, "f1", 0.5);
	must_note(&heard, 0, "loss", 3);
	must_note(&heard, 2, "f1", 0.25);
	must_note(&heard, 1, "f1", 0.75);
	struct metric_range f1 = range_of(&heard, "f1"), loss = range_of(&heard, "loss");
	assert_true(f1.least == 0.25 && f1.greatest == 0.75 && f1.last == 0.25);
	assert_true(loss.least == 3 && loss.greatest == 3 && loss.last == 3);
	heard_metrics_finish(&heard);
}

static void what_is_no_number_is_the_last_but_never_the_best(void **state)
{
	(void)state;
	struct heard_metrics heard = {0};
	must_note(&heard, 0, "f1", NAN);
	assert_true(isnan(range_of(&heard, "f1").greatest));
	must_note(&heard, 1, "f1", 0.5);
	must_note(&heard, 2, "f1", NAN);
	struct metric_range f1 = range_of(&heard, "f1");
	assert_true(f1.least == 0.5 && f1.greatest == 0.5 && isnan(f1.last));
	heard_metrics_finish(&heard);
}

static void there_is_an_end_to_names(void **state)
{
	(void)state;
	struct heard_metrics heard = {0};
	char name[400];
	for (int i = 0; i < HEARD_METRICS_MAX + 10; i++) {
		snprintf(name, sizeof name, "m%d", i);
		must_note(&heard, 0, name, i);
	}
	assert_int_equal(heard.count, HEARD_METRICS_MAX);
	heard_metrics_finish(&heard);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	must_note(&heard, 0, name, 1);
	assert_int_equal(heard.count, 0);
}

static void a_result_tells_of_them(void **state)
{
	(void)state;
	struct heard_metrics heard = {0};
	struct arena arena = ARENA_NULL;
	struct tell_request tell = {0};
	must_note(&heard, 0, "f1", 0.5);
	assert_int_equal(heard_metrics_tell(&tell, &heard, &arena), 0);
	heard_metrics_finish(&heard);
	assert_int_equal(tell.heard.count, 1);
	assert_string_equal(tell.heard.items[0].name, "f1");
	assert_true(tell.heard.items[0].last == 0.5);
	arena_finish(&arena);
}

static void lack_of_memory_is_said(void **state)
{
	(void)state;
	struct heard_metrics heard = {0};
	const struct metric_value item = {"f1", 1};
	memory_fault_after(1);
	assert_int_equal(heard_metrics_note(&heard, 0, &(struct run_metrics){1, &item}), -ENOMEM);
	memory_fault_after(0);
	heard_metrics_finish(&heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_best_both_ways_and_the_last_by_step_are_kept),
	        cmocka_unit_test(what_is_no_number_is_the_last_but_never_the_best),
	        cmocka_unit_test(there_is_an_end_to_names),
	        cmocka_unit_test(a_result_tells_of_them),
	        cmocka_unit_test(lack_of_memory_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
