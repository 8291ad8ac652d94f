/* Models that begin with vectors of words, or look at them. */
#include <math.h>

#include "schema/base/memory.h"
#include "tests/worker/vectors/vector_sandbox.h"
#include "worker/features/encoder.h"
#include "worker/features/vector_feature.h"
#include "worker/models/neural.h"
#include "worker/models/neural_state.h"

static const char text[] = "sea 0 2 0 0\nship 2 0 0 0\nsky 0 0 1 0\nair 2 2 0 1\nfar 1 1 2 2\n";

/* "The sea takes a ship" with sea and ship as entities. */
static const struct text_row rows[] = {
        {"The sea takes a ship", 20, {4, 7, "A"}, {16, 20, "B"}, 0},
        {"The ship sees a sea", 19, {4, 8, "A"}, {16, 19, "B"}, 1},
        {"A sea with a ship", 17, {2, 5, "A"}, {13, 17, "B"}, 0},
        {"A ship with a sea", 17, {2, 6, "A"}, {14, 17, "B"}, 1},
};
static const struct text_rows all = {rows, 4};

struct started {
	struct neural_options options;
	void *model;
};

static void start(struct started *out, const struct vectors *vectors, const char *const (*flags)[2])
{
	memset(out, 0, sizeof *out);
	struct option_group group = {"", model_cnn.options, model_cnn.option_count, &out->options};
	struct error error = {""};
	options_set_defaults(&group);
	for (; (*flags)[0]; flags++)
		assert_int_equal(
		        option_set(&group, option_find(&group, (*flags)[0], strlen((*flags)[0])), (*flags)[1], NULL),
		        0);
	const struct model_setup setup = {&model_cnn, &out->options, 2, 3, 5, .vectors = vectors};
	const int rc = model_cnn.create(&out->model, &setup, &all, &error);
	assert_string_equal(error.text, "");
	assert_int_equal(rc, 0);
}

/* The token's row of the table. */
static const real *row_of(const struct started *started, const char *word)
{
	struct neural *neural = started->model;
	struct token_view view = TOKEN_VIEW_NULL;
	assert_int_equal(token_view_add(&view, word, strlen(word)), 0);
	const uint32_t column = vocabulary_find(&neural->source.inventory.names, view.names[0]);
	token_view_finish(&view);
	if (column == VOCABULARY_ABSENT)
		return NULL;
	return parameters_value(&neural->parameters, neural->network.input.embedding) + (column + TOKEN_FIRST) * 4;
}

static void expect_row(const struct started *started, const struct vectors *vectors, const char *word)
{
	float expected[4];
	const real *row = row_of(started, word);
	assert_int_equal(vectors_mean(expected, vectors, word, strlen(word)), 1);
	assert_non_null(row);
	for (size_t i = 0; i < 4; i++)
		assert_float_equal((float)row[i], 0.1f * expected[i], 1e-6);
}

static void tokens_begin_with_their_vectors(void **state)
{
	(void)state;
	static const char *const flags[][2] = {{"unit", "word"}, {"embedding_width", "4"}, {NULL, NULL}};
	struct vectors *vectors = vector_sandbox_read(text);
	struct started started;
	start(&started, vectors, flags);
	expect_row(&started, vectors, "sea");
	expect_row(&started, vectors, "ship");
	expect_row(&started, vectors, "far");   /* which no row has */
	assert_null(row_of(&started, "takes")); /* which one row has, and the vectors lack */
	model_cnn.destroy(started.model);
	vectors_destroy(vectors);
}

static void words_that_no_row_has_may_be_left_out(void **state)
{
	(void)state;
	static const char *const flags[][2] = {
	        {"unit", "word"}, {"embedding_width", "4"}, {"vectors_words", "3"}, {NULL, NULL}};
	struct vectors *vectors = vector_sandbox_read(text);
	struct started started;
	start(&started, vectors, flags);
	expect_row(&started, vectors, "sky");
	assert_null(row_of(&started, "far"));
	model_cnn.destroy(started.model);
	vectors_destroy(vectors);
}

static void vectors_stay_without_a_rate(void **state)
{
	(void)state;
	static const char *const rates[] = {"0", "1"};
	struct vectors *vectors = vector_sandbox_read(text);
	for (size_t i = 0; i < 2; i++) {
		const char *const flags[][2] = {
		        {"unit", "ngrams"}, {"embedding_width", "4"}, {"vectors_rate", rates[i]}, {NULL, NULL}};
		struct started started;
		double loss;
		float mean[4];
		start(&started, vectors, flags);
		expect_row(&started, vectors, "sea");
		assert_int_equal(model_cnn.train(&loss, started.model, NULL), 0);
		assert_int_equal(vectors_mean(mean, vectors, "sea", 3), 1);
		const bool stayed = fabsf((float)row_of(&started, "sea")[0] - 0.1f * mean[0]) < 1e-7f;
		assert_int_equal(stayed, i == 0);
		model_cnn.destroy(started.model);
	}
	vectors_destroy(vectors);
}

static void other_units_begin_with_vectors_too(void **state)
{
	(void)state;
	static const char *const flags[][2] = {
	        {"unit", "bpe"}, {"embedding_width", "4"}, {"bpe_size", "50"}, {NULL, NULL}};
	struct vectors *vectors = vector_sandbox_read(text);
	struct started started;
	start(&started, vectors, flags);
	const struct neural *neural = started.model;
	const real *table = parameters_value(&neural->parameters, neural->network.input.embedding);
	float sea[4];
	size_t same = 0;
	assert_int_equal(vectors_mean(sea, vectors, "sea", 3), 1);
	for (size_t i = 0; i < neural->source.inventory.names.count; i++)
		same += fabsf((float)table[(TOKEN_FIRST + i) * 4] - 0.1f * sea[0]) < 1e-6f &&
		        fabsf((float)table[(TOKEN_FIRST + i) * 4 + 2] - 0.1f * sea[2]) < 1e-6f;
	assert_int_equal(same, 1);
	model_cnn.destroy(started.model);
	vectors_destroy(vectors);
}

static struct encoder_options feature_options(double weight)
{
	struct encoder_options options = {.min_count = 3, .idf = true, .damp_counts = true};
	options.features.weights[FEATURES_FRAME] = 1;
	options.features.weights[FEATURES_VECTOR] = weight;
	options.features.char_min = 1;
	options.features.pattern_max = 1;
	options.features.skip = 1;
	return options;
}

static double length_of_vectors(const struct sparse *sparse, const struct encoder *encoder, size_t row)
{
	double square = 0;
	for (size_t i = sparse->starts[row]; i < sparse->starts[row + 1]; i++)
		if (feature_group_of(encoder->vocabulary.keys[sparse->columns[i]]) == FEATURES_VECTOR)
			square += (double)sparse->values[i] * (double)sparse->values[i];
	return sqrt(square);
}

static void features_are_the_same_in_training_and_later(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(text);
	const struct encoder_options options = feature_options(0.5);
	struct encoder encoder = {.options = &options, .vectors = vectors};
	struct sparse fitted, encoded;
	assert_int_equal(encoder_fit(&fitted, &encoder, &all), 0);
	assert_int_equal(encoder_encode(&encoded, &encoder, &all), 0);
	assert_int_equal(fitted.rows, 4);
	assert_int_equal(fitted.starts[4], encoded.starts[4]);
	assert_memory_equal(fitted.columns, encoded.columns, fitted.starts[4] * sizeof *fitted.columns);
	assert_memory_equal(fitted.values, encoded.values, fitted.starts[4] * sizeof *fitted.values);
	for (size_t i = 0; i < 4; i++)
		assert_float_equal(length_of_vectors(&fitted, &encoder, i), 0.5, 1e-5);
	sparse_finish(&fitted);
	sparse_finish(&encoded);
	encoder_finish(&encoder);
	vectors_destroy(vectors);
}

static void subject_and_object_are_told_apart(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(text);
	float first[16], second[16];
	assert_int_equal(vector_feature_count(vectors), 16);
	assert_int_equal(vector_feature_fill(first, vectors, &rows[0]), 0);
	assert_int_equal(vector_feature_fill(second, vectors, &rows[1]), 0);
	assert_memory_equal(first + 4, second + 8, 4 * sizeof *first); /* the subject's are the other's object's */
	assert_memory_equal(first + 8, second + 4, 4 * sizeof *first);
	vectors_destroy(vectors);
}

static void without_weight_there_are_none(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(text);
	const struct encoder_options options = feature_options(0);
	struct encoder encoder = {.options = &options, .vectors = vectors};
	struct sparse fitted;
	assert_int_equal(encoder_fit(&fitted, &encoder, &all), 0);
	for (size_t i = 0; i < 4; i++)
		assert_true(length_of_vectors(&fitted, &encoder, i) == 0);
	sparse_finish(&fitted);
	encoder_finish(&encoder);
	vectors_destroy(vectors);
}

static void no_allocation_may_fail_unnoticed(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(text);
	struct neural_options options = {.body = 0};
	struct option_group group = {"", model_mix.options, model_mix.option_count, &options};
	const struct model_setup setup = {&model_mix, &options, 2, 1, 5, .vectors = vectors};
	int rc = -ENOMEM;
	options_set_defaults(&group);
	assert_int_equal(option_set(&group, option_find(&group, "embedding_width", 15), "4", NULL), 0);
	for (long fault = 1; rc == -ENOMEM; fault++) {
		void *model = NULL;
		memory_fault_after(fault);
		rc = model_mix.create(&model, &setup, &all, NULL);
		memory_fault_after(0);
		model_mix.destroy(model);
	}
	assert_int_equal(rc, 0);
	vectors_destroy(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tokens_begin_with_their_vectors),
	        cmocka_unit_test(words_that_no_row_has_may_be_left_out),
	        cmocka_unit_test(vectors_stay_without_a_rate),
	        cmocka_unit_test(other_units_begin_with_vectors_too),
	        cmocka_unit_test(features_are_the_same_in_training_and_later),
	        cmocka_unit_test(subject_and_object_are_told_apart),
	        cmocka_unit_test(without_weight_there_are_none),
	        cmocka_unit_test(no_allocation_may_fail_unnoticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
