#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/gp/gp_boxes.h"
#include "daemon/samplers/history.h"
#include "daemon/samplers/pareto.h"
#include "schema/base/rng.h"
#include "tests/daemon/near.h"
#include "tests/daemon/samplers/trial_run.h"

static const double references[GP_LOSSES_AT_MOST] = {1.0, 1.1, 0.9, 1.0};
/* The first two, three or four losses of each are a front. */
static const double front_of_two[] = {0.1, 0.9, 0.35, 0.5, 0.7, 0.2};
static const double front_of_three[] = {0.1, 0.9, 0.5, 0.4, 0.3, 0.6, 0.8, 0.2, 0.1, 0.5, 0.6, 0.3};
static const double front_of_four[] = {0.1, 0.9, 0.5, 0.4, 0.4, 0.3, 0.6, 0.7, 0.8, 0.2, 0.1, 0.5, 0.5, 0.6, 0.3, 0.2};

struct front {
	const double *losses;
	size_t count, k;
};

static const struct front fronts[] = {{front_of_two, 3, 2}, {front_of_three, 4, 3}, {front_of_four, 4, 4}};
#define FRONT_COUNT (sizeof fronts / sizeof *fronts)

static void open_boxes(struct gp_boxes *boxes, const struct front *front)
{
	assert_int_equal(gp_boxes_init(boxes, front->losses, front->count, front->k, references), 0);
}

static void gains_are_those_of_botorch(void **state)
{
	(void)state;
	/* BoTorch 0.18.1, ExpectedHypervolumeImprovement over NondominatedPartitioning */
	static const struct {
		size_t front;
		double means[4], deviations[4], log_gain;
	} cases[] = {
	        {0, {0.3, 0.3}, {0.2, 0.1}, -2.045502232981539},
	        {0, {0.5, 0.6}, {0.1, 0.3}, -3.9194129099084662},
	        {0, {0.9, 0.9}, {0.25, 0.25}, -8.048206414867787},
	        {0, {0.05, 1.2}, {0.05, 0.1}, -7.682808305274001},
	        {1, {0.3, 0.3, 0.3}, {0.2, 0.1, 0.3}, -2.0090323482444026},
	        {1, {0.6, 0.7, 0.5}, {0.1, 0.3, 0.2}, -5.3267464206598865},
	        {2, {0.4, 0.5, 0.4, 0.6}, {0.2, 0.1, 0.3, 0.15}, -3.865168850189699},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gp_boxes boxes;
		struct gp_marginal marginals[GP_LOSSES_AT_MOST];
		open_boxes(&boxes, &fronts[cases[i].front]);
		for (size_t j = 0; j < boxes.k; j++)
			marginals[j] =
			        (struct gp_marginal){.mean = cases[i].means[j], .deviation = cases[i].deviations[j]};
		assert_near(gp_boxes_gain(&boxes, marginals), cases[i].log_gain, 1e-9);
		gp_boxes_finish(&boxes);
	}
}

/* The volume that one point adds. */
static double add_volume(const struct front *front, const double *point)
{
	double all[8 * GP_LOSSES_AT_MOST], before, after;
	memcpy(all, front->losses, front->count * front->k * sizeof *all);
	memcpy(all + front->count * front->k, point, front->k * sizeof *all);
	assert_int_equal(pareto_hypervolume(&before, all, front->count, front->k, references), 0);
	assert_int_equal(pareto_hypervolume(&after, all, front->count + 1, front->k, references), 0);
	return after - before;
}

static void a_point_that_is_known_adds_its_volume(void **state)
{
	(void)state;
	static const double points[][4] = {{0.3, 0.3, 0.3, 0.3}, {0.05, 0.05, 0.05, 0.05}, {0.45, 0.45, 0.2, 0.6}};
	for (size_t f = 0; f < FRONT_COUNT; f++) {
		struct gp_boxes boxes;
		open_boxes(&boxes, &fronts[f]);
		for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
			struct gp_marginal marginals[GP_LOSSES_AT_MOST];
			for (size_t j = 0; j < boxes.k; j++)
				marginals[j] = (struct gp_marginal){.mean = points[i][j], .deviation = 1e-7};
			assert_near(exp(gp_boxes_gain(&boxes, marginals)), add_volume(&fronts[f], points[i]), 1e-5);
		}
		gp_boxes_finish(&boxes);
	}
}

static void set_marginals(struct gp_marginal *marginals, size_t k)
{
	for (size_t j = 0; j < k; j++)
		marginals[j] = (struct gp_marginal){.mean = j % 2 ? 0.6 : 0.4, .deviation = j % 2 ? 0.4 : 0.25};
}

static void gains_are_the_averages_of_drawn_losses(void **state)
{
	(void)state;
	for (size_t f = 0; f < FRONT_COUNT; f++) {
		struct gp_boxes boxes;
		struct gp_marginal marginals[GP_LOSSES_AT_MOST];
		struct rng rng;
		const int draws = 20000;
		double sum = 0, square = 0;
		rng_init(&rng, 1, f);
		open_boxes(&boxes, &fronts[f]);
		set_marginals(marginals, boxes.k);
		for (int i = 0; i < draws; i++) {
			double point[GP_LOSSES_AT_MOST];
			for (size_t j = 0; j < boxes.k; j++)
				point[j] = marginals[j].mean + marginals[j].deviation * rng_normal(&rng);
			double volume = add_volume(&fronts[f], point);
			sum += volume;
			square += volume * volume;
		}
		double mean = sum / draws, error = sqrt((square / draws - mean * mean) / draws);
		assert_near(exp(gp_boxes_gain(&boxes, marginals)), mean, 4 * error);
		gp_boxes_finish(&boxes);
	}
}

static void slopes_are_those_of_finite_differences(void **state)
{
	(void)state;
	const double step = 1e-6;
	for (size_t f = 0; f < FRONT_COUNT; f++) {
		struct gp_boxes boxes;
		struct gp_marginal marginals[GP_LOSSES_AT_MOST], moved[GP_LOSSES_AT_MOST];
		open_boxes(&boxes, &fronts[f]);
		set_marginals(marginals, boxes.k);
		gp_boxes_gain(&boxes, marginals);
		gp_boxes_slopes(&boxes, marginals);
		for (size_t j = 0; j < 2 * boxes.k; j++) {
			double slope = j % 2 ? marginals[j / 2].by_deviation : marginals[j / 2].by_mean, gains[2];
			for (int side = 0; side < 2; side++) {
				memcpy(moved, marginals, sizeof moved);
				*(j % 2 ? &moved[j / 2].deviation : &moved[j / 2].mean) += side ? step : -step;
				gains[side] = gp_boxes_gain(&boxes, moved);
			}
			assert_near((gains[1] - gains[0]) / (2 * step), slope, 1e-6 * fmax(1, fabs(slope)));
		}
		gp_boxes_finish(&boxes);
	}
}

static void far_from_the_front_gains_still_order_points(void **state)
{
	(void)state;
	struct gp_boxes boxes;
	double last = 0;
	open_boxes(&boxes, &fronts[0]);
	for (double away = 2; away < 1e4; away *= 3) {
		struct gp_marginal marginals[2] = {
		        {.mean = away, .deviation = 0.01}, {.mean = 2 * away, .deviation = 0.02}};
		double gain = gp_boxes_gain(&boxes, marginals);
		gp_boxes_slopes(&boxes, marginals);
		assert_true(isfinite(gain) && gain < last && marginals[0].by_mean < 0 && marginals[1].by_mean < 0);
		last = gain;
	}
	gp_boxes_finish(&boxes);
}

/* ---- searches ---- */

#define LOSSES_AT_MOST 600

/* A search for the points nearest to (0.2, 0.5) and to (0.8, 0.5) and, of three, to (0.5, 0.9). */
struct journey {
	struct trial_run run;
	double losses[LOSSES_AT_MOST * 3];
	size_t count;
};

static void begin(struct journey *journey, const char *sampler, size_t objective_count, uint64_t seed)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "x", &(struct param_range){0, 1, 0, false});
	space_add_float(space, "y", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&journey->run, sampler, space, objective_count, seed), 0);
	journey->count = 0;
}

static void tell(struct journey *journey, int64_t number, const double *point, double violation)
{
	static const double targets[3][2] = {{0.2, 0.5}, {0.8, 0.5}, {0.5, 0.9}};
	size_t k = journey->run.spec.objective_count;
	double *losses = journey->losses + journey->count++ * k;
	assert_true(journey->count <= LOSSES_AT_MOST);
	for (size_t j = 0; j < k; j++)
		losses[j] = pow(point[0] - targets[j][0], 2) + pow(point[1] - targets[j][1], 2);
	trial_run_tell(&journey->run, number, losses, violation);
}

static void go_on(struct journey *journey, int trials)
{
	for (int i = 0; i < trials; i++) {
		double point[2] = {(double)NAN, (double)NAN};
		int64_t number = trial_run_ask(&journey->run, point);
		tell(journey, number, point, 0);
	}
}

static double volume(const struct journey *journey)
{
	static const double reference[] = {0.36, 0.36, 0.36};
	double out;
	assert_int_equal(
	        pareto_hypervolume(&out, journey->losses, journey->count, journey->run.spec.objective_count, reference),
	        0);
	return out;
}

static double travel(const char *sampler, size_t objective_count, int trials)
{
	double sum = 0;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct journey journey;
		begin(&journey, sampler, objective_count, seed);
		go_on(&journey, trials);
		sum += volume(&journey);
		trial_run_finish(&journey.run);
	}
	return sum / 3;
}

static void a_front_is_found_in_fewer_trials_than_by_others(void **state)
{
	(void)state;
	/* The whole front of two objectives: 0.36² − ∫ of the curve below it = 0.108 */
	assert_true(travel("gp", 2, 30) > 0.100 && travel("auto", 2, 30) > 0.100);
	assert_true(travel("gp", 2, 30) > travel("tpe", 2, 30));
	assert_true(travel("gp", 2, 30) > travel("random", 2, 60));
	assert_true(travel("gp", 3, 30) > travel("random", 3, 60));
}

static void of_many_trials_the_first_fronts_are_kept(void **state)
{
	(void)state;
	struct journey journey;
	struct rng rng;
	rng_init(&rng, 1, 0);
	begin(&journey, "gp", 2, 1);
	for (int64_t number = 0; number < 500; number++) {
		double point[2] = {rng_uniform(&rng), number < 380 ? rng_uniform(&rng) : 0.95};
		assert_int_equal(history_start(journey.run.history, number, point), 0);
		tell(&journey, number, point, 0);
	}
	journey.run.next = 500;
	double before = volume(&journey);
	go_on(&journey, 6);
	assert_true(volume(&journey) > before + 0.001);
	trial_run_finish(&journey.run);
}

static void what_is_infeasible_or_alike_or_running_is_no_hindrance(void **state)
{
	(void)state;
	struct journey journey;
	double point[2];
	begin(&journey, "gp", 2, 1);
	for (int i = 0; i < 12; i++) {
		point[0] = point[1] = (double)NAN;
		int64_t number = trial_run_ask(&journey.run, point);
		tell(&journey, number, (const double[]){0.5, 0.5}, i < 6);
	}
	for (int i = 0; i < 4; i++) { /* nobody tells */
		point[0] = point[1] = (double)NAN;
		assert_true(trial_run_ask(&journey.run, point) >= 0);
		assert_true(point[0] >= 0 && point[0] <= 1 && point[1] >= 0 && point[1] <= 1);
	}
	trial_run_finish(&journey.run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(gains_are_those_of_botorch),
	        cmocka_unit_test(a_point_that_is_known_adds_its_volume),
	        cmocka_unit_test(gains_are_the_averages_of_drawn_losses),
	        cmocka_unit_test(slopes_are_those_of_finite_differences),
	        cmocka_unit_test(far_from_the_front_gains_still_order_points),
	        cmocka_unit_test(a_front_is_found_in_fewer_trials_than_by_others),
	        cmocka_unit_test(of_many_trials_the_first_fronts_are_kept),
	        cmocka_unit_test(what_is_infeasible_or_alike_or_running_is_no_hindrance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
