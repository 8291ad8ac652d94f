#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/gp/gp_model.h"
#include "daemon/samplers/gp/lbfgs.h"
#include "daemon/samplers/history_view.h"
#include "daemon/samplers/sampler.h"
#include "daemon/samplers/sampler_type.h"
#include "schema/base/rng.h"
#include "schema/space/point.h"
#include "tests/daemon/near.h"
#include "tests/daemon/samplers/trial_run.h"

/* (x0 − 1)² + 10 (x1 + 2)² */
static double bowl(void *context, const double *x)
{
	(void)context;
	return (x[0] - 1) * (x[0] - 1) + 10 * (x[1] + 2) * (x[1] + 2);
}

static void bowl_slopes(void *context, const double *x, double *gradient)
{
	(void)context;
	gradient[0] = 2 * (x[0] - 1);
	gradient[1] = 20 * (x[1] + 2);
}

static double valley(void *context, const double *x)
{
	(void)context;
	double rise = x[1] - x[0] * x[0];
	return 100 * rise * rise + (1 - x[0]) * (1 - x[0]);
}

static void valley_slopes(void *context, const double *x, double *gradient)
{
	(void)context;
	double rise = x[1] - x[0] * x[0];
	gradient[0] = -400 * x[0] * rise - 2 * (1 - x[0]);
	gradient[1] = 200 * rise;
}

static void a_minimum_outside_the_box_is_met_on_its_edge(void **state)
{
	(void)state;
	static const double low[] = {-5, 0}, high[] = {5, 5};
	struct lbfgs_problem problem = {2, low, high, bowl, bowl_slopes, NULL, 100};
	double x[] = {4, 4}, value;
	assert_int_equal(lbfgs_minimize(&value, x, &problem), 0);
	assert_near(x[0], 1, 1e-6);
	assert_near(x[1], 0, 0);
	assert_near(value, 40, 1e-9);
}

static void a_curved_valley_is_followed_to_its_end(void **state)
{
	(void)state;
	static const double low[] = {-5, -5}, high[] = {5, 5};
	struct lbfgs_problem problem = {2, low, high, valley, valley_slopes, NULL, 500};
	double x[] = {-1.2, 1}, value;
	assert_int_equal(lbfgs_minimize(&value, x, &problem), 0);
	assert_true(value < 1e-8);
}

/* A model of sin over 12 points of the square, one dimension categorical. */
static void make_model(struct gp_model *model, const bool *categorical)
{
	struct rng rng;
	double misfit;
	const struct gp_fit fit = {.noiseless = true};
	rng_init(&rng, 3, 3);
	assert_int_equal(gp_model_init(model, 12, 2, categorical), 0);
	for (size_t i = 0; i < 12; i++) {
		model->x[2 * i] = ((double)i + 0.5) / 12;
		model->x[2 * i + 1] = categorical[1] ? (double)(i % 2) : rng_uniform(&rng);
		model->y[i] = sin(6 * model->x[2 * i]) + 0.3 * model->x[2 * i + 1];
	}
	assert_int_equal(gp_model_fit(&misfit, model, &fit), 0);
	assert_int_equal(gp_model_condition(model), 0);
	assert_true(isfinite(misfit));
}

static void a_model_passes_through_what_it_saw_and_is_surest_there(void **state)
{
	(void)state;
	static const bool categorical[2] = {false, true};
	struct gp_model model;
	struct gp_prediction at, beside;
	make_model(&model, categorical);
	for (size_t i = 0; i < 12; i++) {
		gp_model_predict(&at, &model, model.x + 2 * i);
		assert_near(at.mean, model.y[i], 1e-3);
		double x[] = {model.x[2 * i] + 1.0 / 24, model.x[2 * i + 1]};
		gp_model_predict(&beside, &model, x);
		assert_true(beside.variance > at.variance);
	}
	gp_model_finish(&model);
}

static void gradients_are_those_of_finite_differences(void **state)
{
	(void)state;
	static const bool categorical[2] = {false, false};
	struct gp_model model;
	double mean_slope[2], variance_slope[2], x[] = {0.37, 0.61};
	struct gp_prediction at;
	make_model(&model, categorical);
	gp_model_predict(&at, &model, x);
	gp_model_slopes(mean_slope, variance_slope, &model);
	for (size_t k = 0; k < 2; k++) {
		struct gp_prediction up, down;
		double h = 1e-5;
		double ends[2] = {x[0], x[1]};
		ends[k] = x[k] + h;
		gp_model_predict(&up, &model, ends);
		ends[k] = x[k] - h;
		gp_model_predict(&down, &model, ends);
		assert_near((up.mean - down.mean) / (2 * h), mean_slope[k], 1e-4 * (1 + fabs(mean_slope[k])));
		assert_near((up.variance - down.variance) / (2 * h), variance_slope[k],
		        1e-3 * (1 + fabs(variance_slope[k])));
	}
	gp_model_finish(&model);
}

/* Best loss of a small study of (x − 0.3)² + (y − 0.7)². */
static double search(const char *name, uint64_t seed, int64_t trials)
{
	struct objective objective = {"loss", MINIMIZE, (double)NAN};
	struct study_spec spec = {.name = "s", .objective_count = 1, .objectives = &objective};
	struct history *history;
	struct sampler *sampler;
	double best = (double)INFINITY;
	assert_int_equal(space_create(&spec.space), 0);
	space_add_float(spec.space, "x", &(struct param_range){0, 1, 0, false});
	space_add_float(spec.space, "y", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(spec.space, NULL), 0);
	spec.sampler.info = method_info_find(sampler_infos, name);
	assert_int_equal(history_create(&history, spec.space, &objective, 1), 0);
	assert_int_equal(sampler_create(&sampler, &spec, history, seed, NULL), 0);
	for (int64_t number = 0; number < trials; number++) {
		double point[2] = {(double)NAN, (double)NAN};
		assert_int_equal(sampler_suggest(sampler, number, point), 0);
		assert_int_equal(history_start(history, number, point), 0);
		double value = pow(point[0] - 0.3, 2) + pow(point[1] - 0.7, 2);
		history_finish(history, number, TRIAL_COMPLETE, &value, 0);
		best = fmin(best, value);
	}
	sampler_destroy(sampler);
	history_destroy(history);
	space_destroy(spec.space);
	return best;
}

static void a_bowl_is_searched_far_better_than_by_chance(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 3; seed++) {
		assert_true(search("gp", seed, 25) < 1e-4);
		assert_true(search("auto", seed, 25) < 1e-4);
		assert_true(search("tpe", seed, 60) < 1e-2);
	}
}

/* The newest trials are all far off; what was good is among hundreds of older ones, many of which
 * came to the same. */
static void of_more_trials_than_a_model_takes_the_best_old_ones_are_kept(void **state)
{
	(void)state;
	struct trial_run run;
	struct rng rng;
	double point[2];
	rng_init(&rng, 1, 0);
	assert_int_equal(trial_run_init(&run, "gp", trial_run_square(), 1, 3), 0);
	for (int64_t number = 0; number < 700; number++) {
		point[0] = number < 550 ? rng_uniform(&rng) : 0.8 + 0.2 * rng_uniform(&rng);
		point[1] = rng_uniform(&rng);
		double value = floor(20 * (pow(point[0] - 0.3, 2) + pow(point[1] - 0.7, 2))) / 20;
		assert_int_equal(history_start(run.history, number, point), 0);
		history_finish(run.history, number, TRIAL_COMPLETE, &value, 0);
	}
	point[0] = point[1] = (double)NAN;
	assert_int_equal(sampler_suggest(run.sampler, 700, point), 0);
	assert_true(pow(point[0] - 0.3, 2) + pow(point[1] - 0.7, 2) < 0.1);
	trial_run_finish(&run);
}

/* Where values are noisy, the best point stays the most promising one; where each can be tried
 * once, its neighbours are tried, and not chance. */
static void each_point_of_a_grid_is_tried_once_the_best_region_first(void **state)
{
	(void)state;
	struct trial_run run;
	struct space *space;
	struct rng noise;
	double point[2];
	int near = 0;
	bool tried[12][12] = {{false}};
	rng_init(&noise, 9, 0);
	assert_int_equal(space_create(&space), 0);
	space_add_int(space, "a", &(struct param_range){0, 11, 1, false});
	space_add_int(space, "b", &(struct param_range){0, 11, 1, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&run, "gp", space, 1, 3), 0);
	for (int trial = 0; trial < 45; trial++) {
		int64_t number = trial_run_ask(&run, point);
		int a = (int)point[0], b = (int)point[1];
		assert_false(tried[a][b]);
		tried[a][b] = true;
		near += trial >= 15 && abs(a - 4) <= 2 && abs(b - 7) <= 2;
		double loss = 0.02 * (pow(a - 4, 2) + pow(b - 7, 2)) + 0.1 * rng_normal(&noise);
		trial_run_tell(&run, number, &loss, 0);
	}
	assert_true(near >= 15);
	trial_run_finish(&run);
}

/* Whatever had no use of its best points, the model cannot know them: it is their neighbours'
 * turn, and not that of chance. */
static void points_that_failed_are_not_proposed_again(void **state)
{
	(void)state;
	struct trial_run run;
	struct space *space;
	double point[2];
	assert_int_equal(space_create(&space), 0);
	space_add_int(space, "a", &(struct param_range){0, 29, 1, false});
	space_add_int(space, "b", &(struct param_range){0, 29, 1, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&run, "gp", space, 1, 3), 0);
	for (int64_t number = 0; number < 25; number++) {
		int64_t row = number / 5;
		point[0] = (double)(7 * (number % 5));
		point[1] = (double)(7 * row);
		double value = pow(point[0] - 10, 2) + pow(point[1] - 17, 2);
		assert_int_equal(history_start(run.history, number, point), 0);
		history_finish(run.history, number, TRIAL_COMPLETE, &value, 0);
	}
	for (int64_t i = 0; i < 25; i++) { /* all around the best one */
		int64_t row = i / 5;
		point[0] = (double)(8 + i % 5);
		point[1] = (double)(15 + row);
		assert_int_equal(history_start(run.history, 25 + i, point), 0);
		history_finish(run.history, 25 + i, i % 2 ? TRIAL_FAILED : TRIAL_PRUNED, NULL, 0);
	}
	for (int64_t number = 50; number < 60; number++) {
		point[0] = point[1] = (double)NAN;
		assert_int_equal(sampler_suggest(run.sampler, number, point), 0);
		assert_false(fabs(point[0] - 10) <= 2 && fabs(point[1] - 17) <= 2);
		assert_true(hypot(point[0] - 10, point[1] - 17) <= 6);
	}
	trial_run_finish(&run);
}

/* The slope rises towards a cliff: whoever goes beyond 0.7 has no value. */
static void a_search_that_runs_into_failures_turns_back(void **state)
{
	(void)state;
	static const enum trial_state ends[] = {TRIAL_FAILED, TRIAL_PRUNED};
	for (size_t i = 0; i < 2; i++) {
		struct trial_run run;
		double point[2], best = 1;
		int ended = 0;
		assert_int_equal(trial_run_init(&run, "gp", trial_run_square(), 1, 2), 0);
		for (int trial = 0; trial < 40; trial++) {
			const int64_t number = trial_run_ask(&run, point);
			const double loss = pow(point[1] - 0.5, 2) - point[0];
			if (point[0] > 0.7) {
				history_finish(run.history, number, ends[i], NULL, 0);
				ended++;
				continue;
			}
			best = fmin(best, loss);
			trial_run_tell(&run, number, &loss, 0);
		}
		assert_true(best < -0.68);
		assert_true(ended <= 18);
		trial_run_finish(&run);
	}
}

/* No value may be so large that its square is infinite: such a model knows nothing. */
static void the_largest_number_there_is_is_a_bad_value_like_another(void **state)
{
	(void)state;
	struct trial_run run;
	double point[2], best = 1;
	assert_int_equal(trial_run_init(&run, "gp", trial_run_square(), 1, 2), 0);
	for (int trial = 0; trial < 30; trial++) {
		const int64_t number = trial_run_ask(&run, point);
		const double loss = pow(point[0] - 0.3, 2) + pow(point[1] - 0.6, 2),
		             told = point[0] > 0.8 ? DBL_MAX : loss;
		best = fmin(best, told);
		trial_run_tell(&run, number, &told, 0);
	}
	assert_true(best < 1e-4);
	trial_run_finish(&run);
}

/* Of a hundred that run, the last are as far from one another as the first. */
static void many_that_run_are_all_known_by_the_newest(void **state)
{
	(void)state;
	enum { RUNNING = 90 };
	struct trial_run run;
	double points[RUNNING][2], loss;
	assert_int_equal(trial_run_init(&run, "gp", trial_run_square(), 1, 2), 0);
	for (int trial = 0; trial < 20; trial++) {
		const int64_t number = trial_run_ask(&run, points[0]);
		loss = pow(points[0][0] - 0.3, 2) + pow(points[0][1] - 0.6, 2);
		trial_run_tell(&run, number, &loss, 0);
	}
	for (int trial = 0; trial < RUNNING; trial++) {
		trial_run_ask(&run, points[trial]);
		for (int before = trial > 70 ? 70 : trial; before < trial; before++)
			assert_true(hypot(points[trial][0] - points[before][0], points[trial][1] - points[before][1]) >
			            1e-9);
	}
	trial_run_finish(&run);
}

/* A choice opens a number, or a whole number and a word; the best is behind one of them. */
static struct space *make_branches(void)
{
	struct choice models[] = {{"\"a\"", "a"}, {"\"b\"", "b"}, {"\"c\"", "c"}};
	struct choice kinds[] = {{"\"p\"", "p"}, {"\"q\"", "q"}};
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "model", models, 3);
	space_add_float(space, "x", &(struct param_range){0, 1, 0, false});
	space_add_float(space, "y", &(struct param_range){0, 1, 0, false});
	space_add_int(space, "n", &(struct param_range){1, 30, 1, false});
	space_add_categorical(space, "kind", kinds, 2);
	const double b = 1, c = 2;
	space_add_condition(space, "x", "model", &b, 1);
	space_add_condition(space, "n", "model", &c, 1);
	space_add_condition(space, "kind", "model", &c, 1);
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

static double branch_loss(const struct space *space, const double *point)
{
	double model = point[space_find(space, "model")], y = point[space_find(space, "y")];
	double x = point[space_find(space, "x")], n = point[space_find(space, "n")],
	       kind = point[space_find(space, "kind")];
	double loss = pow(y - 0.7, 2);
	assert_true(isnan(x) == (model != 1) && isnan(n) == (model != 2) && isnan(kind) == (model != 2));
	if (model == 1)
		return loss + 0.05 + pow(x - 0.3, 2);
	return model == 2 ? loss + pow((n - 11) / 30, 2) + (kind == 0 ? 0.1 : 0) : loss + 0.1;
}

/* Floats on grids that binary numbers miss by a bit, and numbers at rest of which none lies in the
 * middle of its range. */
static struct space *make_grid(int kind)
{
	static const struct choice branches[] = {{"\"p\"", "p"}, {"\"q\"", "q"}};
	const double p = 0, q = 1;
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	if (kind < 2) {
		space_add_float(space, "a", &(struct param_range){0, 1, kind ? 0.05 : 0.1, false});
		space_add_float(space, "b", &(struct param_range){0, 1, kind ? 0.05 : 0.1, false});
	} else {
		space_add_categorical(space, "branch", branches, 2);
		space_add_int(space, "m", &(struct param_range){1, 4, 1, false});
		space_add_int(space, "n", &(struct param_range){1, 4, 1, false});
		space_add_int(space, "u", &(struct param_range){1, 4, 1, false});
		space_add_condition(space, "m", "branch", &p, 1);
		space_add_condition(space, "n", "branch", &q, 1);
	}
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

static double grid_loss(const struct space *space, const double *point)
{
	double loss = 0;
	for (size_t i = 0; i < space->count; i++)
		loss += isnan(point[i]) ? 0 : pow(point[i] - 0.3 * (double)(i + 1), 2);
	return loss;
}

/* A proposal that was tried is refused, and after a few of them chance has the word. */
static void the_search_itself_proposes_what_is_new(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct trial_run run;
		double point[4];
		void *gp;
		assert_int_equal(trial_run_init(&run, "gp", make_grid(kind), 1, 3), 0);
		const struct sampler_setup setup = {&run.spec, &run.spec.sampler, run.history, run.history, 3};
		assert_int_equal(gp_sampler.create(&gp, &setup, NULL), 0);
		for (int64_t number = 0; number < 25; number++) {
			struct rng rng;
			rng_init(&rng, 3, (uint64_t)number);
			point_clear(run.space, point);
			assert_int_equal(gp_sampler.suggest(gp, number, &rng, point), 0);
			point_drop_inactive(run.space, point);
			assert_true(number < 10 || !history_has_point(run.history, point));
			double loss = grid_loss(run.space, point) + 0.2 * rng_normal(&rng);
			assert_int_equal(history_start(run.history, number, point), 0);
			history_finish(run.history, number, TRIAL_COMPLETE, &loss, 0);
		}
		gp_sampler.destroy(gp);
		trial_run_finish(&run);
	}
}

static void the_best_behind_a_condition_is_found(void **state)
{
	(void)state;
	static const char *const names[] = {"gp", "auto"};
	for (size_t i = 0; i < 2; i++) {
		double best = (double)INFINITY, point[5];
		struct trial_run run;
		assert_int_equal(trial_run_init(&run, names[i], make_branches(), 1, 3), 0);
		for (int trial = 0; trial < 40; trial++) {
			int64_t number = trial_run_ask(&run, point);
			double loss = branch_loss(run.space, point);
			trial_run_tell(&run, number, &loss, 0);
			best = fmin(best, loss);
		}
		assert_true(best < 0.002);
		trial_run_finish(&run);
	}
}

static void auto_says_what_it_does_and_why(void **state)
{
	(void)state;
	struct objective objectives[2] = {{"f1", MAXIMIZE, (double)NAN}, {"cost", MINIMIZE, (double)NAN}};
	struct study_spec spec = {.name = "s", .objective_count = 1, .objectives = objectives};
	static const char *const starts[] = {"gp", "brute_force", "gp"};
	spec.sampler.info = method_info_find(sampler_infos, "auto");
	assert_int_equal(space_create(&spec.space), 0);
	space_add_int(spec.space, "n", &(struct param_range){1, 10, 1, false});
	assert_int_equal(space_freeze(spec.space, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		struct history *history;
		struct sampler *sampler;
		spec.budget_trials = i == 1 ? 10 : 9;
		spec.objective_count = i == 2 ? 2 : 1;
		assert_int_equal(history_create(&history, spec.space, objectives, spec.objective_count), 0);
		assert_int_equal(sampler_create(&sampler, &spec, history, 1, NULL), 0);
		assert_int_equal(strncmp(sampler_reason(sampler), starts[i], strlen(starts[i])), 0);
		sampler_destroy(sampler);
		history_destroy(history);
	}
	space_destroy(spec.space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_minimum_outside_the_box_is_met_on_its_edge),
	        cmocka_unit_test(a_curved_valley_is_followed_to_its_end),
	        cmocka_unit_test(a_model_passes_through_what_it_saw_and_is_surest_there),
	        cmocka_unit_test(gradients_are_those_of_finite_differences),
	        cmocka_unit_test(a_bowl_is_searched_far_better_than_by_chance),
	        cmocka_unit_test(of_more_trials_than_a_model_takes_the_best_old_ones_are_kept),
	        cmocka_unit_test(each_point_of_a_grid_is_tried_once_the_best_region_first),
	        cmocka_unit_test(points_that_failed_are_not_proposed_again),
	        cmocka_unit_test(a_search_that_runs_into_failures_turns_back),
	        cmocka_unit_test(the_largest_number_there_is_is_a_bad_value_like_another),
	        cmocka_unit_test(many_that_run_are_all_known_by_the_newest),
	        cmocka_unit_test(the_search_itself_proposes_what_is_new),
	        cmocka_unit_test(the_best_behind_a_condition_is_found),
	        cmocka_unit_test(auto_says_what_it_does_and_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
