/* Who is the greatest of several that are known with an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/estimates/contest.h"
#include "tests/daemon/near.h"

static void equal_ones_have_equal_chances(void **state)
{
	(void)state;
	const struct contender all[] = {{0.5, 0.01}, {0.5, 0.01}, {0.5, 0.01}, {0.5, 0.01}};
	double chances[4];
	contest_chances(chances, all, 4);
	for (size_t i = 0; i < 4; i++)
		assert_near(chances[i], 0.25, 1e-9);
}

static void of_two_the_chance_is_that_of_their_difference(void **state)
{
	(void)state;
	const struct contender all[] = {{0.7, 0.0004}, {0.68, 0.0003}};
	double chances[2];
	contest_chances(chances, all, 2);
	assert_near(chances[0], contest_beats(&all[0], &all[1]), 1e-6);
	assert_near(chances[0], 0.7751541, 1e-6); /* Φ(0.02 / √0.0007), by Python */
}

static void what_is_known_exactly_decides_without_a_doubt(void **state)
{
	(void)state;
	const struct contender all[] = {{1, 0}, {2, 0}, {2, 0}, {1.5, 0.01}};
	double chances[4];
	contest_chances(chances, all, 4);
	assert_near(chances[0], 0, 0);
	assert_near(chances[1], 1, 1e-5);
	assert_near(chances[2], 0, 0);
	assert_near(contest_beats(&all[1], &all[2]), 0.5, 0);
	assert_near(contest_beats(&all[0], &all[1]), 0, 0);
}

static void a_measurement_is_worth_most_where_it_may_change_who_leads(void **state)
{
	(void)state;
	const struct contender all[] = {{0.70, 0.0001}, {0.699, 0.0001}, {0.60, 0.0001}, {0.699, 0}};
	double near = contest_gain(all, 4, 1, 0.0001), far = contest_gain(all, 4, 2, 0.0001);
	assert_true(near > 0.002 && far < 1e-12);
	assert_near(contest_gain(all, 4, 3, 0.0001), 0, 0);
	assert_near(contest_gain(all, 1, 0, 0.0001), 0, 0);
	assert_true(contest_gain(all, 4, 1, 0.01) < near);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(equal_ones_have_equal_chances),
	        cmocka_unit_test(of_two_the_chance_is_that_of_their_difference),
	        cmocka_unit_test(what_is_known_exactly_decides_without_a_doubt),
	        cmocka_unit_test(a_measurement_is_worth_most_where_it_may_change_who_leads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
