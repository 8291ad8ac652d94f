#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/sampler.h"
#include "daemon/samplers/tpe/parzen.h"
#include "daemon/samplers/tpe/parzen_density.h"
#include "daemon/samplers/tpe/split.h"
#include "schema/space/point.h"
#include "tests/daemon/near.h"
#include "tests/daemon/samplers/tpe/conform_tpe.h"

static const struct parzen_options defaults = {.prior_weight = 1, .magic_clip = true};

static void every_golden_number_of_optuna_is_met(void **state)
{
	(void)state;
	cJSON *root = golden_read(TPE_GOLDEN);
	assert_non_null(root);
	struct tally tally = {0};
	conform_tpe(&tally, root);
	cJSON_Delete(root);
	assert_int_equal(tally.failed, 0);
	assert_true(tally.passed > 4000);
}

static struct space *make_space(void)
{
	struct choice choices[] = {{"\"a\"", "a"}, {"\"b\"", "b"}, {"\"c\"", "c"}};
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "x", &(struct param_range){0, 1, 0, false});
	space_add_float(space, "lr", &(struct param_range){1e-4, 1, 0, true});
	space_add_int(space, "n", &(struct param_range){1, 10, 1, false});
	space_add_int(space, "w", &(struct param_range){1, 100, 1, true});
	space_add_categorical(space, "c", choices, 3);
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

static void init_over(struct parzen *parzen, const struct space *space, const char *name)
{
	size_t dim = (size_t)space_find(space, name);
	assert_int_equal(parzen_init(parzen, space, &dim, 1, &defaults), 0);
}

/* Fits one parameter's estimator to `count` values (at most 8). */
static void fit_values(struct parzen *parzen, const struct space *space, const double *values, size_t count)
{
	static const uint8_t all[8] = {1, 1, 1, 1, 1, 1, 1, 1};
	double points[8 * 5] = {0};
	for (size_t i = 0; i < count; i++)
		points[i * space->count + parzen->dims[0].index] = values[i];
	assert_int_equal(parzen_fit(parzen, points, space->count, all, count), 0);
}

/* Kernel widths by slot, from the marks. */
static double width_of(const struct parzen *parzen, size_t slot)
{
	for (size_t i = 0; i < parzen->member_count; i++)
		if (parzen->dims[0].marks[i].slot == slot)
			return parzen->dims[0].marks[i].sigma;
	return (double)NAN;
}

static void kernel_widths_are_the_published_ones(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		size_t count;
		double values[3], widths[3];
	} cases[] = {
	        {"x", 3, {0.2, 0.9, 0.5}, {0.3, 0.4, 0.4}},
	        {"lr", 2, {1e-2, 1e-1}, {2.302585092994046, 2.302585092994046}},
	        {"n", 3, {3, 3, 7}, {2, 4, 4}},
	        {"w", 1, {10}, {2.995732273553991}},
	};
	struct space *space = make_space();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct parzen parzen;
		init_over(&parzen, space, cases[i].name);
		fit_values(&parzen, space, cases[i].values, cases[i].count);
		for (size_t j = 0; j < cases[i].count; j++)
			assert_near(width_of(&parzen, j), cases[i].widths[j], 1e-12);
		parzen_finish(&parzen);
	}
	space_destroy(space);
}

static void kernels_stay_as_wide_as_the_floor_says(void **state)
{
	(void)state;
	static const double same[8] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
	struct parzen_options options = defaults;
	struct space *space = make_space();
	struct parzen parzen;
	size_t dim = (size_t)space_find(space, "x");
	options.bandwidth_floor = 0.2;
	assert_int_equal(parzen_init(&parzen, space, &dim, 1, &options), 0);
	fit_values(&parzen, space, same, 8);
	for (size_t slot = 1; slot < 7; slot++)
		assert_near(width_of(&parzen, slot), 0.2 * pow(8, -1.0 / 5), 1e-12);
	parzen_finish(&parzen);
	space_destroy(space);
}

/* The share of suggestions far from 0.5, where all good trials of a study are. */
static double share_far_away(const char *pruner, const struct setting *setting)
{
	struct objective objective = {"loss", MINIMIZE, (double)NAN};
	struct method prune = {.info = method_info_find(pruner_infos, pruner)};
	struct study_spec spec = {.name = "far", .objective_count = 1, .objectives = &objective, .pruner_count = 1};
	struct history *history;
	struct sampler *sampler;
	double far = 0;
	assert_int_equal(space_create(&spec.space), 0);
	space_add_float(spec.space, "x", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(spec.space, NULL), 0);
	spec.pruners = &prune;
	spec.sampler = (struct method){method_info_find(sampler_infos, "tpe"), setting ? 1 : 0, setting, NULL};
	assert_int_equal(history_create(&history, spec.space, &objective, 1), 0);
	assert_int_equal(sampler_create(&sampler, &spec, history, 1, NULL), 0);
	for (int64_t number = 0; number < 100; number++) {
		double x = ((double)number + 0.5) / 100, loss = fabs(x - 0.5);
		assert_int_equal(history_start(history, number, &x), 0);
		history_finish(history, number, TRIAL_COMPLETE, &loss, 0);
	}
	for (int64_t number = 100; number < 1100; number++) {
		double x = (double)NAN;
		assert_int_equal(sampler_suggest(sampler, number, &x), 0);
		far += fabs(x - 0.5) > 0.25 ? 1 : 0;
	}
	sampler_destroy(sampler);
	history_destroy(history);
	space_destroy(spec.space);
	return far / 1000;
}

static void where_trials_are_pruned_some_are_drawn_at_random(void **state)
{
	(void)state;
	static const struct setting never = {.name = "random_fraction", .number = 0},
	                            always = {.name = "random_fraction", .number = 1};
	double usual = share_far_away("none", NULL), pruned = share_far_away("median", NULL);
	assert_true(usual < 0.05);
	assert_true(pruned > usual + 0.1 && pruned < usual + 0.3); /* half of all draws are far away */
	assert_true(share_far_away("median", &never) < 0.05);
	assert_true(share_far_away("auto", NULL) < 0.05);
	assert_near(share_far_away("none", &always), 0.5, 0.05);
}

static void a_constant_history_has_finite_densities_everywhere(void **state)
{
	(void)state;
	static const double same[8] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
	static const double queries[4] = {0, 0.5, 0.7, 1};
	double densities[4];
	struct space *space = make_space();
	struct parzen parzen;
	init_over(&parzen, space, "x");
	fit_values(&parzen, space, same, 8);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(parzen_log_density(&densities[i], &parzen, &queries[i]), 0);
		assert_true(isfinite(densities[i]));
	}
	assert_true(densities[1] > densities[0] && densities[1] > densities[3]);
	parzen_finish(&parzen);
	space_destroy(space);
}

static void a_density_integrates_to_one(void **state)
{
	(void)state;
	static const double values[3] = {0.1, 0.9, 0.85};
	enum { CELLS = 64 * 32 };
	double sum = 0;
	struct space *space = make_space();
	struct parzen parzen;
	init_over(&parzen, space, "x");
	fit_values(&parzen, space, values, 3);
	for (size_t i = 0; i < CELLS; i++) {
		double x = ((double)i + 0.5) / CELLS, density;
		assert_int_equal(parzen_log_density(&density, &parzen, &x), 0);
		sum += exp(density) / CELLS;
	}
	assert_near(sum, 1, 1e-5);
	parzen_finish(&parzen);
	space_destroy(space);
}

static void masses_of_all_cells_sum_to_one(void **state)
{
	(void)state;
	static const double values[3] = {3, 3, 90};
	double sum = 0;
	struct space *space = make_space();
	struct parzen parzen;
	init_over(&parzen, space, "w");
	fit_values(&parzen, space, values, 3);
	for (double x = 1; x <= 100; x++) {
		double mass;
		assert_int_equal(parzen_log_density(&mass, &parzen, &x), 0);
		sum += exp(mass);
	}
	assert_near(sum, 1, 1e-9);
	parzen_finish(&parzen);
	space_destroy(space);
}

/* Continuous dimensions only. The prior is a normal as wide as the range, cut to it. */
static double plain_log_density(const struct parzen *parzen, const double *point)
{
	long double prior = 1, sum = 0, inside = erfl(0.5L / sqrtl(2));
	for (size_t slot = 0; slot < parzen->slot_count; slot++) {
		long double term = 0;
		for (size_t d = 0; d < parzen->dim_count; d++) {
			const struct parzen_dim *dim = &parzen->dims[d];
			double x = dim->param->log ? log(point[d]) : point[d];
			long double z = (x - dim->mus[slot]) * dim->rates[slot];
			term += dim->norms[slot] - z * z;
		}
		sum += parzen->weights[slot] * expl(term);
	}
	for (size_t d = 0; d < parzen->dim_count; d++) {
		const struct parzen_dim *dim = &parzen->dims[d];
		double x = dim->param->log ? log(point[d]) : point[d], range = dim->high - dim->low;
		long double z = (x - (dim->low + dim->high) / 2) / range;
		prior *= expl(-z * z / 2) / (range * sqrtl(2 * acosl(-1)) * inside);
	}
	return (double)logl((prior + sum) / parzen->weight_sum);
}

/* A density of 2,000 kernels in two dimensions, nearly all of them far away from any point, against
 * the sum as it is written; and what is worked out of it until it is enough. */
static void kernels_that_are_left_out_change_nothing(void **state)
{
	(void)state;
	enum { COUNT = 2000 };
	static double points[COUNT * 5];
	static uint8_t wanted[COUNT];
	struct space *space = make_space();
	const size_t dims[2] = {(size_t)space_find(space, "x"), (size_t)space_find(space, "lr")};
	struct parzen parzen;
	struct rng rng;
	rng_init(&rng, 3, 1);
	assert_int_equal(parzen_init(&parzen, space, dims, 2, &defaults), 0);
	for (size_t i = 0; i < COUNT; i++) {
		point_clear(space, points + i * 5);
		point_draw(space, points + i * 5, &rng);
		wanted[i] = 1;
	}
	assert_int_equal(parzen_fit(&parzen, points, 5, wanted, COUNT), 0);
	for (size_t i = 0; i < COUNT; i += 100) {
		const double x[2] = {points[i * 5 + dims[0]], points[i * 5 + dims[1]]};
		double whole, part, plain = plain_log_density(&parzen, x);
		assert_int_equal(parzen_log_density(&whole, &parzen, x), 0);
		assert_near(whole, plain, 1e-12 * fabs(plain) + 1e-12);
		assert_int_equal(parzen_log_density_up_to(&part, &parzen, x, whole - 1), 0);
		assert_true(part > whole - 1 && part <= whole + 1e-12);
		assert_int_equal(parzen_log_density_up_to(&part, &parzen, x, whole + 1), 0);
		assert_true(part == whole);
	}
	parzen_finish(&parzen);
	space_destroy(space);
}

/* A trial at a time must give what all at once gives: the kernels of one dimension depend on their
 * neighbours. */
static void fitting_step_by_step_is_fitting_at_once(void **state)
{
	(void)state;
	enum { COUNT = 700, WIDTH = 5 };
	static double points[COUNT * WIDTH];
	static uint8_t wanted[COUNT];
	static const size_t dims[WIDTH] = {0, 1, 2, 3, 4};
	struct space *space = make_space();
	struct parzen grown, whole;
	struct rng rng;
	rng_init(&rng, 1, 1);
	assert_int_equal(parzen_init(&grown, space, dims, WIDTH, &defaults), 0);
	assert_int_equal(parzen_init(&whole, space, dims, WIDTH, &defaults), 0);
	for (size_t count = 0; count < COUNT; count++) {
		point_clear(space, points + count * WIDTH);
		point_draw(space, points + count * WIDTH, &rng);
		wanted[count] = 1;
		wanted[rng_below(&rng, count + 1)] ^= count % 5 == 0;
		assert_int_equal(parzen_fit(&grown, points, WIDTH, wanted, count + 1), 0);
	}
	assert_int_equal(parzen_fit(&whole, points, WIDTH, wanted, COUNT), 0);
	for (size_t i = 0; i < 64; i++) {
		double a, b;
		assert_int_equal(parzen_log_density(&a, &grown, points + i * WIDTH), 0);
		assert_int_equal(parzen_log_density(&b, &whole, points + i * WIDTH), 0);
		assert_near(a, b, 1e-12);
	}
	parzen_finish(&grown);
	parzen_finish(&whole);
	space_destroy(space);
}

static void the_good_set_grows_by_a_tenth_up_to_25(void **state)
{
	(void)state;
	static const struct {
		int64_t told;
		size_t good;
	} cases[] = {{1, 1}, {10, 1}, {11, 2}, {100, 10}, {250, 25}, {1000, 25}};
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct space *space = make_space();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct history *history;
		double point[5] = {0}, value = 1;
		assert_int_equal(history_create(&history, space, &objective, 1), 0);
		for (int64_t number = 0; number < cases[i].told; number++) {
			assert_int_equal(history_start(history, number, point), 0);
			history_finish(history, number, TRIAL_COMPLETE, &value, 0);
		}
		assert_int_equal(split_gamma(history), cases[i].good);
		history_destroy(history);
	}
	space_destroy(space);
}

static void infeasible_trials_are_good_only_when_nothing_else_is_left(void **state)
{
	(void)state;
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct space *space = make_space();
	struct history *history;
	double point[5] = {0}, values[] = {0.9, 0.5, 0.7};
	uint8_t sides[4];
	assert_int_equal(history_create(&history, space, &objective, 1), 0);
	for (int64_t number = 0; number < 4; number++)
		assert_int_equal(history_start(history, number, point), 0);
	history_finish(history, 0, TRIAL_COMPLETE, &values[0], 2.5);
	history_finish(history, 1, TRIAL_COMPLETE, &values[1], 0);
	history_finish(history, 2, TRIAL_PRUNED, NULL, 0);
	assert_int_equal(split_history(sides, history, 1, true), 0);
	assert_memory_equal(sides, ((uint8_t[]){SPLIT_ABOVE, SPLIT_BELOW, SPLIT_ABOVE, SPLIT_ABOVE}), 4);
	assert_int_equal(split_history(sides, history, 2, false), 0);
	assert_memory_equal(sides, ((uint8_t[]){SPLIT_ABOVE, SPLIT_BELOW, SPLIT_BELOW, SPLIT_OUT}), 4);
	assert_int_equal(split_history(sides, history, 3, true), 0);
	assert_memory_equal(sides, ((uint8_t[]){SPLIT_BELOW, SPLIT_BELOW, SPLIT_BELOW, SPLIT_ABOVE}), 4);
	history_destroy(history);
	space_destroy(space);
}

static void a_stopped_trial_with_an_estimate_counts_among_the_complete(void **state)
{
	(void)state;
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct space *space = make_space();
	struct history *history;
	double point[5] = {0}, values[] = {0.9, 0.5};
	uint8_t sides[4];
	assert_int_equal(history_create(&history, space, &objective, 1), 0);
	for (int64_t number = 0; number < 4; number++)
		assert_int_equal(history_start(history, number, point), 0);
	history_finish(history, 0, TRIAL_COMPLETE, &values[0], 0);
	history_finish(history, 1, TRIAL_COMPLETE, &values[1], 0);
	history_finish(history, 2, TRIAL_PRUNED, NULL, 0);
	history_finish(history, 3, TRIAL_PRUNED, NULL, 0);
	history_estimate(history, 0, 0.85, 1e-4);
	history_estimate(history, 1, 0.55, 1e-4);
	history_estimate(history, 2, 0.7, 1e-3);
	assert_int_equal(split_history(sides, history, 2, true), 0);
	assert_memory_equal(sides, ((uint8_t[]){SPLIT_BELOW, SPLIT_ABOVE, SPLIT_BELOW, SPLIT_ABOVE}), 4);
	assert_int_equal(split_history(sides, history, 3, true), 0);
	assert_memory_equal(sides, ((uint8_t[]){SPLIT_BELOW, SPLIT_BELOW, SPLIT_BELOW, SPLIT_ABOVE}), 4);
	history_destroy(history);
	space_destroy(space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_golden_number_of_optuna_is_met),
	        cmocka_unit_test(kernel_widths_are_the_published_ones),
	        cmocka_unit_test(a_stopped_trial_with_an_estimate_counts_among_the_complete),
	        cmocka_unit_test(kernels_stay_as_wide_as_the_floor_says),
	        cmocka_unit_test(where_trials_are_pruned_some_are_drawn_at_random),
	        cmocka_unit_test(a_constant_history_has_finite_densities_everywhere),
	        cmocka_unit_test(a_density_integrates_to_one),
	        cmocka_unit_test(kernels_that_are_left_out_change_nothing),
	        cmocka_unit_test(masses_of_all_cells_sum_to_one),
	        cmocka_unit_test(fitting_step_by_step_is_fitting_at_once),
	        cmocka_unit_test(the_good_set_grows_by_a_tenth_up_to_25),
	        cmocka_unit_test(infeasible_trials_are_good_only_when_nothing_else_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
