/* Spaces at the edges of what a study file may say: every sampler stays inside them and comes to an
 * end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/sampler.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define WIDTH 8

struct odd_run {
	struct study_spec spec;
	struct objective objective;
	struct history *history;
	struct sampler *sampler;
};

/* False when the sampler says that the space does not suit it. */
static bool begin(struct odd_run *run, const struct method_info *info, struct space *space)
{
	struct error error = {""};
	*run = (struct odd_run){.objective = {"loss", MINIMIZE, (double)NAN}};
	run->spec =
	        (struct study_spec){.name = "odd", .objective_count = 1, .objectives = &run->objective, .space = space};
	run->spec.sampler.info = info;
	run->spec.budget_trials = 40;
	assert_int_equal(history_create(&run->history, space, &run->objective, 1), 0);
	if (sampler_create(&run->sampler, &run->spec, run->history, 7, &error) == 0)
		return true;
	assert_string_not_equal(error.text, "");
	history_destroy(run->history);
	return false;
}

static void end(struct odd_run *run)
{
	sampler_destroy(run->sampler);
	history_destroy(run->history);
}

static int suggest(struct odd_run *run, int64_t number, double *point)
{
	int outcome = sampler_suggest(run->sampler, number, point);
	if (outcome != 0)
		return outcome;
	assert_int_equal(history_start(run->history, number, point), 0);
	double value = (double)(number * 7 % 13);
	history_finish(run->history, number, TRIAL_COMPLETE, &value, 1);
	return 0;
}

static void assert_inside(const struct space *space, const double *point)
{
	for (size_t i = 0; i < space->count; i++) {
		if (!point_is_active(space, point, i)) {
			assert_true(isnan(point[i]));
			continue;
		}
		assert_true(param_contains(&space->params[i], point[i]));
		assert_true(param_snap(&space->params[i], point[i]) == point[i]);
	}
}

static void play_all(struct space *space, int64_t trials)
{
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct odd_run run;
		double point[WIDTH];
		if (!begin(&run, info, space))
			continue;
		for (int64_t number = 0; number < trials; number++) {
			point_clear(space, point);
			int outcome = suggest(&run, number, point);
			if (outcome == SAMPLER_EXHAUSTED)
				break;
			assert_int_equal(outcome, 0);
			assert_inside(space, point);
		}
		end(&run);
	}
	space_destroy(space);
}

static struct space *empty_space(void)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	return space;
}

static struct space *frozen(struct space *space)
{
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

static void ranges_as_wide_as_numbers_go_are_searched(void **state)
{
	(void)state;
	struct space *space = empty_space();
	space_add_float(space, "every_size", &(struct param_range){1e-300, 1e300, 0, true});
	space_add_float(space, "every_number", &(struct param_range){-8e307, 8e307, 0, false});
	space_add_int(space, "whole", &(struct param_range){-((int64_t)1 << 53), (int64_t)1 << 53, 1, false});
	play_all(frozen(space), 40);
}

static void parameters_of_one_value_are_no_obstacle(void **state)
{
	(void)state;
	struct choice only = {"\"only\"", "only"};
	struct space *space = empty_space();
	space_add_float(space, "point", &(struct param_range){0.3, 0.3, 0, false});
	space_add_float(space, "log_point", &(struct param_range){0.3, 0.3, 0, true});
	space_add_int(space, "four", &(struct param_range){4, 4, 1, false});
	space_add_categorical(space, "one", &only, 1);
	space_add_float(space, "x", &(struct param_range){0, 1, 0, false});
	play_all(frozen(space), 40);
}

static void a_hundred_thousand_categories_are_searched(void **state)
{
	(void)state;
	enum { COUNT = 100000 };
	struct choice *choices = memory_alloc(COUNT, sizeof *choices);
	char(*texts)[8] = memory_alloc(COUNT, sizeof *texts);
	for (int i = 0; i < COUNT; i++) {
		snprintf(texts[i], sizeof texts[i], "%d", i);
		choices[i] = (struct choice){texts[i], texts[i]};
	}
	struct space *space = empty_space();
	space_add_categorical(space, "word", choices, COUNT);
	space_add_float(space, "x", &(struct param_range){0, 1, 0.25, false});
	play_all(frozen(space), 25);
	memory_free(choices);
	memory_free(texts);
}

/* Steps whose multiples are no binary fractions; a child hangs on the value 0 of a range that
 * begins below it. */
static void values_of_stepped_ranges_are_those_that_people_write(void **state)
{
	(void)state;
	double zero = 0;
	struct space *space = empty_space();
	space_add_float(space, "x", &(struct param_range){-0.3, 0.6, 0.1, false});
	space_add_float(space, "y", &(struct param_range){0.1, 0.9, 0.1, false});
	space_add_float(space, "child", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_add_condition(space, "child", "x", &zero, 1), 0);
	play_all(frozen(space), 80);
}

static void a_space_of_constants_has_one_point(void **state)
{
	(void)state;
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct odd_run run;
		double point[1];
		struct space *space = frozen(empty_space());
		if (begin(&run, info, space)) {
			bool walks = strcmp(info->name, "grid") == 0 || strcmp(info->name, "brute_force") == 0;
			assert_int_equal(suggest(&run, 0, point), 0);
			assert_int_equal(suggest(&run, 1, point), walks ? SAMPLER_EXHAUSTED : 0);
			end(&run);
		}
		space_destroy(space);
	}
}

/* optimizer → momentum → nesterov: each hangs on the one before. */
static struct space *nested_space(void)
{
	struct choice names[] = {{"\"adam\"", "adam"}, {"\"sgd\"", "sgd"}},
	              flags[] = {{"false", "false"}, {"true", "true"}};
	double sgd = 1, half = 0.5;
	struct space *space = empty_space();
	space_add_categorical(space, "optimizer", names, 2);
	space_add_float(space, "momentum", &(struct param_range){0, 1, 0.5, false});
	space_add_categorical(space, "nesterov", flags, 2);
	assert_int_equal(space_add_condition(space, "momentum", "optimizer", &sgd, 1), 0);
	assert_int_equal(space_add_condition(space, "nesterov", "momentum", &half, 1), 0);
	return frozen(space);
}

static void a_given_value_counts_wherever_the_parent_that_is_drawn_lets_it(void **state)
{
	(void)state;
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct odd_run run;
		struct space *space = nested_space();
		size_t momentum = (size_t)space_find(space, "momentum"),
		       nesterov = (size_t)space_find(space, "nesterov");
		size_t optimizer = (size_t)space_find(space, "optimizer");
		int with_momentum = 0;
		if (begin(&run, info, space)) {
			for (int64_t number = 0; number < 30; number++) {
				double point[WIDTH];
				point_clear(space, point);
				point[momentum] = 0.5;
				point[nesterov] = 1;
				if (suggest(&run, number, point) == SAMPLER_EXHAUSTED)
					break;
				assert_inside(space, point);
				bool sgd = point[optimizer] == 1;
				with_momentum += sgd;
				assert_true(!sgd || (point[momentum] == 0.5 && point[nesterov] == 1));
			}
			assert_true(with_momentum > 0);
			end(&run);
		}
		space_destroy(space);
	}
}

static void random_draws_are_independent_and_follow_the_probabilities(void **state)
{
	(void)state;
	struct choice names[] = {{"\"a\"", "a"}, {"\"b\"", "b"}};
	double probabilities[] = {0.9, 0.1};
	struct space *space = empty_space();
	struct param *param = space_add_categorical(space, "name", names, 2);
	param->prior = PRIOR_WEIGHTED;
	param->probabilities = probabilities;
	frozen(space);
	struct odd_run run;
	int first = 0;
	assert_true(begin(&run, method_info_find(sampler_infos, "random"), space));
	for (int64_t number = 0; number < 1000; number++) {
		double point[1] = {(double)NAN};
		assert_int_equal(suggest(&run, number, point), 0);
		first += point[0] == 0;
	}
	assert_true(first > 860 && first < 940);
	end(&run);
	space_destroy(space);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(ranges_as_wide_as_numbers_go_are_searched),
	        TEST(parameters_of_one_value_are_no_obstacle),
	        TEST(a_hundred_thousand_categories_are_searched),
	        TEST(values_of_stepped_ranges_are_those_that_people_write),
	        TEST(a_space_of_constants_has_one_point),
	        TEST(a_given_value_counts_wherever_the_parent_that_is_drawn_lets_it),
	        TEST(random_draws_are_independent_and_follow_the_probabilities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
