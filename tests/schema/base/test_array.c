#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "schema/base/arena.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

static void an_array_keeps_its_items_while_it_grows_and_moves_seldom(void **state)
{
	(void)state;
	size_t *items = NULL, capacity = 0, growths = 0;
	for (size_t i = 0; i < 10000; i++) {
		const size_t before = capacity;
		assert_int_equal(array_reserve(items, &capacity, i + 1), 0);
		growths += capacity != before;
		items[i] = i;
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(items[i], i);
	assert_true(growths < 12);
	memory_free(items);
}

static void room_that_is_there_costs_nothing(void **state)
{
	(void)state;
	int *items = NULL;
	size_t capacity = 0, none = 0;
	assert_int_equal(array_reserve(items, &capacity, none), 0);
	assert_null(items);
	assert_int_equal(array_reserve(items, &capacity, 1000), 0);
	assert_int_equal(capacity, 1000);
	memory_fault_after(1);
	assert_int_equal(array_reserve(items, &capacity, 1000), 0);
	assert_false(memory_fault_happened());
	memory_fault_after(0);
	memory_free(items);
}

static void an_array_without_memory_stays_as_it_was(void **state)
{
	(void)state;
	double *items = NULL;
	size_t capacity = 0;
	assert_int_equal(array_reserve(items, &capacity, 1), 0);
	const double *const before = items;
	const size_t room = capacity;
	items[0] = 0.5;
	memory_fault_after(1);
	assert_int_equal(array_reserve(items, &capacity, room + 1), -ENOMEM);
	memory_fault_after(0);
	assert_ptr_equal(items, before);
	assert_int_equal(capacity, room);
	assert_true(items[0] == 0.5);
	memory_free(items);
}

static void a_size_that_overflows_is_no_memory(void **state)
{
	(void)state;
	double *items = NULL;
	size_t capacity = 0;
	assert_int_equal(array_reserve(items, &capacity, SIZE_MAX), -ENOMEM);
	assert_int_equal(array_reserve(items, &capacity, SIZE_MAX / sizeof *items + 1), -ENOMEM);
	assert_int_equal(array_reserve_rows(items, &capacity, SIZE_MAX / 16, 1000), -ENOMEM);
	assert_null(items);
	assert_int_equal(capacity, 0);
	assert_true(array_growth_begin(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 2).capacity == SIZE_MAX);
}

struct columns {
	char *letters;
	double *pairs; /* (capacity, 2) */
	size_t capacity;
};

static int grow(struct columns *columns, size_t count)
{
	struct array_growth growth = array_growth_begin(columns->capacity, count);
	array_resize(columns->letters, &growth, 1);
	array_resize(columns->pairs, &growth, 2);
	return array_growth_end(&columns->capacity, &growth);
}

static void arrays_of_one_capacity_grow_together_or_not_at_all(void **state)
{
	(void)state;
	struct columns columns = {NULL, NULL, 0};
	for (long nth = 1; nth <= 2; nth++) {
		memory_fault_after(nth);
		assert_int_equal(grow(&columns, 30), -ENOMEM);
		memory_fault_after(0);
		assert_int_equal(columns.capacity, 0);
	}
	assert_int_equal(grow(&columns, 30), 0);
	assert_int_equal(columns.capacity, 30);
	columns.letters[29] = 'z';
	columns.pairs[59] = 2;
	assert_int_equal(grow(&columns, 31), 0);
	assert_int_equal(columns.capacity, 60);
	assert_int_equal(columns.letters[29], 'z');
	assert_true(columns.pairs[59] == 2);
	memory_free(columns.letters);
	memory_free(columns.pairs);
}

static void an_array_in_an_arena_grows_too(void **state)
{
	(void)state;
	struct arena arena = ARENA_NULL;
	size_t *items = NULL;
	for (size_t i = 0; i < 1000; i++) {
		items = arena_grow(&arena, items, i, sizeof *items);
		assert_non_null(items);
		items[i] = i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	assert_null(arena_grow(&arena, items, (SIZE_MAX >> 1) + 1, sizeof *items));
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_array_keeps_its_items_while_it_grows_and_moves_seldom),
	        cmocka_unit_test(room_that_is_there_costs_nothing),
	        cmocka_unit_test(an_array_without_memory_stays_as_it_was),
	        cmocka_unit_test(a_size_that_overflows_is_no_memory),
	        cmocka_unit_test(arrays_of_one_capacity_grow_together_or_not_at_all),
	        cmocka_unit_test(an_array_in_an_arena_grows_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
