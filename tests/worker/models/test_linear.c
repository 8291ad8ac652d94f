#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/features/feature.h"
#include "worker/models/linear.h"
#include "worker/models/model.h"
#include "worker/network/loss.h"

#define CLASSES 3
#define ROWS 90

struct fixture {
	struct text_row rows[ROWS];
	char sentences[ROWS][64];
	struct linear_options options;
};

/* "aN <verb> bN": the verb between the entities tells the class. */
static void make_rows(struct fixture *fixture)
{
	static const char *const verbs[CLASSES] = {"works for", "lives in", "has met"};
	for (int i = 0; i < ROWS; i++) {
		int written = snprintf(fixture->sentences[i], 64, "a%02d %s b%02d today", i, verbs[i % CLASSES], i);
		size_t length = (size_t)written, second = strlen(verbs[i % CLASSES]) + 5;
		fixture->rows[i] = (struct text_row){
		        fixture->sentences[i], length, {0, 3, "PER"}, {second, second + 3, "ORG"}, i % CLASSES};
	}
}

static struct option_group group_of(struct fixture *fixture)
{
	return (struct option_group){"linear", model_linear.options, model_linear.option_count, &fixture->options};
}

static struct fixture *make(void)
{
	static struct fixture fixture;
	make_rows(&fixture);
	struct option_group group = group_of(&fixture);
	options_set_defaults(&group);
	return &fixture;
}

static void *create(struct fixture *fixture, uint64_t seed)
{
	void *model = NULL;
	struct error error = {""};
	const struct model_setup setup = {&model_linear, &fixture->options, CLASSES, 5, seed, NULL};
	const struct text_rows rows = {fixture->rows, ROWS};
	if (model_linear.create(&model, &setup, &rows, &error) < 0)
		fail_msg("%s", error.text);
	return model;
}

static void train(void *model, int epochs, double *loss)
{
	for (int i = 0; i < epochs; i++)
		assert_int_equal(model_linear.train(loss, model, NULL), 0);
}

static void predict(double *out, void *model, const struct fixture *fixture)
{
	void *encoded = NULL;
	const struct text_rows rows = {fixture->rows, ROWS};
	assert_int_equal(model_linear.encode(&encoded, model, &rows), 0);
	assert_int_equal(model_linear.predict(out, model, encoded), 0);
	model_linear.encoded_destroy(encoded);
}

static void every_loss_and_optimizer_learns_what_is_plain(void **state)
{
	(void)state;
	for (int kind = 0; loss_names[kind]; kind++) {
		for (int optimizer = 0; linear_optimizers[optimizer]; optimizer++) {
			struct fixture *fixture = make();
			fixture->options.loss.kind = kind;
			fixture->options.optimizer = optimizer;
			double loss, first, out[ROWS * CLASSES];
			void *model = create(fixture, 1);
			train(model, 1, &first);
			train(model, 4, &loss);
			assert_true(loss < first / 2);
			predict(out, model, fixture);
			for (int i = 0; i < ROWS; i++) {
				const double *row = &out[i * CLASSES];
				assert_true(fabs(row[0] + row[1] + row[2] - 1) < 1e-9);
				assert_true(row[i % CLASSES] > 0.5);
			}
			model_linear.destroy(model);
		}
	}
}

static void the_same_seed_gives_the_same_bits(void **state)
{
	(void)state;
	double first[ROWS * CLASSES], again[ROWS * CLASSES], other[ROWS * CLASSES], loss;
	double *const outs[] = {first, again, other};
	for (uint64_t i = 0; i < 3; i++) {
		void *model = create(make(), i < 2 ? 1 : 2);
		train(model, 3, &loss);
		predict(outs[i], model, make());
		model_linear.destroy(model);
	}
	assert_memory_equal(first, again, sizeof first);
	assert_memory_not_equal(first, other, sizeof first);
}

static void a_saved_model_predicts_the_same_bits(void **state)
{
	(void)state;
	struct fixture *fixture = make();
	const struct model_setup setup = {&model_linear, &fixture->options, CLASSES, 5, 1, NULL};
	double before[ROWS * CLASSES], after[ROWS * CLASSES], loss;
	void *model = create(fixture, 1), *loaded = NULL;
	struct text bytes = TEXT_NULL;
	train(model, 2, &loss);
	predict(before, model, fixture);
	model_linear.save(&bytes, model);
	assert_false(bytes.failed);
	assert_int_equal(model_linear.load(&loaded, &setup, bytes.data, bytes.length), 0);
	predict(after, loaded, fixture);
	assert_memory_equal(before, after, sizeof before);
	model_linear.destroy(loaded);
	model_linear.destroy(model);
	for (size_t length = 0; length < bytes.length; length += 97)
		assert_true(model_linear.load(&loaded, &setup, bytes.data, length) < 0);
	bytes.data[0] = 'X';
	assert_true(model_linear.load(&loaded, &setup, bytes.data, bytes.length) < 0);
	text_finish(&bytes);
}

static void running_out_of_memory_is_survived_everywhere(void **state)
{
	(void)state;
	struct fixture *fixture = make();
	const struct model_setup setup = {&model_linear, &fixture->options, CLASSES, 5, 1, NULL};
	const struct text_rows rows = {fixture->rows, ROWS};
	int rc = -1, failures = 0;
	for (long countdown = 1; rc != 0; countdown++, failures++) {
		void *model = NULL, *encoded = NULL;
		memory_fault_after(countdown);
		rc = model_linear.create(&model, &setup, &rows, NULL);
		if (rc == 0)
			rc = model_linear.encode(&encoded, model, &rows);
		memory_fault_after(0);
		model_linear.encoded_destroy(encoded);
		model_linear.destroy(model);
	}
	assert_true(failures > 20);
}

/* Central differences: (loss(s + h) - loss(s - h)) / 2h for every class. */
static void gradients_agree_with_finite_differences(void **state)
{
	(void)state;
	static const struct loss_options cases[] = {{.kind = 0}, {.kind = 0, .smoothing = 0.2}, {.kind = 1, .focus = 2},
	        {.kind = 1, .focus = 0.5}, {.kind = 2}};
	static const float scores[5] = {0.3f, -1.2f, 0.7f, 2.1f, -0.4f};
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
		for (size_t truth = 0; truth < 5; truth++) {
			float gradient[5], scratch[5], moved[5];
			loss_gradient(gradient, scores, 5, truth, &cases[n]);
			for (size_t c = 0; c < 5; c++) {
				const float h = 0.01f;
				memcpy(moved, scores, sizeof moved);
				moved[c] = scores[c] + h;
				double above = loss_gradient(scratch, moved, 5, truth, &cases[n]);
				moved[c] = scores[c] - h;
				double below = loss_gradient(scratch, moved, 5, truth, &cases[n]);
				double expected = (above - below) / (2 * (double)h);
				if (fabs(expected - (double)gradient[c]) > 2e-3)
					fail_msg("case %zu class %zu: %g is not %g", n, c, (double)gradient[c],
					        expected);
			}
		}
	}
}

static void softmax_survives_large_scores(void **state)
{
	(void)state;
	double out[3];
	loss_softmax(out, (const float[]){1000, 1000, -1000}, 3);
	assert_true(fabs(out[0] - 0.5) < 1e-12 && out[2] == 0);
}

static size_t count_group(const struct feature_list *list, enum feature_group group)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++)
		count += feature_group_of(list->keys[i]) == group;
	return count;
}

/* "가나 다라 마": subject 가나, object 마; between is " 다라 " (4 characters). */
static void features_are_the_n_grams_of_each_place(void **state)
{
	(void)state;
	const char *sentence = "가나 다라 마";
	const struct text_row row = {sentence, strlen(sentence), {0, 6, "PER"}, {14, 17, "LOC"}, 0};
	struct feature_options options = {.char_min = 1, .char_max = 2, .entity_max = 1};
	struct feature_list list = {0};
	assert_int_equal(features_extract(&list, &options, NULL, &row), 0);
	assert_int_equal(count_group(&list, FEATURES_BETWEEN), 4 + 5);
	assert_int_equal(count_group(&list, FEATURES_ENTITY), 3);
	assert_int_equal(count_group(&list, FEATURES_BESIDE), 0);
	assert_int_equal(count_group(&list, FEATURES_FRAME), 7);
	options = (struct feature_options){.char_min = 1, .word_max = 2, .beside = 3};
	assert_int_equal(features_extract(&list, &options, NULL, &row), 0);
	assert_int_equal(count_group(&list, FEATURES_BETWEEN), 1);
	assert_int_equal(count_group(&list, FEATURES_BESIDE), 12);
	options.join_types = true;
	assert_int_equal(features_extract(&list, &options, NULL, &row), 0);
	assert_int_equal(count_group(&list, FEATURES_BETWEEN), 2);
	feature_list_finish(&list);
}

static void decomposed_hangul_has_the_features_of_composed_hangul(void **state)
{
	(void)state;
	const char *whole = "가는 각 “나”",
	           *parts =
	                   "\xE1\x84\x80\xE1\x85\xA1는 \xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8 “\xE1\x84\x82\xE1\x85\xA1”";
	const struct text_row rows[] = {{whole, strlen(whole), {0, 3, "PER"}, {7, 10, "LOC"}, 0},
	        {parts, strlen(parts), {0, 6, "PER"}, {10, 19, "LOC"}, 0}};
	const struct feature_options options = {
	        .char_min = 1, .char_max = 3, .word_max = 2, .entity_max = 2, .beside = 3, .join_types = true};
	struct feature_list lists[2] = {{0}, {0}};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(features_extract(&lists[i], &options, NULL, &rows[i]), 0);
	assert_int_equal(lists[0].count, lists[1].count);
	assert_memory_equal(lists[0].keys, lists[1].keys, lists[0].count * sizeof *lists[0].keys);
	feature_list_finish(&lists[0]);
	feature_list_finish(&lists[1]);
}

static void the_same_words_in_another_place_are_other_features(void **state)
{
	(void)state;
	const struct text_row rows[] = {
	        {"a x b", 5, {0, 1, ""}, {4, 5, ""}, 0}, {"a b x", 5, {0, 1, ""}, {2, 3, ""}, 0}};
	const struct feature_options options = {.char_min = 1, .char_max = 1};
	struct feature_list lists[2] = {{0}, {0}};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(features_extract(&lists[i], &options, NULL, &rows[i]), 0);
	for (size_t i = 0; i < lists[0].count; i++)
		for (size_t j = 0; j < lists[1].count; j++)
			if (feature_group_of(lists[0].keys[i]) == FEATURES_BETWEEN &&
			        feature_group_of(lists[1].keys[j]) == FEATURES_OUTSIDE)
				assert_true(lists[0].keys[i] != lists[1].keys[j]);
	feature_list_finish(&lists[0]);
	feature_list_finish(&lists[1]);
}

static void options_take_what_people_and_python_write(void **state)
{
	(void)state;
	static const struct {
		const char *name, *value, *message, *printed;
	} cases[] = {
	        {"learning_rate", "1e-05", "", "1e-05"},
	        {"learning-rate", "0.5", "", "0.5"},
	        {"join_types", "False", "", "false"},
	        {"join_types", "true", "", "true"},
	        {"char_max", "3.0", "", "3"},
	        {"loss", "focal", "", "focal"},
	        {"char_max", "2.5", "--char_max: a whole number is expected, not 2.5", NULL},
	        {"char_max", "11", "--char_max: 11 is outside 0 to 10", NULL},
	        {"l2", "much", "--l2: a number is expected, not 'much'", NULL},
	        {"l2", "nan", "--l2: a number is expected, not 'nan'", NULL},
	        {"idf", "maybe", "--idf: true or false is expected, not 'maybe'", NULL},
	        {"loss", "l1", "--loss: cross_entropy, focal or squared_hinge is expected, not 'l1'", NULL},
	};
	struct fixture *fixture = make();
	struct option_group group = group_of(fixture);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {""};
		struct text printed = TEXT_NULL;
		const struct option *option = option_find(&group, cases[i].name, strlen(cases[i].name));
		assert_non_null(option);
		option_set(&group, option, cases[i].value, &error);
		assert_string_equal(error.text, cases[i].message);
		option_print(&group, option, &printed);
		if (cases[i].printed)
			assert_string_equal(text_string(&printed), cases[i].printed);
		text_finish(&printed);
	}
	assert_null(option_find(&group, "nothing", 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_loss_and_optimizer_learns_what_is_plain),
	        cmocka_unit_test(the_same_seed_gives_the_same_bits),
	        cmocka_unit_test(a_saved_model_predicts_the_same_bits),
	        cmocka_unit_test(running_out_of_memory_is_survived_everywhere),
	        cmocka_unit_test(gradients_agree_with_finite_differences),
	        cmocka_unit_test(softmax_survives_large_scores),
	        cmocka_unit_test(features_are_the_n_grams_of_each_place),
	        cmocka_unit_test(decomposed_hangul_has_the_features_of_composed_hangul),
	        cmocka_unit_test(the_same_words_in_another_place_are_other_features),
	        cmocka_unit_test(options_take_what_people_and_python_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
