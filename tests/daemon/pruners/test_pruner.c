#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/pruners/pruning.h"
#include "daemon/pruners/signed_rank.h"
#include "schema/base/memory.h"
#include "tests/daemon/near.h"
#include "tests/daemon/pruners/conform_pruners.h"

static void every_golden_answer_of_optuna_is_given(void **state)
{
	(void)state;
	cJSON *root = golden_read(PRUNERS_GOLDEN);
	assert_non_null(root);
	struct tally tally = {0};
	conform_pruners(&tally, root);
	cJSON_Delete(root);
	assert_int_equal(tally.failed, 0);
	assert_true(tally.passed > 4000);
}

/* A study that maximises, with these pruners. */
static struct pruning *make(const struct method *pruners, size_t count, const char *study_name)
{
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct study_spec spec = {.name = study_name,
	        .objective_count = 1,
	        .objectives = &objective,
	        .prune_direction = objective.direction};
	struct method copies[4];
	struct pruning *pruning;
	struct error error = {""};
	if (count > 0)
		memcpy(copies, pruners, count * sizeof *copies);
	spec.pruners = copies;
	spec.pruner_count = count;
	assert_int_equal(pruning_create(&pruning, &spec, &error), 0);
	return pruning;
}

static struct method named(const char *name, const struct setting *settings, size_t count)
{
	return (struct method){
	        .info = method_info_find(pruner_infos, name), .settings = settings, .setting_count = count};
}

static struct verdict report(struct pruning *pruning, int64_t number, int64_t step, double value)
{
	struct verdict verdict;
	assert_int_equal(pruning_report(&verdict, pruning, number, step, value), 0);
	return verdict;
}

/* `count` complete trials, numbered from 0, whose only report is number / 10 at step 1. */
static void complete(struct pruning *pruning, int64_t count)
{
	for (int64_t number = 0; number < count; number++) {
		assert_int_equal(pruning_start(pruning, number), 0);
		report(pruning, number, 1, (double)number / 10);
		pruning_finish(pruning, number, TRIAL_COMPLETE, (double)number / 10);
	}
}

static void no_pruner_never_prunes(void **state)
{
	(void)state;
	struct pruning *pruning = make(NULL, 0, "s");
	complete(pruning, 10);
	assert_false(report(pruning, 20, 1, -100).prune);
	assert_null(pruning_rule(pruning));
	pruning_destroy(pruning);
}

static void a_verdict_says_who_where_and_why(void **state)
{
	(void)state;
	struct method median = named("median", NULL, 0);
	struct pruning *pruning = make(&median, 1, "s");
	complete(pruning, 5);
	struct verdict verdict = report(pruning, 9, 1, 0.1);
	assert_true(verdict.prune);
	assert_string_equal(verdict.pruner, "median");
	assert_int_equal(verdict.step, 1);
	assert_int_equal(verdict.rung, -1);
	assert_true(verdict.value == 0.1);
	assert_near(verdict.threshold, 0.2, 1e-12);
	pruning_destroy(pruning);
}

static void a_repeated_step_changes_nothing_and_gets_the_same_answer(void **state)
{
	(void)state;
	struct setting settings[] = {{.name = "min_resource", .number = 1}};
	struct method halving = named("successive_halving", settings, 1);
	struct pruning *pruning = make(&halving, 1, "s");
	for (int64_t number = 0; number < 8; number++)
		report(pruning, number, 1, 1);
	struct verdict first = report(pruning, 8, 1, 0.5), second = report(pruning, 8, 1, 99);
	assert_true(first.prune && second.prune);
	assert_true(second.value == 0.5);
	assert_int_equal(first.rung, 0);
	pruning_destroy(pruning);
}

static void values_that_are_no_numbers_are_stopped_or_ignored(void **state)
{
	(void)state;
	struct method median = named("median", NULL, 0);
	struct pruning *pruning = make(&median, 1, "s");
	complete(pruning, 5);
	assert_true(report(pruning, 9, 1, (double)NAN).prune);
	assert_true(report(pruning, 10, 1, -(double)INFINITY).prune);
	assert_false(report(pruning, 11, 1, (double)INFINITY).prune);
	report(pruning, 12, 0, 0.9);
	assert_false(report(pruning, 12, 1, (double)NAN).prune);
	pruning_destroy(pruning);
}

static void pruners_are_asked_in_turn(void **state)
{
	(void)state;
	struct setting bounds[] = {{.name = "lower", .number = -5}};
	struct method pruners[] = {named("threshold", bounds, 1), named("median", NULL, 0)};
	struct pruning *pruning = make(pruners, 2, "s");
	complete(pruning, 5);
	assert_string_equal(report(pruning, 9, 1, -6).pruner, "threshold");
	struct verdict verdict = report(pruning, 10, 1, 0);
	assert_true(verdict.prune);
	assert_string_equal(verdict.pruner, "median");
	assert_false(report(pruning, 11, 1, 0.4).prune);
	pruning_destroy(pruning);
}

static void hyperband_brackets_follow_from_names(void **state)
{
	(void)state;
	static const int expected[] = {0, 1, 0, 0, 0, 0, 0, 2, 2, 2};
	struct setting settings[] = {{.name = "min_resource", .number = 1}, {.name = "max_resource", .number = 20}};
	struct method hyperband = named("hyperband", settings, 2);
	struct pruning *pruning = make(&hyperband, 1, "s");
	for (int64_t number = 0; number < 10; number++)
		assert_int_equal(bracket_rule_find(pruning_rule(pruning), number), expected[number]);
	pruning_destroy(pruning);
}

/* W&B's own example: eta 2, bands after 1 and 2 values, losses turned to scores. */
static void early_termination_stops_what_wandb_stops(void **state)
{
	(void)state;
	struct setting settings[] = {
	        {.name = "max_iter", .number = 5}, {.name = "s", .number = 2}, {.name = "eta", .number = 2}};
	struct method wandb = named("wandb_hyperband", settings, 3);
	static const double curves[5][2] = {{-10, -9}, {-10, -6}, {-10, -7}, {-10, -8}, {-10, -10}};
	static const bool stopped_at_second[5] = {false, false, false, false, true};
	struct pruning *pruning = make(&wandb, 1, "s");
	for (int64_t number = 0; number < 5; number++) {
		assert_false(report(pruning, number, 0, curves[number][0]).prune);
		struct verdict verdict = report(pruning, number, 1, curves[number][1]);
		assert_int_equal(verdict.prune, stopped_at_second[number]);
		assert_int_equal(verdict.rung, 1);
	}
	pruning_destroy(pruning);
}

/* The reports of a trial that has been told to stop or has come to an end of `count` reports. */
static int64_t reports_until_stopped(struct pruning *pruning, int64_t number, double value, int64_t count)
{
	for (int64_t step = 0; step < count; step++)
		if (report(pruning, number, step, value).prune)
			return step + 1;
	return 0;
}

static void the_third_report_is_judged_with_a_min_iter_of_three(void **state)
{
	(void)state;
	struct setting settings[] = {{.name = "min_iter", .number = 3}, {.name = "eta", .number = 3}};
	struct setting strict[] = {
	        {.name = "min_iter", .number = 3}, {.name = "eta", .number = 3}, {.name = "strict", .number = 1}};
	struct method forms[] = {named("wandb_hyperband", settings, 2), named("wandb_hyperband", strict, 3)};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct pruning *pruning = make(&forms[i], 1, "s");
		assert_int_equal(reports_until_stopped(pruning, 0, 0.9, 12), 0);
		assert_int_equal(reports_until_stopped(pruning, 1, 0.8, 12), 3);
		assert_int_equal(reports_until_stopped(pruning, 2, 0.1, 12), 3);
		assert_int_equal(reports_until_stopped(pruning, 3, 0.95, 12), 0);
		pruning_destroy(pruning);
	}
}

/* The wrapped pruner is asked when the trial has passed a band already: its value there counts all
 * the same. */
static void early_termination_counts_trials_that_passed_a_band_unseen(void **state)
{
	(void)state;
	static const double falling[] = {0.5, 0.4, 0.3};
	struct setting settings[] = {{.name = "min_iter", .number = 1}, {.name = "eta", .number = 2}};
	struct setting patience[] = {{.name = "patience", .number = 0}};
	struct method wandb = named("wandb_hyperband", settings, 2), patient = named("patient", patience, 1);
	patient.inner = &wandb;
	struct pruning *pruning = make(&patient, 1, "s");
	for (int64_t number = 0; number < 3; number++) {
		assert_false(report(pruning, number, 0, falling[number]).prune);
		struct verdict verdict = report(pruning, number, 1, 0.1);
		assert_string_equal(verdict.pruner, "wandb_hyperband");
		assert_int_equal(verdict.rung, 1);
		assert_true(verdict.threshold == 0.1);
	}
	pruning_destroy(pruning);
}

static void patience_around_none_decides_alone(void **state)
{
	(void)state;
	struct setting patience[] = {{.name = "patience", .number = 0}};
	struct method none = named("none", NULL, 0), patient = named("patient", patience, 1);
	patient.inner = &none;
	struct pruning *pruning = make(&patient, 1, "s");
	assert_false(report(pruning, 0, 0, 0.5).prune);
	assert_false(report(pruning, 0, 1, 0.6).prune);
	assert_true(report(pruning, 0, 2, 0.4).prune);
	pruning_destroy(pruning);
}

static void contradicting_options_are_refused_with_a_sentence(void **state)
{
	(void)state;
	struct setting bootstrap[] = {{.name = "bootstrap_count", .number = 2}};
	struct setting crossed[] = {{.name = "lower", .number = 2}, {.name = "upper", .number = 1}};
	struct setting above[] = {{.name = "min_resource", .number = 9}, {.name = "max_resource", .number = 3}};
	struct method wrong[] = {named("threshold", NULL, 0), named("threshold", crossed, 2),
	        named("successive_halving", bootstrap, 1), named("hyperband", bootstrap, 1),
	        named("hyperband", above, 2), named("wandb_hyperband", NULL, 0)};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct objective objective = {"f1", MAXIMIZE, (double)NAN};
		struct study_spec spec = {.name = "s",
		        .objective_count = 1,
		        .objectives = &objective,
		        .prune_direction = objective.direction};
		struct pruning *pruning;
		struct error error = {""};
		spec.pruners = &wrong[i];
		spec.pruner_count = 1;
		assert_true(pruning_create(&pruning, &spec, &error) < 0);
		assert_string_not_equal(error.text, "");
	}
}

static void signed_rank_p_values_are_scipy_s(void **state)
{
	(void)state;
	/* scipy.stats.wilcoxon(d, alternative='greater', zero_method='zsplit') */
	double plain[] = {0.1, -0.2, 0.3, 0.4, 0.5}, ties[] = {1, 1, -1, 2, 2, 3}, zeros[] = {0, 1, 2, -1, 3};
	double p;
	assert_int_equal(signed_rank_p_value(&p, plain, 5), 0);
	assert_near(p, 0.09375, 1e-12);
	assert_int_equal(signed_rank_p_value(&p, ties, 6), 0);
	assert_near(p, 0.046875, 1e-12);
	assert_int_equal(signed_rank_p_value(&p, zeros, 5), 0);
	assert_near(p, 0.11140049559056725, 1e-9);
}

static void running_out_of_memory_is_survived(void **state)
{
	(void)state;
	struct setting settings[] = {{.name = "min_resource", .number = 1}, {.name = "max_resource", .number = 9}};
	struct method hyperband = named("hyperband", settings, 2);
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct study_spec spec = {
	        .name = "s", .objective_count = 1, .objectives = &objective, .prune_direction = objective.direction};
	spec.pruners = &hyperband;
	spec.pruner_count = 1;
	for (long nth = 1;; nth++) {
		struct pruning *pruning = NULL;
		struct verdict verdict;
		memory_fault_after(nth);
		int failed = pruning_create(&pruning, &spec, NULL);
		if (!failed)
			failed = pruning_start(pruning, 0);
		for (int64_t step = 1; !failed && step < 20; step++)
			failed = pruning_report(&verdict, pruning, 0, step, 0.5);
		int happened = memory_fault_happened();
		memory_fault_after(0);
		pruning_destroy(pruning);
		if (!happened)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_golden_answer_of_optuna_is_given),
	        cmocka_unit_test(no_pruner_never_prunes),
	        cmocka_unit_test(a_verdict_says_who_where_and_why),
	        cmocka_unit_test(a_repeated_step_changes_nothing_and_gets_the_same_answer),
	        cmocka_unit_test(values_that_are_no_numbers_are_stopped_or_ignored),
	        cmocka_unit_test(pruners_are_asked_in_turn),
	        cmocka_unit_test(hyperband_brackets_follow_from_names),
	        cmocka_unit_test(early_termination_stops_what_wandb_stops),
	        cmocka_unit_test(the_third_report_is_judged_with_a_min_iter_of_three),
	        cmocka_unit_test(early_termination_counts_trials_that_passed_a_band_unseen),
	        cmocka_unit_test(patience_around_none_decides_alone),
	        cmocka_unit_test(contradicting_options_are_refused_with_a_sentence),
	        cmocka_unit_test(signed_rank_p_values_are_scipy_s),
	        cmocka_unit_test(running_out_of_memory_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
