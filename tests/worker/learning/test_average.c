/* The mean of the parameters: over steps (ema) and over epochs (swa). */
#include "tests/worker/network/gradient.h"

#include "worker/learning/average.h"

static void prepare(struct parameters *parameters, struct average *average, const struct average_options *options)
{
	size_t index;
	*parameters = PARAMETERS_NULL;
	assert_int_equal(parameters_declare(&index, parameters, "pair", TENSOR_BIAS, (const size_t[]){2, 1}), 0);
	assert_int_equal(parameters_allocate(parameters, 1), 0);
	assert_int_equal(average_init(average, parameters, options), 0);
}

static void finish(struct parameters *parameters, struct average *average)
{
	average_finish(average);
	parameters_finish(parameters);
}

static void set(struct parameters *parameters, double value)
{
	parameters->values[0] = (real)value;
	parameters->values[1] = (real)-value;
}

static void assert_values(const struct average *average, const struct parameters *parameters, double expected)
{
	const real *values = average_values(average, parameters);
	assert_true(fabs((double)values[0] - expected) < 1e-12 && fabs((double)values[1] + expected) < 1e-12);
}

static void without_an_average_the_parameters_predict(void **state)
{
	(void)state;
	const struct average_options options = {.kind = AVERAGE_NONE, .decay = 0.9};
	const struct average zeroed = AVERAGE_NULL;
	struct parameters parameters;
	struct average average;
	prepare(&parameters, &average, &options);
	set(&parameters, 3);
	average_step(&average, &parameters, 1);
	average_epoch(&average, &parameters, &(struct average_epoch){1, 1});
	assert_ptr_equal(average_values(&average, &parameters), parameters.values);
	assert_ptr_equal(average_values(&zeroed, &parameters), parameters.values);
	finish(&parameters, &average);
}

/* ρ is (1 + t)/(10 + t) until that is the decay, ½, at the eighth step. */
static void a_running_mean_forgets_the_initial_values_first_and_then_by_its_decay(void **state)
{
	(void)state;
	const struct average_options options = {.kind = AVERAGE_EMA, .decay = 0.5};
	struct parameters parameters;
	struct average average;
	double expected = 0;
	prepare(&parameters, &average, &options);
	assert_values(&average, &parameters, 0);
	for (size_t step = 1; step <= 20; step++) {
		const double value = 1 + (double)(step * step), early = (1 + (double)step) / (10 + (double)step);
		const double keep = step == 1 ? 0 : step < 8 ? early : 0.5;
		set(&parameters, value);
		average_step(&average, &parameters, step);
		expected = keep * expected + (1 - keep) * value;
		assert_values(&average, &parameters, expected);
	}
	finish(&parameters, &average);
}

/* Of eight epochs with a start of 0.6 the fifth (4.8 rounded up) is the first to count. */
static void the_mean_of_late_epochs_is_plain_and_begins_at_its_start(void **state)
{
	(void)state;
	static const double expected[] = {1, 2, 4, 8, 16, 24, 112.0 / 3, 60};
	const struct average_options options = {.kind = AVERAGE_SWA, .start = 0.6};
	struct parameters parameters;
	struct average average;
	prepare(&parameters, &average, &options);
	for (size_t epoch = 1; epoch <= 8; epoch++) {
		set(&parameters, 1u << (epoch - 1));
		average_step(&average, &parameters, epoch);
		average_epoch(&average, &parameters, &(struct average_epoch){epoch, 8});
		assert_values(&average, &parameters, expected[epoch - 1]);
	}
	assert_int_equal(average.taken, 4);
	finish(&parameters, &average);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_an_average_the_parameters_predict),
	        cmocka_unit_test(a_running_mean_forgets_the_initial_values_first_and_then_by_its_decay),
	        cmocka_unit_test(the_mean_of_late_epochs_is_plain_and_begins_at_its_start),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
