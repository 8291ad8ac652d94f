#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "schema/base/rng.h"

/* The first outputs of the authors' xoshiro256++ from the state 1, 2, 3, 4. */
static void the_generator_is_the_published_one(void **state)
{
	(void)state;
	static const uint64_t expected[] = {
	        41943041u, 58720359u, 3588806011781223u, 3591011842654386u, 9228616714210784205u, 9973669472204895162u};
	struct rng rng = {{1, 2, 3, 4}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_true(rng_next(&rng) == expected[i]);
}

static void equal_names_give_equal_streams_and_others_differ(void **state)
{
	(void)state;
	struct rng a, b, c;
	rng_init(&a, 7, 3);
	rng_init(&b, 7, 3);
	rng_init(&c, 7, 4);
	int same = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t draw = rng_next(&a);
		assert_true(draw == rng_next(&b));
		same += draw == rng_next(&c);
	}
	assert_int_equal(same, 0);
}

static void uniform_and_normal_draws_have_their_moments(void **state)
{
	(void)state;
	enum { COUNT = 200000 };
	struct rng rng;
	double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
	rng_init(&rng, 1, 1);
	for (int i = 0; i < COUNT; i++) {
		double u = rng_uniform(&rng), z = rng_normal(&rng);
		assert_true(u >= 0 && u < 1);
		sum += u;
		squares += u * u;
		normal_sum += z;
		normal_squares += z * z;
	}
	assert_true(fabs(sum / COUNT - 0.5) < 0.004);
	assert_true(fabs(squares / COUNT - 1.0 / 3) < 0.004);
	assert_true(fabs(normal_sum / COUNT) < 0.012);
	assert_true(fabs(normal_squares / COUNT - 1) < 0.02);
}

static void every_number_below_a_bound_comes_as_often(void **state)
{
	(void)state;
	int seen[7] = {0};
	struct rng rng;
	rng_init(&rng, 5, 0);
	for (int i = 0; i < 70000; i++) {
		uint64_t draw = rng_below(&rng, 7);
		assert_true(draw < 7);
		seen[draw]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 9600, 10400);
	assert_true(rng_below(&rng, 1) == 0);
}

static void a_shuffle_keeps_every_index(void **state)
{
	(void)state;
	size_t indices[50], sum = 0, moved = 0;
	for (size_t i = 0; i < 50; i++)
		indices[i] = i;
	struct rng rng;
	rng_init(&rng, 9, 9);
	rng_shuffle(&rng, indices, 50);
	for (size_t i = 0; i < 50; i++) {
		sum += indices[i];
		moved += indices[i] != i;
	}
	assert_int_equal(sum, 49 * 50 / 2);
	assert_true(moved > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_generator_is_the_published_one),
	        cmocka_unit_test(equal_names_give_equal_streams_and_others_differ),
	        cmocka_unit_test(uniform_and_normal_draws_have_their_moments),
	        cmocka_unit_test(every_number_below_a_bound_comes_as_often),
	        cmocka_unit_test(a_shuffle_keeps_every_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
