/* Sweeps of W&B as people have them: what is taken, and what it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/param_value.h"
#include "schema/study/study_file.h"

/* The spec, NULL when it is refused; what was said goes to `said`. */
static struct study_spec *parse(struct text *said, const char *yaml)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error;
	study_file_parse(
	        &spec, &(struct study_source){yaml, strlen(yaml), "s.yaml", "/data", "s"}, &complaints, &error);
	complaints_append_text(&complaints, said);
	complaints_finish(&complaints);
	return spec;
}

static void must_say(const char *yaml, const char *expected)
{
	struct text said = TEXT_NULL;
	study_spec_destroy(parse(&said, yaml));
	assert_string_equal(text_string(&said), expected);
	text_finish(&said);
}

static struct study_spec *must_take(const char *yaml)
{
	struct text said = TEXT_NULL;
	struct study_spec *spec = parse(&said, yaml);
	if (!spec)
		print_error("%s", text_string(&said));
	text_finish(&said);
	assert_non_null(spec);
	return spec;
}

/* ---- a sweep without a metric ---- */

static void a_search_that_does_not_learn_needs_no_metric(void **state)
{
	(void)state;
	static const char *const methods[] = {"grid", "random", "qmc", "brute_force"};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		char yaml[200];
		snprintf(yaml, sizeof yaml, "{program: t.py, method: %s, parameters: {x: {min: 0, max: 3}}}",
		        methods[i]);
		struct study_spec *spec = must_take(yaml);
		assert_int_equal(spec->objective_count, 0);
		assert_string_equal(spec->prune_metric, "");
		study_spec_destroy(spec);
	}
}

static void what_goes_by_a_metric_names_it(void **state)
{
	(void)state;
	must_say("{program: t.py, method: bayes, parameters: {x: {min: 0, max: 3}}}",
	        "s.yaml:1:1: error: `metric` is missing, which tpe goes by: {name: …, goal: maximize}\n");
	must_say("{program: t.py, parameters: {x: {min: 0, max: 3}}}",
	        "s.yaml:1:1: error: `metric` is missing, which auto goes by: {name: …, goal: maximize}\n");
	must_say("{program: t.py, method: random, parameters: {x: {min: 0, max: 3}}, early_terminate: {type: "
	         "hyperband, min_iter: 3}}",
	        "s.yaml:1:1: error: `metric` is missing, which wandb_hyperband goes by: {name: …, goal: maximize}\n");
	must_say("{program: t.py, method: random, parameters: {x: {min: 0, max: 3}}, prune_metric: loss}",
	        "s.yaml:1:82: error: prune_metric: `prune_metric` needs a `metric`\n");
}

static void kre_train_has_a_metric_anyway(void **state)
{
	(void)state;
	struct study_spec *spec = must_take("{method: random, parameters: {lr: {min: 0.1, max: 1.0}}}");
	assert_string_equal(spec->objectives[0].name, "f1");
	study_spec_destroy(spec);
}

/* ---- values that are there twice ---- */

static void equal_values_are_one_with_a_warning(void **state)
{
	(void)state;
	must_say("{method: random, parameters: {x: {values: [a, 3, 3.0, a, [1, 2], [1, 2]]}}}",
	        "s.yaml:1:50: warning: parameters.x.values[2]: 3.0 is there already, in place 1; the two count as "
	        "one value\n"
	        "s.yaml:1:55: warning: parameters.x.values[3]: \"a\" is there already, in place 0; the two count as "
	        "one value\n"
	        "s.yaml:1:66: warning: parameters.x.values[5]: [1, 2] is there already, in place 4; the two count as "
	        "one value\n");
	struct study_spec *spec =
	        must_take("{method: random, parameters: {x: {values: [a, b, a], probabilities: [0.25, 0.5, 0.25]}}}");
	const struct param *param = &spec->space->params[0];
	assert_int_equal(param->choice_count, 2);
	assert_true(param->probabilities[0] == 0.5 && param->probabilities[1] == 0.5);
	study_spec_destroy(spec);
}

static void flags_and_numbers_are_different_values(void **state)
{
	(void)state;
	struct study_spec *spec = must_take("{method: grid, parameters: {x: {values: [true, 1, 0, false]}}}");
	assert_int_equal(spec->space->params[0].choice_count, 4);
	study_spec_destroy(spec);
}

/* ---- what Optuna gets ---- */

static void what_python_cannot_tell_apart_or_hash_is_text_to_optuna(void **state)
{
	(void)state;
	struct study_spec *spec =
	        must_take("{method: random, parameters: {x: {values: [[64, 32], {a: 1}, true, 1, b, null]}}}");
	const struct param *param = &spec->space->params[0];
	assert_string_equal(param->distribution, "{\"name\": \"CategoricalDistribution\", \"attributes\": "
	                                         "{\"choices\": [\"[64, 32]\", \"{\\\"a\\\": 1}\", "
	                                         "true, \"1\", \"b\", null]}}");
	struct text line = TEXT_NULL;
	param_append_text(param, 0, &line);
	assert_string_equal(text_string(&line), "[64, 32]");
	text_finish(&line);
	study_spec_destroy(spec);
}

/* ---- W&B's grid ---- */

static void grid_walks_q_uniform_from_min_and_leaves_max_out(void **state)
{
	(void)state;
	static const struct {
		const char *range;
		enum param_kind kind;
		double low, high;
		size_t count;
	} cases[] = {
	        {"min: 0.0, max: 0.5, q: 0.1", PARAM_FLOAT, 0, 0.4, 5},
	        {"min: 0.05, max: 0.5, q: 0.1", PARAM_FLOAT, 0.05, 0.45, 5},
	        {"min: 5, max: 100, q: 8", PARAM_INT, 5, 93, 12},
	        {"min: 0, max: 10", PARAM_FLOAT, 0, 9, 10},
	        {"min: 0, max: 1, q: 5", PARAM_INT, 0, 0, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char yaml[200];
		snprintf(yaml, sizeof yaml, "{method: grid, parameters: {x: {distribution: q_uniform, %s}}}",
		        cases[i].range);
		struct study_spec *spec = must_take(yaml);
		const struct param *param = &spec->space->params[0];
		assert_int_equal(param->kind, cases[i].kind);
		assert_true(param->low == cases[i].low && param->high == cases[i].high);
		assert_int_equal(param_cardinality(param), cases[i].count);
		study_spec_destroy(spec);
	}
}

/* ---- names ---- */

static void names_of_hydra_and_of_lists_are_taken(void **state)
{
	(void)state;
	static const char *const names[] = {"train/loss_fn", "+trainer.lr", "numbers[0]", "model.layers[0].lr",
	        "optimizer/lr", "++a", "~x", "3d", "lr@head", "a:b", "학습률"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char yaml[200];
		snprintf(yaml, sizeof yaml, "{method: random, parameters: {\"%s\": {min: 0, max: 1}}}", names[i]);
		struct study_spec *spec = must_take(yaml);
		assert_string_equal(spec->space->params[0].name, names[i]);
		study_spec_destroy(spec);
	}
}

static void names_that_would_not_survive_a_command_line_are_refused(void **state)
{
	(void)state;
	static const char *const names[] = {"", "a b", "a=b", "-lr", "--lr", "a${b}", "a'b"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char yaml[200];
		struct text said = TEXT_NULL;
		snprintf(yaml, sizeof yaml, "{method: random, parameters: {\"%s\": {min: 0, max: 1}}}", names[i]);
		assert_null(parse(&said, yaml));
		assert_non_null(strstr(text_string(&said), "a name has no blanks"));
		text_finish(&said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_search_that_does_not_learn_needs_no_metric),
	        cmocka_unit_test(what_goes_by_a_metric_names_it),
	        cmocka_unit_test(kre_train_has_a_metric_anyway),
	        cmocka_unit_test(equal_values_are_one_with_a_warning),
	        cmocka_unit_test(flags_and_numbers_are_different_values),
	        cmocka_unit_test(what_python_cannot_tell_apart_or_hash_is_text_to_optuna),
	        cmocka_unit_test(grid_walks_q_uniform_from_min_and_leaves_max_out),
	        cmocka_unit_test(names_of_hydra_and_of_lists_are_taken),
	        cmocka_unit_test(names_that_would_not_survive_a_command_line_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
