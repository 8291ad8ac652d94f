/* What rows weigh by their class, against numbers written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/learning/class_weights.h"

enum { NONE, INVERSE, EFFECTIVE, CLASSES = 4 };

/* One row of class 0, none of class 1, four of class 2, two of class 3. */
static const struct text_row rows[] = {
        {.label = 2}, {.label = 3}, {.label = 2}, {.label = 0}, {.label = 2}, {.label = 3}, {.label = 2}};
static const struct text_rows all = {rows, sizeof rows / sizeof *rows};

static void check(const struct class_weights_options *options, const double expected[CLASSES])
{
	float weights[CLASSES];
	class_weights_fill(weights, CLASSES, &all, options);
	double sum = 0;
	for (size_t c = 0; c < CLASSES; c++)
		if (fabs((double)weights[c] - expected[c]) > 1e-6)
			fail_msg("class %zu weighs %g, not %g", c, (double)weights[c], expected[c]);
	for (size_t i = 0; i < all.count; i++)
		sum += (double)weights[rows[i].label];
	assert_true(fabs(sum / (double)all.count - 1) < 1e-6);
}

static void classes_weigh_by_their_formula_and_the_mean_row_weighs_one(void **state)
{
	(void)state;
	/* inverse: each of the three classes has the weight of 7/3 rows */
	check(&(struct class_weights_options){NONE, 0.9, 0.5}, (const double[]){1, 0, 1, 1});
	check(&(struct class_weights_options){INVERSE, 0.9, 0.5}, (const double[]){7.0 / 3, 0, 7.0 / 12, 7.0 / 6});
	/* β = ½: 1, 1/(2·15/16) = 8/15, 1/(2·3/4) = 2/3; their sum over the rows is 1 + 32/15 + 4/3
	 * = 67/15 */
	check(&(struct class_weights_options){EFFECTIVE, 0.5, 0.5},
	        (const double[]){7 * 15.0 / 67, 0, 7 * 8.0 / 67, 7 * 10.0 / 67});
}

static void alpha_takes_from_the_most_frequent_class(void **state)
{
	(void)state;
	/* ¾ for three rows, ¼ for four: 13/4 in all */
	check(&(struct class_weights_options){NONE, 0, 0.75}, (const double[]){21.0 / 13, 0, 7.0 / 13, 21.0 / 13});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(classes_weigh_by_their_formula_and_the_mean_row_weighs_one),
	        cmocka_unit_test(alpha_takes_from_the_most_frequent_class),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
