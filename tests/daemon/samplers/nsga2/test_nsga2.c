#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/samplers/pareto.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "tests/daemon/samplers/trial_run.h"

#define DIMS 6
#define TRIALS 500

static struct space *cube(void)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	for (size_t i = 0; i < DIMS; i++) {
		char name[8];
		snprintf(name, sizeof name, "x%u", (unsigned)i);
		space_add_float(space, name, &(struct param_range){0, 1, 0, false});
	}
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

/* ZDT1 (Zitzler, Deb & Thiele 2000): the front is 1 − √x0 with all others 0. */
static void zdt1(double *values, const double *point)
{
	double sum = 0;
	for (size_t i = 1; i < DIMS; i++)
		sum += point[i];
	double g = 1 + 9 * sum / (DIMS - 1);
	values[0] = point[0];
	values[1] = g * (1 - sqrt(point[0] / g));
}

/* Hypervolume of a run's trials inside (1, 6); the front itself has 5 + 2/3. */
static double run_zdt1(struct trial_run *run, int trial_count)
{
	static double losses[TRIALS][2];
	const double reference[] = {1, 6};
	double point[DIMS], volume;
	for (int i = 0; i < trial_count; i++) {
		int64_t number = trial_run_ask(run, point);
		zdt1(losses[i], point);
		trial_run_tell(run, number, losses[i], 0);
	}
	assert_int_equal(pareto_hypervolume(&volume, losses[0], (size_t)trial_count, 2, reference), 0);
	return volume;
}

static double volume_of(const char *sampler, uint64_t seed)
{
	struct trial_run run;
	assert_int_equal(trial_run_init(&run, sampler, cube(), 2, seed), 0);
	double volume = run_zdt1(&run, TRIALS);
	trial_run_finish(&run);
	return volume;
}

static void it_comes_nearer_to_the_front_than_random_search(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		double volume = volume_of("nsga2", seed);
		assert_true(volume > volume_of("random", seed) + 0.5);
		assert_true(volume > 4.8);
	}
}

static void every_crossover_comes_nearer_to_the_front_than_random_search(void **state)
{
	(void)state;
	static const char *const names[] = {"uniform", "blx_alpha", "sbx", "vsbx", "spx", "undx"};
	double random = volume_of("random", 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct setting crossover = {.name = "crossover", .word = names[i]};
		struct trial_run run;
		assert_int_equal(trial_run_init(&run, "nsga2", cube(), 2, 1), 0);
		run.spec.sampler.settings = &crossover;
		run.spec.sampler.setting_count = 1;
		trial_run_restart(&run);
		assert_true(run_zdt1(&run, TRIALS) > random + 0.25);
		trial_run_finish(&run);
	}
}

static void a_restart_goes_on_exactly(void **state)
{
	(void)state;
	struct trial_run run;
	double before[DIMS], after[DIMS];
	assert_int_equal(trial_run_init(&run, "nsga2", cube(), 2, 3), 0);
	run_zdt1(&run, 230);
	point_clear(run.space, before);
	assert_int_equal(sampler_suggest(run.sampler, 230, before), 0);
	trial_run_restart(&run);
	point_clear(run.space, after);
	assert_int_equal(sampler_suggest(run.sampler, 230, after), 0);
	assert_memory_equal(before, after, sizeof before);
	trial_run_finish(&run);
}

/* Infeasible below x1 = ½, where ZDT1 has its front: the trials must leave that half. */
static void violations_count_before_values(void **state)
{
	(void)state;
	struct trial_run run;
	double point[DIMS], values[2];
	int feasible = 0;
	assert_int_equal(trial_run_init(&run, "nsga2", cube(), 2, 5), 0);
	for (int i = 0; i < 400; i++) {
		int64_t number = trial_run_ask(&run, point);
		zdt1(values, point);
		trial_run_tell(&run, number, values, fmax(0, 0.5 - point[1]));
		feasible += i >= 300 && point[1] >= 0.5;
	}
	assert_in_range(feasible, 85, 100);
	trial_run_finish(&run);
}

static const struct choice kinds[] = {{"\"sgd\"", "sgd"}, {"\"adam\"", "adam"}};

static void children_of_unlike_parents_are_whole(void **state)
{
	(void)state;
	struct space *space;
	const double sgd = 0;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "kind", kinds, 2);
	space_add_float(space, "a_momentum", &(struct param_range){0.1, 0.9, 0, false});
	space_add_float(space, "rate", &(struct param_range){1e-5, 1, 0, true});
	assert_int_equal(space_add_condition(space, "a_momentum", "kind", &sgd, 1), 0);
	assert_int_equal(space_freeze(space, NULL), 0);
	struct trial_run run;
	double point[3];
	int sgd_count = 0;
	assert_int_equal(trial_run_init(&run, "nsga2", space, 1, 5), 0);
	for (int i = 0; i < 300; i++) {
		int64_t number = trial_run_ask(&run, point);
		bool is_sgd = point[1] == 0;
		assert_int_equal(isnan(point[0]), !is_sgd);
		assert_true(!is_sgd || (point[0] >= 0.1 && point[0] <= 0.9));
		assert_true(point[2] >= 1e-5 && point[2] <= 1);
		double value = pow(log10(point[2]) + 3, 2) + (is_sgd ? pow(point[0] - 0.5, 2) : 0.2);
		trial_run_tell(&run, number, &value, 0);
		sgd_count += i >= 200 && is_sgd;
	}
	assert_in_range(sgd_count, 70, 100);
	trial_run_finish(&run);
}

static void after_a_lack_of_memory_it_goes_on_as_if_nothing_had_been(void **state)
{
	(void)state;
	struct trial_run run;
	double expected[DIMS], point[DIMS];
	assert_int_equal(trial_run_init(&run, "nsga2", cube(), 2, 3), 0);
	run_zdt1(&run, 120);
	point_clear(run.space, expected);
	assert_int_equal(sampler_suggest(run.sampler, 120, expected), 0);
	for (long nth = 1;; nth++) {
		trial_run_restart(&run);
		memory_fault_after(nth);
		point_clear(run.space, point);
		int outcome = sampler_suggest(run.sampler, 120, point);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(outcome, happened ? -ENOMEM : 0);
		point_clear(run.space, point);
		assert_int_equal(sampler_suggest(run.sampler, 120, point), 0);
		assert_memory_equal(point, expected, sizeof point);
		if (!happened)
			break;
	}
	trial_run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_comes_nearer_to_the_front_than_random_search),
	        cmocka_unit_test(every_crossover_comes_nearer_to_the_front_than_random_search),
	        cmocka_unit_test(a_restart_goes_on_exactly),
	        cmocka_unit_test(violations_count_before_values),
	        cmocka_unit_test(children_of_unlike_parents_are_whole),
	        cmocka_unit_test(after_a_lack_of_memory_it_goes_on_as_if_nothing_had_been),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
