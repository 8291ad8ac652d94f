/* Whole models: the step of a training goes down the loss that it reports, with class weights,
 * dropout and two passes included. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/models/neural_state.h"

enum { ROWS = 12, CLASSES = 3, FLAGS_MAX = 8 };

/* Classes of six, four and two rows. */
static void make_rows(struct text_row rows[ROWS], char texts[ROWS][64])
{
	static const char *const words[] = {"made", "found", "lost", "sold"};
	for (int i = 0; i < ROWS; i++) {
		const int length = snprintf(texts[i], 64, "p%d %s by %s q", i % 4, words[i % 3], words[i % 4]);
		const size_t end = (size_t)length;
		rows[i] = (struct text_row){texts[i], end, {0, 2, "PER"}, {end - 1, end, "ORG"},
		        i < 6    ? 0
		        : i < 10 ? 1
		                 : 2};
	}
}

struct variant {
	const struct model_class *class;
	const char *flags[FLAGS_MAX][2];
};

static void set(struct option_group *group, const char *name, const char *value)
{
	const struct option *option = option_find(group, name, strlen(name));
	if (option)
		assert_int_equal(option_set(group, option, value, NULL), 0);
}

/* Sizes that take no time, one batch of all rows, and one plain step down the gradient. */
static void set_options(struct neural_options *options, const struct variant *variant)
{
	static const char *const plain[][2] = {{"embedding_width", "8"}, {"filters", "8"}, {"units", "6"},
	        {"width", "8"}, {"heads", "2"}, {"layers", "1"}, {"inner_width", "16"}, {"batch_size", "100"},
	        {"unit", "word"}, {"token_min_count", "1"}, {"optimizer", "sgd"}, {"momentum", "0"},
	        {"weight_decay", "0"}, {"clip", "0"}, {"schedule", "constant"}, {"warmup", "0"}, {"learning_rate", "1"},
	        {"feature_rate", "1"}};
	struct option_group group = {"", variant->class->options, variant->class->option_count, options};
	options_set_defaults(&group);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		set(&group, plain[i][0], plain[i][1]);
	for (size_t i = 0; i < FLAGS_MAX && variant->flags[i][0]; i++)
		set(&group, variant->flags[i][0], variant->flags[i][1]);
}

/* The first epoch of a model whose parameters begin `away` from the drawn ones along `direction`
 * (NULL: stay). Every one draws the same numbers. */
struct first {
	size_t count;
	double *step; /* (count) what the epoch took away from the parameters; owned */
	double loss;
};

static struct first train_first(const struct variant *variant, const double *direction, double away)
{
	struct neural_options options = {.body = 0};
	struct text_row rows[ROWS];
	char texts[ROWS][64];
	void *model;
	set_options(&options, variant);
	make_rows(rows, texts);
	const struct model_setup setup = {variant->class, &options, CLASSES, 1, 3};
	assert_int_equal(variant->class->create(&model, &setup, &(struct text_rows){rows, ROWS}, NULL), 0);
	const struct neural *neural = model;
	float *values = neural->parameters.values;
	struct first first = {.count = neural->parameters.count};
	first.step = memory_alloc(first.count, sizeof *first.step);
	assert_non_null(first.step);
	for (size_t i = 0; i < first.count; i++) {
		values[i] += direction ? (float)(away * direction[i]) : 0;
		first.step[i] = (double)values[i];
	}
	assert_int_equal(variant->class->train(&first.loss, model, NULL), 0);
	assert_int_equal(neural->optimizer.steps, 1);
	for (size_t i = 0; i < first.count; i++)
		first.step[i] -= (double)values[i];
	variant->class->destroy(model);
	return first;
}

/* Along the step, the loss changes by the step's own length. */
static void check(const struct variant *variant)
{
	const double away = 0.0005;
	const struct first here = train_first(variant, NULL, 0);
	double squares = 0, losses[2];
	for (size_t i = 0; i < here.count; i++)
		squares += here.step[i] * here.step[i];
	const double length = sqrt(squares);
	for (size_t i = 0; i < here.count; i++)
		here.step[i] /= length;
	for (int side = 0; side < 2; side++) {
		const struct first there = train_first(variant, here.step, side ? away : -away);
		losses[side] = there.loss;
		memory_free(there.step);
	}
	const double slope = (losses[1] - losses[0]) / (2 * away);
	if (!(length > 0.01 && fabs(slope - length) < 2e-3 * length))
		fail_msg("%s, %s: the gradient is %g long, the loss falls by %g", variant->class->name,
		        variant->flags[0][0], length, slope);
	memory_free(here.step);
}

static void a_models_step_is_the_gradient_of_the_loss_it_reports(void **state)
{
	(void)state;
	static const struct variant variants[] = {
	        {&model_cnn, {{"class_weights", "none"}}},
	        {&model_cnn, {{"class_weights", "inverse"}, {"label_smoothing", "0.2"}}},
	        {&model_cnn, {{"loss", "focal"}, {"focal_gamma", "2"}, {"focal_alpha", "0.8"}}},
	        {&model_cnn, {{"loss", "squared_hinge"}, {"class_weights", "effective_number"}}},
	        {&model_bilstm, {{"class_weights", "inverse"}}},
	        {&model_bilstm, {{"r_drop", "3"}, {"head", "lstm"}}},
	        {&model_transformer, {{"class_weights", "inverse"}}},
	        {&model_transformer, {{"r_drop", "3"}, {"head", "mlp"}, {"class_weights", "inverse"}}},
	        {&model_mix, {{"class_weights", "inverse"}}},
	        {&model_mix, {{"loss", "focal"}, {"r_drop", "1"}, {"body", "bilstm"}}},
	};
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		check(&variants[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_models_step_is_the_gradient_of_the_loss_it_reports),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
