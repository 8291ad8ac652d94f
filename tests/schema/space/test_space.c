#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/distribution.h"
#include "schema/space/grid.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/param_value.h"
#include "schema/space/point.h"
#include "schema/space/prior.h"
#include "schema/space/translation.h"

static const struct choice names[] = {{"\"adam\"", "adam"}, {"null", "None"}, {"true", "True"}, {"2.5", "2.5"}};

static struct space *must_make_space(void)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	return space;
}

static void must_freeze(struct space *space)
{
	struct error error = {""};
	assert_int_equal(space_freeze(space, &error), 0);
}

/* Printed by optuna.distributions.distribution_to_json. */
static void distributions_are_optunas_byte_for_byte(void **state)
{
	(void)state;
	static const char *const expected[] = {
	        "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": null, \"low\": 0.0, \"high\": 1.0, "
	        "\"log\": false}}",
	        "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": null, \"low\": 1e-05, \"high\": 0.1, "
	        "\"log\": true}}",
	        "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": 0.25, \"low\": 0.1, \"high\": 0.85, "
	        "\"log\": false}}",
	        "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": false, \"step\": 3, \"low\": 0, \"high\": "
	        "9}}",
	        "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": true, \"step\": 1, \"low\": 1, \"high\": "
	        "100}}",
	        "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"adam\", null, true, 2.5]}}",
	};
	struct space *space = must_make_space();
	space_add_float(space, "a", &(struct param_range){0, 1, 0, false});
	space_add_float(space, "b", &(struct param_range){1e-5, 0.1, 0, true});
	space_add_float(space, "c", &(struct param_range){0.1, 1.05, 0.25, false});
	space_add_int(space, "d", &(struct param_range){0, 11, 3, false});
	space_add_int(space, "e", &(struct param_range){1, 100, 1, true});
	space_add_categorical(space, "f", names, 4);
	must_freeze(space);
	for (size_t i = 0; i < space->count; i++) {
		struct text text = TEXT_NULL;
		param_append_distribution(&space->params[i], &text);
		assert_string_equal(text_string(&text), expected[i]);
		for (size_t k = 0; k < space->count; k++) {
			double value = 0;
			assert_int_equal(param_take_from_distribution(&value, &space->params[i], expected[k]),
			        i == k || (i == 0 && k == 2) || (i == 2 && k == 0));
		}
		text_finish(&text);
	}
	space_destroy(space);
}

static void stepped_values_are_the_decimals_people_write(void **state)
{
	(void)state;
	struct space *space = must_make_space();
	const struct param *param = space_add_float(space, "x", &(struct param_range){-1, 1, 0.1, false});
	assert_true(param_snap(param, 0.1 + 0.2) == 0.3);
	assert_true(param_snap(param, -0.3001) == -0.3);
	assert_true(param_snap(param, 0.04) == 0);
	assert_true(param_snap(param, 9) == 1);
	assert_true(param_contains(param, 0.1 + 0.2));
	assert_false(param_contains(param, 0.35));
	assert_false(param_contains(param, 1.1));
	assert_false(param_contains(param, (double)NAN));
	assert_int_equal(param_cardinality(param), 21);
	space_destroy(space);
}

/* What was printed is what is reckoned, of all numbers that people step through. */
static void values_of_grids_are_those_of_their_spelling(void **state)
{
	(void)state;
	static const struct {
		double low, step;
		int places;
	} grids[] = {{0, 1, 0}, {0.1, 0.05, 2}, {-3, 0.25, 2}, {0.3, 0.1, 1}, {1e-05, 1e-05, 5}, {-1.5, 7, 1},
	        {0.123456, 0.001, 6}, {0.0625, 1e-07, 7}, {12345.678, 0.3, 3}, {1e11, 0.01, 2}, {-1e-06, 1e-06, 6},
	        {0, 1.0 / 3, 16}};
	for (size_t i = 0; i < sizeof grids / sizeof *grids; i++) {
		for (int index = 0; index < 2000; index++) {
			char digits[64];
			snprintf(digits, sizeof digits, "%.*f", grids[i].places, grids[i].low + index * grids[i].step);
			double expected = strtod(digits, NULL), value = grid_value(grids[i].low, grids[i].step, index);
			assert_memory_equal(&value, &expected, sizeof value);
		}
	}
}

static void halves_round_to_the_even_neighbour(void **state)
{
	(void)state;
	struct space *space = must_make_space();
	const struct param *param = space_add_int(space, "n", &(struct param_range){0, 10, 1, false});
	assert_true(param_snap(param, 0.5) == 0);
	assert_true(param_snap(param, 1.5) == 2);
	assert_true(param_snap(param, 2.5) == 2);
	space_destroy(space);
}

static void values_of_other_distributions_are_taken_where_they_mean_something(void **state)
{
	(void)state;
	static const struct choice letters[] = {{"\"a\"", "a"}, {"\"b\"", "b"}, {"[1]", "[1]"}};
	struct space *space = must_make_space();
	space_add_float(space, "float", &(struct param_range){1e-4, 1, 0, true});
	space_add_int(space, "int", &(struct param_range){1, 8, 1, false});
	space_add_categorical(space, "letters", letters, 3);
	must_freeze(space);
	static const struct {
		size_t param;
		double value, taken; /* NAN = it is not */
		const char *json;
	} cases[] = {
	        {0, 0.5, 0.5, "{\"type\": \"float\", \"low\": 0.01, \"high\": 10, \"log\": true}"},
	        {0, 7, 7, "{\"name\": \"LogUniformDistribution\", \"attributes\": {\"low\": 0.01, \"high\": 10}}"},
	        {0, 0.5, NAN, "{\"type\": \"float\", \"low\": 1e-4, \"high\": 1}"},
	        {1, 3, 3, "{\"type\": \"int\", \"low\": 1, \"high\": 9, \"step\": 2}"},
	        {1, 3, NAN, "{\"type\": \"float\", \"low\": 1, \"high\": 8}"},
	        {2, 0, 1, "{\"type\": \"categorical\", \"choices\": [\"b\", \"a\", \"c\", \"[1]\"]}"},
	        {2, 3, 2, "{\"type\": \"categorical\", \"choices\": [\"b\", \"a\", \"c\", \"[1]\"]}"},
	        {2, 2, NAN, "{\"type\": \"categorical\", \"choices\": [\"b\", \"a\", \"c\"]}"},
	        {2, 3, NAN, "{\"type\": \"categorical\", \"choices\": [\"b\", \"a\", \"c\"]}"},
	        {2, -1, NAN, "{\"type\": \"categorical\", \"choices\": [\"b\"]}"},
	        {2, 0, NAN, "{\"type\": \"categorical\"}"},
	        {0, 0.5, 0.5, "{\"attributes\":{\"log\":true,\"high\":1,\"low\":1},\"name\":\"FloatDistribution\"}"},
	        {0, 0.5, NAN, "{\"name\": \"UniformDistribution\", \"attributes\": {\"low\": 0, \"high\": 1}}"},
	        {0, 0.5, NAN,
	                "{\"name\": \"LogUniformDistribution\", \"attributes\": {\"low\": 1, \"high\": 2, \"q\": 1}}"},
	        {1, 3, 3,
	                "{\"name\": \"IntUniformDistribution\", \"attributes\": {\"low\": 1.0, \"high\": 8.0, "
	                "\"step\": 1}}"},
	        {1, 3, NAN, "{\"name\": \"OddDistribution\", \"attributes\": {\"low\": 1, \"high\": 8}}"},
	        {1, 3, NAN, "nonsense"},
	        {1, 3, NAN, "[]"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double value = cases[i].value;
		bool taken = param_take_from_distribution(&value, &space->params[cases[i].param], cases[i].json);
		assert_int_equal(taken, !isnan(cases[i].taken));
		assert_true(!taken || value == cases[i].taken);
	}
	space_destroy(space);
}

static double share_below(const struct param *param, double bound)
{
	enum { COUNT = 2000 };
	int below = 0;
	for (int i = 0; i < COUNT; i++)
		below += param_quantile(param, (i + 0.5) / COUNT) < bound;
	return (double)below / COUNT;
}

static void quantiles_follow_their_priors(void **state)
{
	(void)state;
	struct space *space = must_make_space();
	struct param *param = space_add_float(space, "log", &(struct param_range){1e-4, 1, 0, true});
	assert_true(fabs(share_below(param, 1e-2) - 0.5) < 0.002);
	param->prior = PRIOR_INV_LOG_UNIFORM;
	assert_true(fabs(share_below(param, 1e-2) - 0.5) < 0.002);
	assert_true(param_quantile(param, 0) > param_quantile(param, 0.9));
	param = space_add_float(space, "normal", &(struct param_range){-8, 8, 0, false});
	param->prior = PRIOR_NORMAL;
	param->mu = 0;
	param->sigma = 2;
	assert_true(fabs(param_quantile(param, 0.5)) < 1e-9);
	assert_true(fabs(share_below(param, -2) - 0.158655) < 0.002);
	param = space_add_float(space, "log_normal", &(struct param_range){exp(-4), exp(4), 0, true});
	param->prior = PRIOR_LOG_NORMAL;
	param->sigma = 1;
	assert_true(fabs(share_below(param, exp(1)) - 0.841345) < 0.002);
	param = space_add_float(space, "beta", &(struct param_range){0, 1, 0, false});
	param->prior = PRIOR_BETA;
	param->mu = 2;
	param->sigma = 5;
	assert_true(fabs(share_below(param, 0.2) - 0.34464) < 0.002); /* scipy.stats.beta(2, 5).cdf(0.2) */
	param = space_add_float(space, "q_beta", &(struct param_range){0, 0.8, 0.4, false});
	param->prior = PRIOR_BETA;
	param->mu = param->sigma = 1;
	assert_true(fabs(share_below(param, 0.2) - 0.2) < 0.002); /* W&B: the values that round to 0 */
	assert_true(fabs(share_below(param, 0.6) - 0.6) < 0.002);
	param = space_add_int(space, "die", &(struct param_range){1, 6, 1, false});
	for (int face = 1; face <= 6; face++)
		assert_true(fabs(share_below(param, face + 0.5) - face / 6.0) < 0.002);
	space_destroy(space);
}

static void weighted_choices_come_by_their_weight(void **state)
{
	(void)state;
	static const double weights[] = {0.7, 0.1, 0.1, 0.1};
	struct space *space = must_make_space();
	struct param *param = space_add_categorical(space, "c", names, 4);
	param->probabilities = weights;
	param->prior = PRIOR_WEIGHTED;
	assert_true(fabs(share_below(param, 0.5) - 0.7) < 0.002);
	assert_true(param_quantile(param, 0.9999999) == 3);
	space_destroy(space);
}

static struct space *must_make_conditional_space(void)
{
	struct space *space = must_make_space();
	double adam = 0, deep = 3;
	struct error error;
	space_add_float(space, "beta", &(struct param_range){0.8, 0.99, 0, false});
	space_add_categorical(space, "optimizer", names, 2);
	space_add_int(space, "aaa_layers", &(struct param_range){1, 4, 1, false});
	space_add_int(space, "aa_width", &(struct param_range){8, 64, 8, false});
	assert_int_equal(space_add_condition(space, "beta", "optimizer", &adam, 1), 0);
	assert_int_equal(space_add_condition(space, "aa_width", "aaa_layers", &deep, 1), 0);
	assert_int_equal(space_add_condition(space, "aa_width", "nobody", &deep, 1), -EINVAL);
	assert_int_equal(space_add_constant(space, "epochs", &names[3]), 0);
	assert_int_equal(space_freeze(space, &error), 0);
	return space;
}

static void parents_come_before_children(void **state)
{
	(void)state;
	struct space *space = must_make_conditional_space();
	static const char *const sorted[] = {"aa_width", "aaa_layers", "beta", "optimizer"};
	static const char *const order[] = {"aaa_layers", "aa_width", "optimizer", "beta"};
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(space->params[i].name, sorted[i]);
		assert_string_equal(space->params[space->order[i]].name, order[i]);
		assert_int_equal(space_find(space, sorted[i]), i);
	}
	assert_int_equal(space_find(space, "zzz"), -1);
	space_destroy(space);
}

static void draws_respect_conditions_and_survive_json(void **state)
{
	(void)state;
	struct space *space = must_make_conditional_space();
	struct rng rng;
	rng_init(&rng, 1, 0);
	size_t active = 0;
	for (int i = 0; i < 200; i++) {
		double point[4], back[4];
		struct text text = TEXT_NULL;
		struct error error;
		point_clear(space, point);
		point_draw(space, point, &rng);
		assert_int_equal(isnan(point[2]), point[3] != 0);
		assert_int_equal(isnan(point[0]), point[1] != 3);
		active += isnan(point[2]) ? 0u : 1u;
		point_append_params_json(space, point, &text);
		assert_null(strstr(text_string(&text), "epochs"));
		text_clear(&text);
		space_append_constants_json(space, &text);
		assert_non_null(strstr(text_string(&text), "\"epochs\":2.5"));
		text_clear(&text);
		point_append_json(space, point, &text);
		cJSON *json = json_parse(text_string(&text), text.length, &error);
		assert_int_equal(point_from_json(back, space, json, &error), 0);
		assert_true(point_equal(space, point, back));
		point[3] = 1;
		point[1] = 1;
		point_drop_inactive(space, point);
		assert_true(isnan(point[2]) && isnan(point[0]));
		cJSON_Delete(json);
		text_finish(&text);
	}
	assert_in_range(active, 60, 140);
	space_destroy(space);
}

static void points_from_the_wire_are_checked(void **state)
{
	(void)state;
	static const struct {
		const char *json, *sentence;
		int outcome;
	} cases[] = {
	        {"{\"optimizer\":null,\"aaa_layers\":2}", "", 0},
	        {"{\"epochs\":2.5}", "", 0},
	        {"{\"epochs\":3}", "epochs is fixed to 2.5", -EINVAL},
	        {"{\"beta\":0.5}", "", PARAM_OUT_OF_BOUNDS},
	        {"{\"beta\":\"nan\"}", "beta: a finite number is needed", -EINVAL},
	        {"{\"aaa_layers\":2.5}", "aaa_layers: a whole number is needed, not 2.5", -EINVAL},
	        {"{\"optimizer\":\"sgd\"}", "optimizer: \"sgd\" is none of its values", -EINVAL},
	        {"{\"lr\":1}", "there is no parameter lr", -EINVAL},
	        {"[]", "parameters must be an object of names and values", -EINVAL},
	};
	struct space *space = must_make_conditional_space();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double point[4];
		struct error error = {""};
		cJSON *json = json_parse(cases[i].json, strlen(cases[i].json), NULL);
		assert_int_equal(point_from_json(point, space, json, &error), cases[i].outcome);
		assert_string_equal(error.text, cases[i].sentence);
		cJSON_Delete(json);
	}
	space_destroy(space);
}

static void circles_and_duplicates_are_refused(void **state)
{
	(void)state;
	struct error error;
	double one = 1;
	struct space *space = must_make_space();
	space_add_int(space, "a", &(struct param_range){0, 1, 1, false});
	space_add_int(space, "b", &(struct param_range){0, 1, 1, false});
	space_add_condition(space, "a", "b", &one, 1);
	space_add_condition(space, "b", "a", &one, 1);
	assert_int_equal(space_freeze(space, &error), -EINVAL);
	assert_string_equal(error.text, "the conditions of a depend on themselves");
	space_destroy(space);
	space = must_make_space();
	space_add_int(space, "a", &(struct param_range){0, 1, 1, false});
	space_add_constant(space, "a", &names[0]);
	assert_int_equal(space_freeze(space, &error), -EINVAL);
	assert_string_equal(error.text, "the parameter a is there twice");
	space_destroy(space);
}

static void points_of_another_space_are_told_by_name(void **state)
{
	(void)state;
	double values[2];
	const struct choice two = {"2", "2"};
	struct space *from = must_make_space(), *to = must_make_space();
	space_add_categorical(from, "name", names, 4);
	space_add_float(from, "lr", &(struct param_range){0, 4, 0, false});
	space_add_constant(from, "depth", &two);
	must_freeze(from);
	space_add_int(to, "depth", &(struct param_range){1, 3, 1, false});
	space_add_categorical(to, "name", names + 2, 2);
	space_add_constant(to, "lr", &two);
	must_freeze(to);
	assert_true(point_translate(values, to, from, (double[]){2, 3}));
	assert_float_equal(values[0], 2, 0);
	assert_float_equal(values[1], 1, 0);
	assert_false(point_translate(values, to, from, (double[]){2, 0})); /* adam is no choice */
	assert_false(point_translate(values, to, from, (double[]){1, 3})); /* lr is another constant */
	space_destroy(from);
	space_destroy(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(points_of_another_space_are_told_by_name),
	        cmocka_unit_test(distributions_are_optunas_byte_for_byte),
	        cmocka_unit_test(stepped_values_are_the_decimals_people_write),
	        cmocka_unit_test(values_of_grids_are_those_of_their_spelling),
	        cmocka_unit_test(halves_round_to_the_even_neighbour),
	        cmocka_unit_test(values_of_other_distributions_are_taken_where_they_mean_something),
	        cmocka_unit_test(quantiles_follow_their_priors),
	        cmocka_unit_test(weighted_choices_come_by_their_weight),
	        cmocka_unit_test(parents_come_before_children),
	        cmocka_unit_test(draws_respect_conditions_and_survive_json),
	        cmocka_unit_test(points_from_the_wire_are_checked),
	        cmocka_unit_test(circles_and_duplicates_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
