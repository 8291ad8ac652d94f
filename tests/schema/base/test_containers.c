#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "schema/base/arena.h"
#include "schema/base/clock.h"
#include "schema/base/heap.h"
#include "schema/base/duration_counts.h"
#include "schema/base/list.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

static void arena_pieces_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena arena = ARENA_NULL;
	for (size_t size = 0; size < 9000; size += 37) {
		unsigned char *piece = arena_alloc(&arena, size);
		assert_non_null(piece);
		assert_int_equal((uintptr_t)piece % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xaa, size);
	}
	assert_string_equal(arena_printf(&arena, "%d-%s", 7, "seven"), "7-seven");
	assert_null(arena_alloc(&arena, SIZE_MAX - 5));
	arena_finish(&arena);
	arena_finish(&arena);
}

static void the_heap_gives_elements_in_order_and_ties_as_they_came(void **state)
{
	(void)state;
	enum { COUNT = 500 };
	static struct heap_node nodes[COUNT];
	struct heap heap = HEAP_NULL;
	struct rng rng;
	rng_init(&rng, 3, 3);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(heap_insert(&heap, memset(&nodes[i], 0, sizeof *nodes)), 0);
	for (int i = 0; i < COUNT; i++)
		heap_move(&heap, &nodes[i], (int64_t)rng_below(&rng, 50));
	for (int i = 0; i < COUNT; i += 3)
		heap_remove(&heap, &nodes[i]);
	heap_remove(&heap, &nodes[0]);
	const struct heap_node *last = NULL;
	size_t seen = 0;
	for (struct heap_node *first; (first = heap_first(&heap)); seen++) {
		if (last)
			assert_true(
			        first->key > last->key || (first->key == last->key && first->serial > last->serial));
		last = first;
		heap_remove(&heap, first);
		assert_int_equal(first->index, 0);
	}
	assert_int_equal(seen, COUNT - (COUNT + 2) / 3);
	heap_finish(&heap);
}

static void a_heap_without_memory_stays_as_it_was(void **state)
{
	(void)state;
	struct heap heap = HEAP_NULL;
	struct heap_node node = {.key = 1};
	memory_fault_after(1);
	assert_int_equal(heap_insert(&heap, &node), -ENOMEM);
	memory_fault_after(0);
	assert_null(heap_first(&heap));
	assert_int_equal(node.index, 0);
	assert_int_equal(heap_insert(&heap, &node), 0);
	heap_finish(&heap);
}

struct element {
	int number;
	struct list_link link;
};

static void a_list_may_lose_elements_while_walked(void **state)
{
	(void)state;
	struct list list;
	struct element elements[5] = {{0}};
	struct list_link *at, *following;
	int sum = 0;
	list_init(&list);
	assert_true(list_empty(&list));
	for (int i = 0; i < 5; i++) {
		elements[i].number = i;
		list_append(&list, &elements[i].link);
	}
	list_each (at, following, &list) {
		struct element *element = list_entry(at, struct element, link);
		sum = sum * 10 + element->number;
		if (element->number % 2)
			list_remove(at);
	}
	assert_int_equal(sum, 1234);
	list_remove(&elements[1].link);
	list_each (at, following, &list)
		list_remove(at);
	assert_true(list_empty(&list));
}

static void dates_survive_both_written_forms(void **state)
{
	(void)state;
	static const int64_t times_us[] = {1, 1767225600000000, 951827696123456, 4102444799999999, 1709164800500000};
	char sql[WALLTIME_TEXT_BYTES], iso[WALLTIME_TEXT_BYTES];
	for (size_t i = 0; i < sizeof times_us / sizeof *times_us; i++) {
		struct walltime back;
		walltime_sql((struct walltime){times_us[i]}, sql);
		assert_true(walltime_parse(&back, sql));
		assert_true(back.us == times_us[i]);
		walltime_iso((struct walltime){times_us[i]}, iso);
		assert_true(walltime_parse(&back, iso));
		assert_true(back.us == times_us[i] / 1000 * 1000);
	}
	walltime_sql((struct walltime){1709164800500000}, sql);
	assert_string_equal(sql, "2024-02-29 00:00:00.500000");
	walltime_iso((struct walltime){1709164800500000}, iso);
	assert_string_equal(iso, "2024-02-29T00:00:00.500Z");
	walltime_sql((struct walltime){-1}, sql);
	assert_string_equal(sql, "1969-12-31 23:59:59.999999");
	walltime_sql((struct walltime){INT64_C(-62162035200000001)}, sql);
	assert_string_equal(sql, "0000-02-29 23:59:59.999999");
}

static void what_is_no_date_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2024", "2024-13-01 00:00:00", "2024-01-01 25:00:00",
	        "2024-01-01 00:00:00x", "2024-01-01 00:00:00.1234567", "yesterday", "2024-1-01 00:00:00",
	        " 2024-01-01 00:00:00", "2024-01-01 00:00", "2024-01-01"};
	struct walltime time;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(walltime_parse(&time, bad[i]));
}

static void the_fake_clock_moves_when_told(void **state)
{
	(void)state;
	struct fake_clock fake;
	char iso[WALLTIME_TEXT_BYTES];
	fake_clock_init(&fake);
	fake_clock_advance(&fake, 90500);
	assert_int_equal(fake.clock.monotonic(&fake.clock).ms, 91500);
	walltime_iso(fake.clock.wall(&fake.clock), iso);
	assert_string_equal(iso, "2026-01-01T00:01:30.500Z");
}

static void durations_are_counted_up_to_their_bounds(void **state)
{
	(void)state;
	struct duration_counts counts = {0};
	static const int64_t times_ns[] = {0, 100000, 100001, 1000000000, 1000000001, INT64_C(90000000000)};
	for (size_t i = 0; i < sizeof times_ns / sizeof *times_ns; i++)
		duration_counts_add(&counts, times_ns[i]);
	for (int i = 0; i <= DURATION_BOUNDS; i++)
		assert_int_equal(
		        counts.counts[i], i == 0 || i == DURATION_BOUNDS ? 2 : i == 1 || i == DURATION_BOUNDS - 1);
	assert_true(counts.sum_ns == INT64_C(92000200002));
	for (int i = 1; i < DURATION_BOUNDS; i++)
		assert_true(duration_bounds_s[i - 1] < duration_bounds_s[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(arena_pieces_are_zeroed_aligned_and_apart),
	        cmocka_unit_test(the_heap_gives_elements_in_order_and_ties_as_they_came),
	        cmocka_unit_test(a_heap_without_memory_stays_as_it_was),
	        cmocka_unit_test(a_list_may_lose_elements_while_walked),
	        cmocka_unit_test(dates_survive_both_written_forms),
	        cmocka_unit_test(what_is_no_date_is_refused),
	        cmocka_unit_test(the_fake_clock_moves_when_told),
	        cmocka_unit_test(durations_are_counted_up_to_their_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
