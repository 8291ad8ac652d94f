/* What every sampler must do, asked of each one that the table has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/sampler.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define WIDTH 6

/* A space with every kind of parameter, where "momentum" exists for "sgd" only. */
static struct space *make_space(void)
{
	struct choice choices[] = {{"\"adam\"", "adam"}, {"\"sgd\"", "sgd"}};
	double sgd = 1;
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "lr", &(struct param_range){1e-5, 1e-1, 0, true});
	space_add_float(space, "momentum", &(struct param_range){0, 0.9, 0.3, false});
	space_add_int(space, "layers", &(struct param_range){1, 4, 1, false});
	space_add_int(space, "hidden", &(struct param_range){16, 64, 16, false});
	space_add_float(space, "rate", &(struct param_range){0, 0.5, 0, false});
	space_add_categorical(space, "solver", choices, 2);
	assert_int_equal(space_add_condition(space, "momentum", "solver", &sgd, 1), 0);
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

/* The same without its continuous parameters: 4 · 4 · (1 + 4) points. */
static struct space *make_discrete_space(void)
{
	struct choice choices[] = {{"\"adam\"", "adam"}, {"\"sgd\"", "sgd"}};
	double sgd = 1;
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "momentum", &(struct param_range){0, 0.9, 0.3, false});
	space_add_int(space, "layers", &(struct param_range){1, 4, 1, false});
	space_add_int(space, "hidden", &(struct param_range){16, 64, 16, false});
	space_add_categorical(space, "solver", choices, 2);
	assert_int_equal(space_add_condition(space, "momentum", "solver", &sgd, 1), 0);
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

struct bench {
	struct study_spec spec;
	struct objective objective;
	struct history *history;
	struct sampler *sampler;
};

/* False when this build has no such sampler or it does not take the space. */
static bool set_up(struct bench *bench, const struct method_info *info, struct space *space, uint64_t seed)
{
	struct error error = {""};
	*bench = (struct bench){.objective = {"f1", MAXIMIZE, (double)NAN}};
	bench->spec = (struct study_spec){.name = "s", .objective_count = 1, .space = space};
	bench->spec.objectives = &bench->objective;
	bench->spec.sampler.info = info;
	bench->spec.budget_trials = 60;
	assert_int_equal(history_create(&bench->history, space, &bench->objective, 1), 0);
	if (sampler_create(&bench->sampler, &bench->spec, bench->history, seed, &error) == 0)
		return true;
	assert_string_not_equal(error.text, "");
	history_destroy(bench->history);
	return false;
}

static void tear_down(struct bench *bench)
{
	sampler_destroy(bench->sampler);
	history_destroy(bench->history);
}

static double score(const struct space *space, const double *point)
{
	double sum = 0;
	for (size_t i = 0; i < space->count; i++)
		sum -= isnan(point[i]) ? 1 : fabs(point[i] - space->params[i].low);
	return sum;
}

static void assert_valid(const struct space *space, const double *point)
{
	for (size_t i = 0; i < space->count; i++) {
		if (point_is_active(space, point, i))
			assert_true(param_contains(&space->params[i], point[i]));
		else
			assert_true(isnan(point[i]));
	}
}

/* One trial: suggested, handed out, told. Every seventh is pruned and every ninth fails. */
static int play(struct bench *bench, int64_t number, double point[WIDTH])
{
	point_clear(bench->spec.space, point);
	int outcome = sampler_suggest(bench->sampler, number, point);
	if (outcome != 0)
		return outcome;
	assert_int_equal(history_start(bench->history, number, point), 0);
	double value = score(bench->spec.space, point);
	if (number % 7 == 6) {
		history_report(bench->history, number, 3, value);
		history_finish(bench->history, number, TRIAL_PRUNED, NULL, 0);
	} else if (number % 9 == 8) {
		history_finish(bench->history, number, TRIAL_FAILED, NULL, 0);
	} else {
		history_finish(bench->history, number, TRIAL_COMPLETE, &value, 0);
	}
	return 0;
}

static void every_suggestion_is_a_point_of_the_space(void **state)
{
	(void)state;
	struct space *space = make_space();
	size_t tried = 0;
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench bench;
		double point[WIDTH];
		if (!set_up(&bench, info, space, 5))
			continue;
		for (int64_t number = 0; number < 40; number++) {
			assert_int_equal(play(&bench, number, point), 0);
			assert_valid(space, point);
		}
		assert_string_not_equal(sampler_reason(bench.sampler), "");
		tear_down(&bench);
		tried++;
	}
	assert_true(tried >= 3);
	space_destroy(space);
}

static void a_sampler_made_anew_goes_on_exactly(void **state)
{
	(void)state;
	struct space *space = make_space();
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench whole;
		double point[WIDTH], again[WIDTH];
		if (!set_up(&whole, info, space, 5))
			continue;
		for (int64_t number = 0; number < 30; number++)
			assert_int_equal(play(&whole, number, point), 0);
		struct sampler *fresh;
		assert_int_equal(sampler_create(&fresh, &whole.spec, whole.history, 5, NULL), 0);
		for (int64_t number = 30; number < 33; number++) {
			point_clear(space, point);
			point_clear(space, again);
			assert_int_equal(sampler_suggest(whole.sampler, number, point), 0);
			assert_int_equal(sampler_suggest(fresh, number, again), 0);
			assert_true(point_equal(space, point, again));
		}
		sampler_destroy(fresh);
		tear_down(&whole);
	}
	space_destroy(space);
}

static void fixed_values_are_kept_and_the_rest_is_chosen(void **state)
{
	(void)state;
	struct space *space = make_space();
	size_t rate = (size_t)space_find(space, "rate"), solver = (size_t)space_find(space, "solver");
	size_t momentum = (size_t)space_find(space, "momentum");
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench bench;
		double point[WIDTH];
		if (!set_up(&bench, info, space, 5))
			continue;
		for (int64_t number = 0; number < 25; number++)
			assert_int_equal(play(&bench, number, point), 0);
		point_clear(space, point);
		point[rate] = 0.123;
		point[solver] = 0;
		assert_int_equal(sampler_suggest(bench.sampler, 25, point), 0);
		assert_true(point[rate] == 0.123 && point[solver] == 0);
		assert_true(isnan(point[momentum]));
		assert_valid(space, point);
		tear_down(&bench);
	}
	space_destroy(space);
}

static void where_points_can_repeat_they_are_handed_out_once_while_new_ones_are_left(void **state)
{
	(void)state;
	struct space *space = make_discrete_space();
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench bench;
		double points[40][WIDTH];
		if (strcmp(info->name, "random") == 0 || !set_up(&bench, info, space, 5))
			continue; /* random draws are independent */
		for (int64_t number = 0; number < 40; number++) {
			point_clear(space, points[number]);
			assert_int_equal(sampler_suggest(bench.sampler, number, points[number]), 0);
			assert_int_equal(history_start(bench.history, number, points[number]), 0);
			double value = score(space, points[number]);
			history_finish(bench.history, number, TRIAL_COMPLETE, &value, 0);
			for (int64_t other = 0; other < number; other++)
				assert_false(point_equal(space, points[number], points[other]));
		}
		tear_down(&bench);
	}
	space_destroy(space);
}

static void running_trials_keep_parallel_workers_apart(void **state)
{
	(void)state;
	struct space *space = make_space();
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench bench;
		double point[WIDTH], points[8][WIDTH];
		if (!set_up(&bench, info, space, 5))
			continue;
		for (int64_t number = 0; number < 20; number++)
			assert_int_equal(play(&bench, number, point), 0);
		for (int64_t i = 0; i < 8; i++) {
			point_clear(space, points[i]);
			assert_int_equal(sampler_suggest(bench.sampler, 20 + i, points[i]), 0);
			assert_int_equal(history_start(bench.history, 20 + i, points[i]), 0);
			for (int64_t j = 0; j < i; j++)
				assert_false(point_equal(space, points[i], points[j]));
		}
		tear_down(&bench);
	}
	space_destroy(space);
}

static void a_grid_gets_complete_in_spite_of_failures(void **state)
{
	(void)state;
	struct space *space = make_discrete_space();
	struct bench bench;
	double point[WIDTH];
	int64_t number = 0;
	size_t complete = 0;
	assert_true(set_up(&bench, method_info_find(sampler_infos, "grid"), space, 1));
	for (;; number++) {
		point_clear(space, point);
		if (sampler_suggest(bench.sampler, number, point) == SAMPLER_EXHAUSTED)
			break;
		assert_int_equal(history_start(bench.history, number, point), 0);
		double value = 1;
		bool fails = number % 3 == 0 && number < 60;
		history_finish(bench.history, number, fails ? TRIAL_FAILED : TRIAL_COMPLETE, fails ? NULL : &value, 0);
		complete += !fails;
	}
	assert_int_equal(complete, 80);
	tear_down(&bench);
	space_destroy(space);
}

static void a_grid_goes_by_name_with_the_last_name_fastest(void **state)
{
	(void)state;
	static const double expected[][2] = {{1, 0}, {1, 1}, {2, 0}, {2, 1}};
	struct choice choices[] = {{"\"x\"", "x"}, {"\"y\"", "y"}};
	struct space *space;
	struct bench bench;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "b", choices, 2);
	space_add_int(space, "a", &(struct param_range){1, 2, 1, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_true(set_up(&bench, method_info_find(sampler_infos, "grid"), space, 1));
	for (int64_t number = 0; number < 4; number++) {
		double point[WIDTH];
		point_clear(space, point);
		assert_int_equal(sampler_suggest(bench.sampler, number, point), 0);
		assert_true(point[0] == expected[number][0] && point[1] == expected[number][1]);
		assert_int_equal(history_start(bench.history, number, point), 0);
	}
	tear_down(&bench);
	space_destroy(space);
}

static void a_grid_over_a_continuous_range_is_refused(void **state)
{
	(void)state;
	struct space *space = make_space();
	struct bench bench;
	assert_false(set_up(&bench, method_info_find(sampler_infos, "grid"), space, 1));
	space_destroy(space);
}

/* The N-th allocation fails: the call says so and the next one works. */
static void running_out_of_memory_is_survived(void **state)
{
	(void)state;
	struct space *space = make_space();
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		struct bench bench;
		double point[WIDTH];
		if (!set_up(&bench, info, space, 5))
			continue;
		for (int64_t number = 0; number < 20; number++)
			assert_int_equal(play(&bench, number, point), 0);
		for (long nth = 1;; nth++) {
			struct sampler *sampler = NULL;
			memory_fault_after(nth);
			point_clear(space, point);
			int failed = sampler_create(&sampler, &bench.spec, bench.history, 5, NULL);
			if (!failed)
				failed = sampler_suggest(sampler, 20, point);
			int happened = memory_fault_happened();
			memory_fault_after(0);
			sampler_destroy(sampler);
			if (!happened)
				break;
			assert_true(failed < 0);
		}
		tear_down(&bench);
	}
	space_destroy(space);
}

/* Adds finished trials without asking anybody. */
static void add_trials(struct bench *bench, int64_t from, int64_t to)
{
	for (int64_t number = from; number < to; number++) {
		double point[WIDTH], value = (double)(number % 100);
		struct rng rng;
		rng_init(&rng, 3, (uint64_t)number);
		point_clear(bench->spec.space, point);
		point_draw(bench->spec.space, point, &rng);
		assert_int_equal(history_start(bench->history, number, point), 0);
		history_finish(bench->history, number, TRIAL_COMPLETE, &value, 0);
	}
}

static void samplers_say_from_when_on_they_are_slow(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool slow[4]; /* after 0, 20, 600 and 20,000 trials of a space with ranges */
	} cases[] = {
	        {"random", {false, false, false, false}}, {"qmc", {false, false, false, false}},
	        {"tpe", {false, false, false, true}}, {"gp", {false, true, true, true}},
	        {"cma_es", {false, false, false, true}}, {"nsga2", {false, false, false, true}},
	        {"auto", {true, true, true, true}}, /* before a sampler is chosen it may be any */
	};
	static const int64_t counts[] = {0, 20, 600, 20000};
	struct space *space = make_space();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench bench;
		assert_true(set_up(&bench, method_info_find(sampler_infos, cases[i].name), space, 5));
		for (int k = 0; k < 4; k++) {
			add_trials(&bench, k > 0 ? counts[k - 1] : 0, counts[k]);
			if (sampler_is_slow(bench.sampler, counts[k]) != cases[i].slow[k])
				fail_msg("%s after %lld trials", cases[i].name, (long long)counts[k]);
		}
		tear_down(&bench);
	}
	space_destroy(space);
}

static void looking_for_a_point_that_nobody_had_is_slow_among_many(void **state)
{
	(void)state;
	struct space *space;
	struct bench bench;
	assert_int_equal(space_create(&space), 0);
	space_add_int(space, "n", &(struct param_range){1, 100, 1, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_true(set_up(&bench, method_info_find(sampler_infos, "qmc"), space, 5));
	add_trials(&bench, 0, 200);
	assert_false(sampler_is_slow(bench.sampler, 200));
	add_trials(&bench, 200, 201);
	assert_true(sampler_is_slow(bench.sampler, 201));
	tear_down(&bench);
	space_destroy(space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_suggestion_is_a_point_of_the_space),
	        cmocka_unit_test(a_sampler_made_anew_goes_on_exactly),
	        cmocka_unit_test(fixed_values_are_kept_and_the_rest_is_chosen),
	        cmocka_unit_test(where_points_can_repeat_they_are_handed_out_once_while_new_ones_are_left),
	        cmocka_unit_test(running_trials_keep_parallel_workers_apart),
	        cmocka_unit_test(a_grid_gets_complete_in_spite_of_failures),
	        cmocka_unit_test(a_grid_goes_by_name_with_the_last_name_fastest),
	        cmocka_unit_test(a_grid_over_a_continuous_range_is_refused),
	        cmocka_unit_test(samplers_say_from_when_on_they_are_slow),
	        cmocka_unit_test(looking_for_a_point_that_nobody_had_is_slow_among_many),
	        cmocka_unit_test(running_out_of_memory_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
