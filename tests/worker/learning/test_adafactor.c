/* Adafactor with the numbers of training: floats, in which the product of two moments without a
 * gradient is 0. Its steps are checked with doubles in test_optimizer.c and test_golden.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/learning/optimizer.h"

enum { ADAFACTOR = 4 };

static void a_row_and_a_column_without_a_gradient_stand_still(void **state)
{
	(void)state;
	const struct optimizer_options options = {.kind = ADAFACTOR};
	struct parameters parameters = PARAMETERS_NULL;
	struct optimizer optimizer;
	size_t index;
	assert_int_equal(parameters_declare(&index, &parameters, "weight", TENSOR_WEIGHT, (const size_t[]){2, 2}), 0);
	assert_int_equal(parameters_allocate(&parameters, 1), 0);
	assert_int_equal(optimizer_init(&optimizer, &parameters, &options), 0);
	const real before[2] = {parameters.values[0], parameters.values[3]};
	parameters.gradients[0] = 1;
	optimizer_step(&optimizer, 0.1);
	for (size_t i = 0; i < 4; i++)
		assert_true(isfinite(parameters.values[i]));
	assert_true(parameters.values[0] < before[0] && parameters.values[3] == before[1]);
	optimizer_finish(&optimizer);
	parameters_finish(&parameters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_row_and_a_column_without_a_gradient_stand_still),
	};
	return cmocka_run_group_tests_name("adafactor", tests, NULL, NULL);
}
