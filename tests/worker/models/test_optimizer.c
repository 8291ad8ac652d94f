/* Optimizers against steps computed by PyTorch 1.13 (sgd, adam, adamw) and by the paper's formulas (lion); schedules. */
#include "tests/worker/models/gradient.h"

#include <stdbool.h>
#include <string.h>

#include "worker/models/optimizer.h"
#include "worker/models/schedule.h"

enum { SGD, ADAM, ADAMW, LION };

struct descent {
	struct parameters parameters;
	struct optimizer optimizer;
	size_t weight, table;
};

static void prepare(struct descent *descent, const struct optimizer_options *options)
{
	*descent = (struct descent){.parameters = PARAMETERS_NULL};
	assert_int_equal(parameters_declare(&descent->weight, &descent->parameters, "weight", TENSOR_WEIGHT,
	                         (const size_t[]){2, 1}),
	        0);
	assert_int_equal(parameters_declare(&descent->table, &descent->parameters, "table", TENSOR_EMBEDDING,
	                         (const size_t[]){4, 1}),
	        0);
	assert_int_equal(parameters_allocate(&descent->parameters, 1), 0);
	assert_int_equal(optimizer_init(&descent->optimizer, &descent->parameters, options), 0);
	memcpy(parameters_value(&descent->parameters, descent->weight), (const real[]){1, -2}, 2 * sizeof(real));
}

static void finish(struct descent *descent)
{
	optimizer_finish(&descent->optimizer);
	parameters_finish(&descent->parameters);
}

/* Three steps of size 0.1 with the gradients (0.5, -1), (-0.25, 2), (1, 0.125). */
static void three_steps_lead_where_they_should(void **state)
{
	(void)state;
	static const double gradients[3][2] = {{0.5, -1}, {-0.25, 2}, {1, 0.125}};
	static const double expected[4][2] = {{0.8065597490, -2.1104694980}, {0.8047435550, -1.9659281954},
	        {0.8049183448, -1.9625821682}, {0.8971028990, -2.0941058980}};
	for (int kind = SGD; kind <= LION; kind++) {
		const struct optimizer_options options = {
		        .kind = kind, .weight_decay = 0.01, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.99};
		struct descent descent;
		prepare(&descent, &options);
		for (size_t i = 0; i < 3; i++) {
			real *gradient = parameters_gradient(&descent.parameters, descent.weight);
			gradient[0] = (real)gradients[i][0];
			gradient[1] = (real)gradients[i][1];
			optimizer_step(&descent.optimizer, 0.1);
		}
		const real *weight = parameters_value(&descent.parameters, descent.weight);
		for (size_t i = 0; i < 2; i++)
			if (fabs((double)weight[i] - expected[kind][i]) > 1e-9)
				fail_msg("%s: %.10f, not %.10f", optimizer_names[kind], (double)weight[i],
				        expected[kind][i]);
		finish(&descent);
	}
}

static void rows_that_no_batch_touched_stand_still(void **state)
{
	(void)state;
	const struct optimizer_options options = {.kind = ADAM, .beta1 = 0.9, .beta2 = 0.99};
	struct descent descent;
	prepare(&descent, &options);
	real before[4], *table = parameters_value(&descent.parameters, descent.table);
	for (int batch = 0; batch < 2; batch++) {
		const int id = 3 - batch;
		memcpy(before, table, sizeof before);
		parameters_gradient(&descent.parameters, descent.table)[id] = 1;
		optimizer_touch(&descent.optimizer, descent.table, (const int[]){id, id}, 2);
		optimizer_step(&descent.optimizer, 0.1);
		for (int row = 0; row < 4; row++)
			assert_int_equal(table[row] != before[row], row == id);
	}
	finish(&descent);
}

static void a_long_gradient_is_clipped_and_a_lost_one_changes_nothing(void **state)
{
	(void)state;
	const struct optimizer_options options = {.kind = SGD, .clip = 1};
	struct descent descent;
	prepare(&descent, &options);
	real *weight = parameters_value(&descent.parameters, descent.weight);
	memcpy(parameters_gradient(&descent.parameters, descent.weight), (const real[]){3, 4}, 2 * sizeof(real));
	assert_true(fabs(optimizer_step(&descent.optimizer, 0.1) - 5) < 1e-12);
	assert_true(fabs((double)weight[0] - (1 - 0.06)) < 1e-12 && fabs((double)weight[1] - (-2 - 0.08)) < 1e-12);
	parameters_gradient(&descent.parameters, descent.weight)[0] = (real)NAN;
	assert_true(isnan(optimizer_step(&descent.optimizer, 0.1)));
	assert_true(fabs((double)weight[0] - 0.94) < 1e-12);
	assert_true(parameters_gradient(&descent.parameters, descent.weight)[0] == 0);
	finish(&descent);
}

static void every_schedule_rises_and_ends_where_its_formula_says(void **state)
{
	(void)state;
	static const double at_end[] = {1, 0, 0, 1e-4, 0};
	for (int i = 0; schedule_names[i]; i++) {
		assert_true(fabs(schedule_factor(i, 0, 100, 0.1) - 1.0 / 11) < 1e-12);
		assert_true(fabs(schedule_factor(i, 9, 100, 0.1) - 10.0 / 11) < 1e-12);
		if (i < 4)
			assert_true(fabs(schedule_factor(i, 100, 100, 0.1) - at_end[i]) < 1e-12);
	}
	assert_true(fabs(schedule_factor(2, 55, 100, 0.1) - 0.5) < 1e-12);
	assert_true(fabs(schedule_factor(4, 39, 100, 0.1) - 0.5) < 1e-12);
	assert_true(schedule_factor(1, 0, 100, 0) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(three_steps_lead_where_they_should),
	        cmocka_unit_test(rows_that_no_batch_touched_stand_still),
	        cmocka_unit_test(a_long_gradient_is_clipped_and_a_lost_one_changes_nothing),
	        cmocka_unit_test(every_schedule_rises_and_ends_where_its_formula_says),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
