/* What optimizers do with rows, lost gradients and long ones; schedules. Their steps are checked in
 * test_golden.c. */
#include "tests/worker/network/gradient.h"

#include <stdbool.h>
#include <string.h>

#include "worker/learning/optimizer.h"
#include "worker/learning/schedule.h"

enum { SGD, ADAM, ADAMW, LION, ADAFACTOR };

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

static void rows_that_no_batch_touched_stand_still_with_their_moments(void **state)
{
	(void)state;
	for (int kind = SGD; kind <= ADAFACTOR; kind++) {
		const struct optimizer_options options = {.kind = kind, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.99};
		struct descent descent;
		prepare(&descent, &options);
		const size_t at = descent.parameters.tensors[descent.table].offset;
		const real *second = descent.optimizer.second + at;
		real before[4], kept[4], *table = parameters_value(&descent.parameters, descent.table);
		for (int batch = 0; batch < 2; batch++) {
			const int id = 3 - batch;
			memcpy(before, table, sizeof before);
			memcpy(kept, second, sizeof kept);
			parameters_gradient(&descent.parameters, descent.table)[id] = 1;
			optimizer_touch(&descent.optimizer, descent.table, (const int[]){id, id}, 2);
			optimizer_step(&descent.optimizer, 0.1);
			for (int row = 0; row < 4; row++) {
				assert_int_equal(table[row] != before[row], row == id);
				assert_true(row == id || second[row] == kept[row]);
			}
		}
		finish(&descent);
	}
}

/* Adafactor on an embedding of which steps touch some rows, written out: R and the clock of a row
 * are its own, C is shared. */
struct lazy {
	double values[3][2], rows[3], columns[2], clocks[3];
};

static void lazy_step(struct lazy *lazy, double gradient[3][2], const bool touched[3], double step)
{
	double sum = 0, squares = 0, count = 0, u[3][2] = {{0}};
	const double beta = 1 - pow(step, -0.8);
	for (size_t j = 0; j < 2; j++) {
		double fresh = 0;
		for (size_t i = 0; i < 3; i++)
			fresh += touched[i] ? gradient[i][j] * gradient[i][j] : 0;
		lazy->columns[j] = beta * lazy->columns[j] + (1 - beta) * fresh;
		sum += lazy->columns[j];
	}
	for (size_t i = 0; i < 3; i++) {
		if (!touched[i])
			continue;
		const double own = 1 - pow(++lazy->clocks[i], -0.8);
		lazy->rows[i] = own * lazy->rows[i] +
		                (1 - own) * (gradient[i][0] * gradient[i][0] + gradient[i][1] * gradient[i][1]);
		for (size_t j = 0; j < 2; j++) {
			u[i][j] = gradient[i][j] / sqrt(lazy->rows[i] * lazy->columns[j] / sum);
			squares += u[i][j] * u[i][j];
			count++;
		}
	}
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 2; j++)
			lazy->values[i][j] -= 0.1 * u[i][j] / fmax(1, sqrt(squares / count));
}

static void adafactor_counts_a_rows_own_steps(void **state)
{
	(void)state;
	static const bool touched[4][3] = {
	        {true, true, false}, {true, false, false}, {false, true, true}, {true, true, true}};
	const struct optimizer_options options = {.kind = ADAFACTOR};
	struct parameters parameters = PARAMETERS_NULL;
	struct optimizer optimizer;
	struct lazy lazy = {{{0.5, -1}, {0.25, 2}, {-0.75, 0.125}}, {0}, {0}, {0}};
	size_t index;
	assert_int_equal(parameters_declare(&index, &parameters, "table", TENSOR_EMBEDDING, (const size_t[]){3, 2}), 0);
	assert_int_equal(parameters_allocate(&parameters, 1), 0);
	assert_int_equal(optimizer_init(&optimizer, &parameters, &options), 0);
	for (size_t i = 0; i < 6; i++)
		parameters.values[i] = (real)lazy.values[i / 2][i % 2];
	for (size_t step = 0; step < 4; step++) {
		double gradient[3][2];
		for (int i = 0; i < 6; i++) {
			gradient[i / 2][i % 2] = cos(2.3 * i + (double)step);
			if (touched[step][i / 2])
				parameters.gradients[i] = (real)gradient[i / 2][i % 2];
		}
		for (int row = 0; row < 3; row++)
			if (touched[step][row])
				optimizer_touch(&optimizer, index, &row, 1);
		optimizer_step(&optimizer, 0.1);
		lazy_step(&lazy, gradient, touched[step], (double)step + 1);
		for (size_t i = 0; i < 6; i++)
			assert_true(fabs((double)parameters.values[i] - lazy.values[i / 2][i % 2]) < 1e-12);
	}
	optimizer_finish(&optimizer);
	parameters_finish(&parameters);
}

static void adafactor_stands_still_where_there_is_no_gradient(void **state)
{
	(void)state;
	const struct optimizer_options options = {.kind = ADAFACTOR};
	struct descent descent;
	prepare(&descent, &options);
	const real *weight = parameters_value(&descent.parameters, descent.weight);
	for (int step = 0; step < 3; step++)
		optimizer_step(&descent.optimizer, 0.1);
	assert_true(weight[0] == 1 && weight[1] == -2);
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

/* The table is frozen, the weight steps half as far. */
static void a_tensors_own_rate_scales_its_steps_and_a_frozen_one_has_no_part(void **state)
{
	(void)state;
	for (int kind = SGD; kind <= ADAFACTOR; kind++) {
		const struct optimizer_options options = {
		        .kind = kind, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0.1, .clip = 1};
		struct descent whole, half;
		prepare(&whole, &options);
		prepare(&half, &options);
		optimizer_finish(&half.optimizer);
		half.parameters.tensors[half.weight].rate = 0.5;
		half.parameters.tensors[half.table].rate = 0;
		assert_int_equal(optimizer_init(&half.optimizer, &half.parameters, &options), 0);
		const real *moved[2] = {parameters_value(&whole.parameters, whole.weight),
		        parameters_value(&half.parameters, half.weight)};
		const real *table = parameters_value(&half.parameters, half.table), before = table[1];
		for (int step = 0; step < 3; step++) {
			const real gradient[2] = {(real)(3 - step), (real)(step - 4)};
			for (int i = 0; i < 2; i++) {
				struct descent *descent = i ? &half : &whole;
				memcpy(parameters_gradient(&descent->parameters, descent->weight), gradient,
				        sizeof gradient);
				parameters_gradient(&descent->parameters, descent->table)[1] = (real)(i ? NAN : 0);
				optimizer_touch(&descent->optimizer, descent->table, (const int[]){1}, 1);
			}
			const double lengths[2] = {
			        optimizer_step(&whole.optimizer, 0.5 * 0.125), optimizer_step(&half.optimizer, 0.125)};
			assert_true(lengths[0] == lengths[1]);
			assert_memory_equal(moved[0], moved[1], 2 * sizeof(real));
			assert_true(table[1] == before);
		}
		struct arrays arrays = ARRAYS_NULL;
		optimizer_state(&arrays, &half.optimizer);
		assert_int_equal(arrays.count, 4);
		assert_int_equal(arrays.items[2].shape[0], 2);
		arrays_finish(&arrays);
		finish(&whole);
		finish(&half);
	}
}

static void step_weight(struct descent *descent)
{
	memcpy(parameters_gradient(&descent->parameters, descent->weight), (const real[]){3, -4}, 2 * sizeof(real));
	optimizer_step(&descent->optimizer, 0.125);
}

/* The table rests for two steps; then both begin again, and go the way of new ones. */
static void a_tensor_that_rests_stands_still_until_all_begin_again(void **state)
{
	(void)state;
	for (int kind = SGD; kind <= ADAFACTOR; kind++) {
		const struct optimizer_options options = {
		        .kind = kind, .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0.1};
		struct descent rested, fresh;
		prepare(&rested, &options);
		prepare(&fresh, &options);
		struct tensor *table = &rested.parameters.tensors[rested.table];
		const real before = rested.parameters.values[table->offset + 1];
		table->rests = true;
		for (int step = 0; step < 2; step++) {
			optimizer_touch(&rested.optimizer, rested.table, (const int[]){1}, 1);
			step_weight(&rested);
		}
		assert_true(rested.parameters.values[table->offset + 1] == before);
		table->rests = false;
		optimizer_begin_again(&rested.optimizer);
		assert_int_equal(rested.optimizer.steps, 2);
		memcpy(fresh.parameters.values, rested.parameters.values, fresh.parameters.count * sizeof(real));
		for (int step = 0; step < 3; step++)
			for (int i = 0; i < 2; i++) {
				struct descent *descent = i ? &fresh : &rested;
				parameters_gradient(&descent->parameters, descent->table)[1] = (real)(step - 1.5);
				optimizer_touch(&descent->optimizer, descent->table, (const int[]){1}, 1);
				step_weight(descent);
			}
		assert_memory_equal(
		        fresh.parameters.values, rested.parameters.values, fresh.parameters.count * sizeof(real));
		finish(&rested);
		finish(&fresh);
	}
}

static void every_schedule_rises_and_ends_where_its_formula_says(void **state)
{
	(void)state;
	static const double pi = 3.14159265358979323846;
	for (int warm = 0; warm < 2; warm++) {
		const double warmup = warm ? 0.1 : 0, rising = warm ? 10 : 0;
		for (size_t step = 0; step <= 100; step++) {
			const double now = (double)step, left = 1 - (now - rising) / (100 - rising);
			const double expected[] = {1, left, (1 - cos(pi * left)) / 2,
			        1e-4 + (1 - 1e-4) * (1 - cos(pi * left)) / 2, sqrt((warm ? 10 : 1) / (now + 1))};
			for (int i = 0; schedule_names[i]; i++) {
				const double factor = now < rising ? (now + 1) / 11 : expected[i],
				             found = schedule_factor(i, step, 100, warmup);
				if (!(fabs(found - factor) < 1e-12))
					fail_msg(
					        "%s at step %zu is %g, not %g", schedule_names[i], step, found, factor);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_that_no_batch_touched_stand_still_with_their_moments),
	        cmocka_unit_test(adafactor_counts_a_rows_own_steps),
	        cmocka_unit_test(adafactor_stands_still_where_there_is_no_gradient),
	        cmocka_unit_test(a_long_gradient_is_clipped_and_a_lost_one_changes_nothing),
	        cmocka_unit_test(a_tensors_own_rate_scales_its_steps_and_a_frozen_one_has_no_part),
	        cmocka_unit_test(a_tensor_that_rests_stands_still_until_all_begin_again),
	        cmocka_unit_test(every_schedule_rises_and_ends_where_its_formula_says),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
