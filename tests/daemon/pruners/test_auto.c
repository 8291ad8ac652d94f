/* The pruner `auto`, and that all pruners compare the same folds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/pruners/auto_epochs.h"
#include "daemon/pruners/pruning.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "tests/daemon/near.h"

enum { FOLDS = 5, EPOCHS = 12 };

static const struct objective objective = {"f1", MAXIMIZE, (double)NAN};

struct bench {
	struct method method;
	struct study_spec spec;
	struct pruning *pruning;
	struct rng rng;
	char reason[VERDICT_TEXT_BYTES]; /* of the last trial that was stopped */
	int64_t epochs_run;
};

static void set_up(struct bench *bench, const char *pruner, int64_t folds)
{
	struct error error;
	*bench = (struct bench){.method = {.info = method_info_find(pruner_infos, pruner)}};
	bench->spec = (struct study_spec){.name = "s",
	        .objective_count = 1,
	        .objectives = (struct objective *)&objective,
	        .prune_direction = MAXIMIZE,
	        .prune_metric = "f1",
	        .result_rule = RESULT_LAST,
	        .pruners = &bench->method,
	        .pruner_count = 1,
	        .folds = folds};
	rng_init(&bench->rng, 3, 5);
	assert_int_equal(pruning_create(&bench->pruning, &bench->spec, &error), 0);
	pruning_set_seed(bench->pruning, 11);
}

static double noise(struct bench *bench, double sd)
{
	double sum = 0;
	for (int i = 0; i < 12; i++)
		sum += rng_uniform(&bench->rng);
	return sd * (sum - 6);
}

/* Runs one fold: a curve that rises to `end`. False when the trial is stopped. */
static bool run_fold(struct bench *bench, int64_t number, int64_t fold, double end)
{
	struct verdict verdict;
	for (int64_t epoch = 1; epoch <= EPOCHS; epoch++) {
		double part = 1 - exp(-(double)epoch / 3);
		const struct fold_report report = {number, fold, epoch, end * part + noise(bench, 0.002)};
		bench->epochs_run++;
		assert_int_equal(pruning_hear(&verdict, bench->pruning, &report), 0);
		if (verdict.prune)
			break;
	}
	if (!verdict.prune) {
		const struct fold_report report = {number, fold, EPOCHS, end};
		assert_int_equal(pruning_hear_end(&verdict, bench->pruning, &report), 0);
	}
	if (verdict.prune)
		verdict_text(bench->reason, &verdict);
	return !verdict.prune;
}

/* Runs a trial fold by fold, from its own first one; its state at the end. */
static enum trial_state run_trial(struct bench *bench, int64_t number, double worth)
{
	int64_t folds = bench->spec.folds;
	double sum = 0;
	assert_int_equal(pruning_start(bench->pruning, number), 0);
	for (int64_t i = 0; i < folds; i++) {
		int64_t fold = (number + i) % folds;
		double end = worth + 0.01 * (double)(fold - 2) + noise(bench, 0.02);
		sum += end;
		if (!run_fold(bench, number, fold, end)) {
			assert_int_equal(pruning_finish(bench->pruning, number, TRIAL_PRUNED, (double)NAN), 0);
			return TRIAL_PRUNED;
		}
	}
	assert_int_equal(pruning_finish(bench->pruning, number, TRIAL_COMPLETE, sum / (double)folds), 0);
	return TRIAL_COMPLETE;
}

/* The first thirty trials, between 0.6 and 0.7. */
static void warm_up(struct bench *bench)
{
	for (int64_t number = 0; number < 30; number++)
		run_trial(bench, number, 0.6 + 0.1 * rng_uniform(&bench->rng));
}

static void bad_trials_are_stopped_and_good_ones_are_not(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	warm_up(&bench);
	int bad = 0, good = 0;
	for (int64_t number = 30; number < 70; number += 2) {
		bad += run_trial(&bench, number, 0.45) == TRIAL_PRUNED;
		good += run_trial(&bench, number + 1, 0.7) == TRIAL_PRUNED;
	}
	assert_true(bad >= 15); /* of 20; one in ten is run to its end all the same */
	assert_true(bad < 20);
	assert_int_equal(good, 0);
	pruning_destroy(bench.pruning);
}

static void a_verdict_is_in_words_with_its_numbers(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	warm_up(&bench);
	for (int64_t number = 30; !*bench.reason; number++)
		run_trial(&bench, number, 0.45);
	assert_non_null(strstr(bench.reason, "auto at step 5 of the first fold: worth 0."));
	assert_non_null(strstr(bench.reason, "is the bar, more than 2.2 standard errors worse; noise of a fold 0.0"));
	pruning_destroy(bench.pruning);
}

static void without_reports_the_first_fold_decides(void **state)
{
	(void)state;
	struct bench bench;
	struct verdict verdict;
	set_up(&bench, "auto", FOLDS);
	for (int64_t number = 0; number < 30; number++) {
		double worth = 0.6 + 0.1 * rng_uniform(&bench.rng);
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		for (int64_t fold = 0; fold < FOLDS; fold++)
			assert_int_equal(pruning_hear_end(&verdict, bench.pruning,
			                         &(struct fold_report){number, fold, -1, worth + noise(&bench, 0.01)}),
			        0);
		assert_int_equal(pruning_finish(bench.pruning, number, TRIAL_COMPLETE, worth), 0);
	}
	int stopped = 0;
	for (int64_t number = 30; number < 40; number++) {
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		assert_true(pruning_holds(bench.pruning, number));
		assert_int_equal(pruning_hear_end(&verdict, bench.pruning,
		                         &(struct fold_report){number, number % FOLDS, -1, 0.5 + noise(&bench, 0.01)}),
		        0);
		stopped += verdict.prune;
		if (verdict.prune)
			verdict_text(bench.reason, &verdict);
	}
	assert_true(stopped >= 8);
	assert_non_null(strstr(bench.reason, "auto after 1 of 5 folds: worth 0.5"));
	pruning_destroy(bench.pruning);
}

static void one_s_own_trials_and_the_first_ten_are_never_stopped(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	for (int64_t number = 100; number < 130; number++)
		run_trial(&bench, number, 0.6 + 0.1 * rng_uniform(&bench.rng));
	for (int64_t number = 0; number < 10; number++) {
		assert_int_equal(run_trial(&bench, number, 0.3), TRIAL_COMPLETE);
		assert_false(pruning_holds(bench.pruning, number));
	}
	for (int64_t number = 140; number < 150; number++) {
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		pruning_spare(bench.pruning, number);
		assert_int_equal(run_trial(&bench, number, 0.3), TRIAL_COMPLETE);
	}
	pruning_destroy(bench.pruning);
}

static void few_trials_are_all_run_to_their_end(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	pruning_destroy(bench.pruning);
	bench.spec.budget_trials = 19;
	assert_int_equal(pruning_create(&bench.pruning, &bench.spec, NULL), 0);
	warm_up(&bench);
	for (int64_t number = 30; number < 40; number++)
		assert_int_equal(run_trial(&bench, number, 0.2), TRIAL_COMPLETE);
	pruning_destroy(bench.pruning);
}

static void where_trials_do_not_differ_none_is_stopped(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	int stopped = 0;
	for (int64_t number = 0; number < 200; number++)
		stopped += run_trial(&bench, number, 0.65) == TRIAL_PRUNED;
	assert_true(stopped <= 2);
	pruning_destroy(bench.pruning);
}

static void without_folds_epochs_are_looked_at(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", 1);
	warm_up(&bench);
	int stopped = 0;
	int64_t before = bench.epochs_run;
	for (int64_t number = 30; number < 40; number++)
		stopped += run_trial(&bench, number, 0.45) == TRIAL_PRUNED;
	assert_true(stopped >= 8);
	assert_true(bench.epochs_run - before < 10 * EPOCHS / 2);
	assert_int_equal(run_trial(&bench, 50, 0.72), TRIAL_COMPLETE);
	pruning_destroy(bench.pruning);
}

/* What was usual two thousand trials ago is none of what a trial is compared with. */
static void of_many_trials_the_newest_are_compared_with(void **state)
{
	(void)state;
	enum { TRIALS = 2200, OLD = 1200 };
	struct fold_records records;
	struct epochs seen = {TRIALS, 0, 3, false};
	double bound;
	fold_records_init(&records, 1, true);
	records.epoch_count = 4;
	for (int64_t number = 0; number <= TRIALS; number++) {
		double level = number == TRIALS ? 0.5 : (number < OLD ? 0.1 : 0.9) + 0.001 * (double)(number % 10);
		assert_int_equal(fold_records_add(&records, number), 0);
		for (int64_t step = 1; step <= 3; step++)
			assert_int_equal(fold_record_put(&records.rows[number].folds[0], step, level), 0);
		if (number < TRIALS)
			records.rows[number].state = TRIAL_COMPLETE;
	}
	assert_true(epochs_are_an_outlier(&bound, &records, &seen));
	assert_true(bound > 0.8);
	fold_records_finish(&records);
}

static void many_workers_need_not_wait_for_first_folds(void **state)
{
	(void)state;
	struct bench bench;
	set_up(&bench, "auto", FOLDS);
	warm_up(&bench);
	for (int64_t number = 30; number < 60; number++) {
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		assert_int_equal(pruning_holds(bench.pruning, number), number < 45);
	}
	pruning_destroy(bench.pruning);
}

struct told {
	int count, stopped;
	double best;
};

static void note_worth(void *context, const struct trial_worth *worth)
{
	struct told *told = context;
	told->count++;
	told->stopped += worth->variance > 1e-3 / FOLDS;
	told->best = fmax(told->best, worth->mean);
}

static void stopped_trials_are_worth_no_more_than_the_bar(void **state)
{
	(void)state;
	struct bench bench;
	struct told told = {0};
	set_up(&bench, "auto", FOLDS);
	warm_up(&bench);
	pruning_tell_worth(bench.pruning, &(struct worth_listener){note_worth, &told}, 29);
	int before = told.count, stopped = 0;
	assert_true(before >= 10);
	for (int64_t number = 30; number < 40; number++)
		stopped += run_trial(&bench, number, 0.45) == TRIAL_PRUNED;
	told = (struct told){0};
	pruning_tell_worth(bench.pruning, &(struct worth_listener){note_worth, &told}, 39);
	assert_int_equal(told.count, before + 10);
	assert_true(stopped > 5 && told.best < 0.75);
	told = (struct told){0};
	pruning_tell_worth(bench.pruning, &(struct worth_listener){note_worth, &told}, 39);
	assert_int_equal(told.count, 1); /* nothing has changed */
	pruning_destroy(bench.pruning);
}

/* Fold 4 is a hard one, as everybody knows who ran it. */
static void a_hard_fold_is_compared_with_the_same_fold_of_others(void **state)
{
	(void)state;
	struct bench bench;
	struct verdict verdict;
	set_up(&bench, "median", FOLDS);
	for (int64_t number = 0; number < 8; number++) {
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		for (int64_t fold = 0; fold < FOLDS; fold++) {
			double value = (fold == 4 ? 0.2 : 0.6) + 0.01 * (double)number;
			const struct fold_report report = {number, fold, 1, value};
			assert_int_equal(pruning_hear(&verdict, bench.pruning, &report), 0);
			assert_int_equal(pruning_hear_end(&verdict, bench.pruning, &report), 0);
		}
		assert_int_equal(pruning_report(&verdict, bench.pruning, number, 1, 0.52), 0);
		assert_int_equal(pruning_finish(bench.pruning, number, TRIAL_COMPLETE, 0.52), 0);
	}
	for (int64_t number = 8; number < 10; number++) {
		const struct fold_report report = {number, 4, 1, number == 8 ? 0.25 : 0.21};
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		assert_int_equal(pruning_hear(&verdict, bench.pruning, &report), 0);
		assert_int_equal(pruning_report(&verdict, bench.pruning, number, 1, report.value), 0);
		assert_int_equal(verdict.prune, number == 9);
		assert_near(verdict.threshold, 0.235, 1e-12);
	}
	pruning_destroy(bench.pruning);
}

/* Those that break a constraint are the best by far: nobody is to be measured by them. */
static void infeasible_trials_set_no_bar(void **state)
{
	(void)state;
	struct bench bench;
	int stopped = 0;
	set_up(&bench, "auto", FOLDS);
	warm_up(&bench);
	for (int64_t number = 30; number < 42; number++) {
		double sum = 0;
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		pruning_rule_out(bench.pruning, number);
		for (int64_t fold = 0; fold < FOLDS; fold++) {
			const double end = 0.9 + noise(&bench, 0.02);
			sum += end;
			assert_true(run_fold(&bench, number, fold, end));
		}
		assert_int_equal(pruning_finish(bench.pruning, number, TRIAL_COMPLETE, sum / FOLDS), 0);
	}
	for (int64_t number = 42; number < 62; number++)
		stopped += run_trial(&bench, number, 0.69) == TRIAL_PRUNED;
	assert_int_equal(stopped, 0);
	pruning_destroy(bench.pruning);
}

static void who_is_resumed_is_stopped_by_nobody(void **state)
{
	(void)state;
	struct bench bench;
	struct verdict verdict;
	set_up(&bench, "median", 1);
	for (int64_t number = 0; number < 8; number++) {
		assert_int_equal(pruning_start(bench.pruning, number), 0);
		assert_int_equal(pruning_report(&verdict, bench.pruning, number, 1, 0.6), 0);
		assert_int_equal(pruning_finish(bench.pruning, number, TRIAL_COMPLETE, 0.6), 0);
	}
	assert_int_equal(pruning_start(bench.pruning, 8), 0);
	assert_int_equal(pruning_report(&verdict, bench.pruning, 8, 1, 0.1), 0);
	assert_true(verdict.prune);
	assert_int_equal(pruning_finish(bench.pruning, 8, TRIAL_PRUNED, 0.1), 0);
	assert_int_equal(pruning_start(bench.pruning, 8), 0);
	pruning_resume(bench.pruning, 8);
	for (int64_t step = 1; step < 4; step++) {
		assert_int_equal(pruning_report(&verdict, bench.pruning, 8, step, 0.1), 0);
		assert_false(verdict.prune);
	}
	pruning_destroy(bench.pruning);
}

static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	for (long nth = 1;; nth++) {
		struct bench bench;
		struct verdict verdict;
		set_up(&bench, "auto", 2);
		memory_fault_after(nth);
		for (int64_t number = 0; number < 12; number++) {
			const struct fold_report report = {number, number % 2, 1, 0.5};
			if (pruning_start(bench.pruning, number) != 0)
				continue;
			(void)!pruning_hear(&verdict, bench.pruning, &report);
			(void)!pruning_report(&verdict, bench.pruning, number, 1, 0.5);
			(void)!pruning_hear_end(&verdict, bench.pruning, &report);
			(void)!pruning_finish(bench.pruning, number, TRIAL_COMPLETE, 0.5);
		}
		int happened = memory_fault_happened();
		memory_fault_after(0);
		pruning_destroy(bench.pruning);
		if (!happened)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bad_trials_are_stopped_and_good_ones_are_not),
	        cmocka_unit_test(a_verdict_is_in_words_with_its_numbers),
	        cmocka_unit_test(without_reports_the_first_fold_decides),
	        cmocka_unit_test(one_s_own_trials_and_the_first_ten_are_never_stopped),
	        cmocka_unit_test(few_trials_are_all_run_to_their_end),
	        cmocka_unit_test(where_trials_do_not_differ_none_is_stopped),
	        cmocka_unit_test(without_folds_epochs_are_looked_at),
	        cmocka_unit_test(of_many_trials_the_newest_are_compared_with),
	        cmocka_unit_test(many_workers_need_not_wait_for_first_folds),
	        cmocka_unit_test(stopped_trials_are_worth_no_more_than_the_bar),
	        cmocka_unit_test(a_hard_fold_is_compared_with_the_same_fold_of_others),
	        cmocka_unit_test(infeasible_trials_set_no_bar),
	        cmocka_unit_test(who_is_resumed_is_stopped_by_nobody),
	        cmocka_unit_test(memory_may_run_out_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
