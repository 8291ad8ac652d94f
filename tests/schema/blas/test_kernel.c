#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "schema/blas/kernel.h"

static const struct processor plain = {false, false}, avx2 = {true, false}, avx512 = {true, true};

static void a_fallback_is_replaced_by_the_best_that_the_processor_has(void **state)
{
	(void)state;
	static const struct {
		const char *taken;
		const struct processor *processor;
		const char *wanted;
	} cases[] = {
	        {"Prescott", &avx512, "SkylakeX"},
	        {"Prescott", &avx2, "Haswell"},
	        {"Prescott", &plain, NULL},
	        {"Nehalem", &avx2, "Haswell"},
	        {"Sandybridge", &avx512, "SkylakeX"},
	        {"Barcelona", &avx2, "Haswell"},
	        {"Haswell", &avx512, NULL},
	        {"Zen", &avx2, NULL},
	        {"SkylakeX", &avx512, NULL},
	        {"Cooperlake", &avx512, NULL},
	        {"ARMV8", &plain, NULL},
	        {"", &avx512, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *wanted = blas_kernel_wanted(cases[i].taken, cases[i].processor);
		if (cases[i].wanted)
			assert_string_equal(wanted, cases[i].wanted);
		else
			assert_null(wanted);
	}
}

static void the_kernel_in_use_multiplies_as_a_plain_loop_does(void **state)
{
	(void)state;
	assert_true(blas_kernel_multiplies());
	assert_true(*blas_kernel_name() != '\0');
	assert_string_equal(blas_kernel_replaced(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_fallback_is_replaced_by_the_best_that_the_processor_has),
	        cmocka_unit_test(the_kernel_in_use_multiplies_as_a_plain_loop_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
