/* Easy rows first: what is easy, how fast the share of rows grows, and which rows a model is
 * trained on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "worker/models/neural_state.h"

enum { NONE, LENGTH, RARITY, LOSS };
enum { COMPETENCE, LINEAR };

/* Four rows; token 2 is seen five times, 3 twice, 4 once; two tokens are unknown. */
static size_t starts[] = {0, 3, 5, 6, 10};
static int ids[] = {2, 2, 2, 3, 4, TOKEN_UNKNOWN, 2, 2, 3, TOKEN_UNKNOWN};
static const struct tokens tokens = {.rows = 4, .starts = starts, .ids = ids};

static void check_difficulty(int kind, const double expected[4])
{
	const struct curriculum_options options = {.kind = kind, .start = 0.1, .share = 1};
	struct curriculum curriculum;
	assert_int_equal(curriculum_init(&curriculum, &options, &tokens, 10), 0);
	for (size_t i = 0; i < 4; i++)
		assert_true(fabs((double)curriculum.difficulty[i] - expected[i]) < 1e-5);
	curriculum_finish(&curriculum);
}

static void few_tokens_are_easy_or_frequent_ones_or_a_small_loss(void **state)
{
	(void)state;
	const double two = log(10.0 / 5), three = log(10.0 / 2), once = log(10);
	check_difficulty(LENGTH, (const double[]){3, 2, 1, 4});
	check_difficulty(RARITY, (const double[]){3 * two, three + once, once, 2 * two + three + once});
	struct curriculum curriculum;
	assert_int_equal(curriculum_init(&curriculum, &(struct curriculum_options){.kind = LOSS}, &tokens, 10), 0);
	curriculum_observe(&curriculum, 2, 0.5);
	curriculum_observe(&curriculum, 2, 0.25);
	curriculum_observe(&curriculum, 1, -1e-9); /* rounding; none is below 0 */
	assert_memory_equal(curriculum.difficulty, ((const float[]){0, 0, 0.25f, 0}), 4 * sizeof(float));
	curriculum_finish(&curriculum);
}

static double competence(const struct curriculum_options *options, size_t epoch)
{
	const struct curriculum curriculum = {.options = options, .epochs = 20};
	return curriculum_competence(&curriculum, epoch);
}

static void the_share_of_rows_grows_by_its_pace_until_its_share_of_the_epochs(void **state)
{
	(void)state;
	for (int kind = LENGTH; kind <= LOSS; kind++) {
		const struct curriculum_options root = {kind, COMPETENCE, 0.2, 0.5}, even = {kind, LINEAR, 0.2, 0.5};
		for (size_t epoch = kind == LOSS; epoch < 10; epoch++) {
			const double t = (double)epoch;
			assert_true(fabs(competence(&root, epoch) - sqrt(t * (1 - 0.04) / 10 + 0.04)) < 1e-12);
			assert_true(fabs(competence(&even, epoch) - (0.2 + 0.08 * t)) < 1e-12);
		}
		assert_true(competence(&root, 10) == 1 && competence(&even, 19) == 1);
	}
	assert_true(competence(&(struct curriculum_options){NONE, LINEAR, 0.1, 1}, 0) == 1);
	assert_true(competence(&(struct curriculum_options){LOSS, LINEAR, 0.1, 1}, 0) == 1);
	assert_true(competence(&(struct curriculum_options){LENGTH, LINEAR, 0.1, 0}, 0) == 1);
}

enum { ROWS = 40, CLASSES = 2, EPOCHS = 4 };

/* Row i has 1 + (7 · i mod 40) words between its entities; odd rows are of class 1. */
static void make_rows(struct text_row rows[ROWS], char texts[ROWS][256])
{
	for (size_t i = 0; i < ROWS; i++) {
		size_t length = (size_t)snprintf(texts[i], 256, "a ");
		for (size_t j = 0; j <= 7 * i % ROWS; j++)
			length += (size_t)snprintf(texts[i] + length, 256 - length, "%s ", i % 2 ? "xu" : "yo");
		texts[i][length] = 'b';
		texts[i][length + 1] = '\0';
		rows[i] = (struct text_row){texts[i], length + 1, {0, 1, ""}, {length, length + 1, ""}, (int)(i % 2)};
	}
}

static void set(struct option_group *group, const char *name, const char *value)
{
	assert_int_equal(option_set(group, option_find(group, name, strlen(name)), value, NULL), 0);
}

/* Trains a model for some epochs and checks that each has drawn the rows that are easiest by
 * `difficulty` before it. */
static void check_rows_drawn(const char *kind, const size_t expected[EPOCHS])
{
	struct neural_options options = {.body = 0};
	struct option_group group = {"", model_cnn.options, model_cnn.option_count, &options};
	struct text_row rows[ROWS];
	char texts[ROWS][256];
	float before[ROWS];
	void *model;
	double loss;
	options_set_defaults(&group);
	set(&group, "curriculum", kind);
	set(&group, "curriculum_pace", "linear");
	set(&group, "curriculum_start", "0.25");
	set(&group, "curriculum_share", "0.75");
	set(&group, "unit", "word");
	set(&group, "batch_size", "4");
	make_rows(rows, texts);
	const struct model_setup setup = {&model_cnn, &options, CLASSES, EPOCHS, 1};
	const struct text_rows all = {rows, ROWS};
	assert_int_equal(model_cnn.create(&model, &setup, &all, NULL), 0);
	const struct neural *neural = model;
	for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
		double easiest_left = INFINITY, hardest_drawn = 0;
		bool drawn[ROWS] = {false};
		memcpy(before, neural->curriculum.difficulty, sizeof before);
		assert_int_equal(model_cnn.train(&loss, model, NULL), 0);
		assert_int_equal(neural->order.used, expected[epoch]);
		for (size_t i = 0; i < neural->order.used; i++)
			drawn[neural->order.numbers[i]] = true;
		for (size_t i = 0; i < ROWS; i++) {
			hardest_drawn = drawn[i] ? fmax(hardest_drawn, (double)before[i]) : hardest_drawn;
			easiest_left = drawn[i] ? easiest_left : fmin(easiest_left, (double)before[i]);
		}
		assert_true(hardest_drawn <= easiest_left);
		/* Rows that were not drawn keep the loss they had. */
		for (size_t i = 0; i < ROWS; i++)
			assert_int_equal(
			        strcmp(kind, "loss") == 0 && drawn[i], before[i] != neural->curriculum.difficulty[i]);
	}
	assert_int_equal(neural->optimizer.steps, neural->planned_steps);
	model_cnn.destroy(model);
}

static void a_model_is_trained_on_the_easiest_rows_of_every_epoch(void **state)
{
	(void)state;
	check_rows_drawn("length", (const size_t[]){10, 20, 30, 40});
	check_rows_drawn("rarity", (const size_t[]){10, 20, 30, 40});
	check_rows_drawn("loss", (const size_t[]){40, 20, 30, 40});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(few_tokens_are_easy_or_frequent_ones_or_a_small_loss),
	        cmocka_unit_test(the_share_of_rows_grows_by_its_pace_until_its_share_of_the_epochs),
	        cmocka_unit_test(a_model_is_trained_on_the_easiest_rows_of_every_epoch),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
