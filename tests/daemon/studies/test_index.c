/* The small nouns of the room: indexes, curves, leases, workers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/studies/curve.h"
#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/workers.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

static void an_index_finds_what_was_put_in_any_order(void **state)
{
	(void)state;
	enum { COUNT = 500 };
	struct index index = {0};
	size_t keys[COUNT];
	int things[COUNT];
	struct rng rng;
	rng_init(&rng, 1, 2);
	for (size_t i = 0; i < COUNT; i++)
		keys[i] = i;
	rng_shuffle(&rng, keys, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(index_insert(&index, (int64_t)keys[i] * 2, &things[keys[i]]), 0);
	for (size_t i = 0; i < COUNT; i++) {
		assert_ptr_equal(index_find(&index, (int64_t)i * 2), &things[i]);
		assert_null(index_find(&index, (int64_t)i * 2 + 1));
		assert_int_equal(index_place(&index, (int64_t)i * 2 - 1), i);
	}
	index_finish(&index);
}

static bool is_one_of(const void *item, const void *context)
{
	const int *first = context, *thing = item;
	return thing >= first && thing < first + 2;
}

static void equal_keys_stay_in_order_and_leave_one_by_one(void **state)
{
	(void)state;
	struct index index = {0};
	int things[4];
	for (int i = 0; i < 4; i++)
		assert_int_equal(index_insert(&index, 7, &things[i]), 0);
	assert_ptr_equal(index_find(&index, 7), &things[0]);
	index_remove(&index, 7, &things[1]);
	index_remove(&index, 8, &things[0]);
	assert_int_equal(index.count, 3);
	assert_ptr_equal(index.entries[1].item, &things[2]);
	index_filter(&index, is_one_of, things);
	assert_int_equal(index.count, 2);
	assert_ptr_equal(index.entries[0].item, &things[2]);
	index_finish(&index);
}

static void an_index_without_memory_stays_as_it_was(void **state)
{
	(void)state;
	struct index index = {0};
	int thing;
	memory_fault_after(1);
	assert_true(index_insert(&index, 1, &thing) < 0);
	memory_fault_after(0);
	assert_int_equal(index.count, 0);
	assert_int_equal(index_insert(&index, 1, &thing), 0);
	index_finish(&index);
}

static void a_curve_is_in_step_order_whatever_the_order_of_reports(void **state)
{
	(void)state;
	const int64_t steps[] = {5, 1, 3, 9, 0};
	struct curve curve = {0};
	double value;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(curve_put(&curve, steps[i], (double)steps[i] / 10), 0);
	for (size_t i = 1; i < curve.count; i++)
		assert_true(curve.points[i - 1].step < curve.points[i].step);
	assert_true(curve_get(&value, &curve, 3));
	assert_true(value == 0.3);
	assert_false(curve_get(&value, &curve, 4));
	assert_false(curve_get(NULL, &curve, 10));
	curve_finish(&curve);
}

static void the_lease_that_ends_first_is_due_first_and_renewal_puts_it_off(void **state)
{
	(void)state;
	struct leases leases = {.life_ms = 100};
	struct heap_node a = {0}, b = {0};
	assert_int_equal(leases_deadline(&leases).ms, INT64_MAX);
	assert_int_equal(lease_start(&leases, &a, (struct monotime){100}), 0);
	assert_int_equal(lease_start(&leases, &b, (struct monotime){150}), 0);
	assert_null(lease_due(&leases, (struct monotime){99}));
	assert_ptr_equal(lease_due(&leases, (struct monotime){100}), &a);
	lease_renew(&leases, &a, (struct monotime){90});
	assert_int_equal(leases_deadline(&leases).ms, 150);
	assert_ptr_equal(lease_due(&leases, (struct monotime){500}), &b);
	lease_end(&leases, &b);
	lease_end(&leases, &b);
	assert_int_equal(leases_deadline(&leases).ms, 190);
	leases_finish(&leases);
}

static void the_workers_list_knows_a_worker_again_by_name(void **state)
{
	(void)state;
	struct workers workers = {0};
	struct worker *a, *b, *again;
	assert_int_equal(workers_join(&a, &workers, "a"), 0);
	assert_int_equal(workers_join(&b, &workers, "b"), 0);
	assert_int_equal(workers_join(&again, &workers, "a"), 0);
	assert_ptr_equal(a, again);
	assert_ptr_not_equal(a, b);
	workers_finish(&workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_index_finds_what_was_put_in_any_order),
	        cmocka_unit_test(equal_keys_stay_in_order_and_leave_one_by_one),
	        cmocka_unit_test(an_index_without_memory_stays_as_it_was),
	        cmocka_unit_test(a_curve_is_in_step_order_whatever_the_order_of_reports),
	        cmocka_unit_test(the_lease_that_ends_first_is_due_first_and_renewal_puts_it_off),
	        cmocka_unit_test(the_workers_list_knows_a_worker_again_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
