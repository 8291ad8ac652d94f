/* Neural models as the trainer sees them: they learn, repeat themselves bit by bit, and come back
 * from a file. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/models/neural.h"

enum { ROWS = 160, CLASSES = 3, TEXT_BYTES = 160 };

/* Sentences whose class is a word between the entities; the same words stand elsewhere to
 * mislead. */
struct corpus {
	char texts[ROWS][TEXT_BYTES];
	struct text_row rows[ROWS];
	struct text_rows all;
};

static struct corpus make_corpus(void)
{
	static const char *const words[CLASSES] = {"설립한", "태어난", "이끄는"};
	struct corpus corpus = {.all = {NULL, ROWS}};
	struct rng rng;
	rng_init(&rng, 11, 0);
	for (int i = 0; i < ROWS; i++) {
		const int label = (int)rng_below(&rng, CLASSES), other = (int)rng_below(&rng, CLASSES);
		char subject[16], object[16];
		snprintf(subject, sizeof subject, "p%d", (int)rng_below(&rng, 50));
		snprintf(object, sizeof object, "q%d", (int)rng_below(&rng, 50));
		const int before = snprintf(corpus.texts[i], TEXT_BYTES, "어제 %s 곳에서 ", words[other]);
		const int middle = snprintf(
		        corpus.texts[i] + before, TEXT_BYTES - (size_t)before, "%s 이 %s ", subject, words[label]);
		const int end = before + middle +
		                snprintf(corpus.texts[i] + before + middle, TEXT_BYTES - (size_t)(before + middle),
		                        "%s 였다", object);
		const size_t s = (size_t)before, o = (size_t)(before + middle);
		corpus.rows[i] = (struct text_row){corpus.texts[i], (size_t)end, {s, s + strlen(subject), "PER"},
		        {o, o + strlen(object), "ORG"}, label};
	}
	return corpus;
}

/* The texts move with the struct: rows are pointed at them where it has come to rest. */
static void settle(struct corpus *corpus)
{
	for (int i = 0; i < ROWS; i++)
		corpus->rows[i].sentence = corpus->texts[i];
	corpus->all.rows = corpus->rows;
}

struct trained {
	struct neural_options options;
	struct model_setup setup;
	void *model;
	double loss;
	struct error error;
};

static void set(struct option_group *group, const char *name, const char *value)
{
	const struct option *option = option_find(group, name, strlen(name));
	if (option)
		assert_int_equal(option_set(group, option, value, NULL), 0);
}

/* Small sizes and a large step, so that the tests take no time. */
static int train(struct trained *out, const struct model_class *class, const char *const (*flags)[2], size_t epochs,
        const struct text_rows *rows)
{
	static const char *const small[][2] = {{"embedding_width", "16"}, {"filters", "24"}, {"units", "12"},
	        {"width", "16"}, {"heads", "2"}, {"layers", "1"}, {"inner_width", "32"}, {"batch_size", "16"},
	        {"learning_rate", "0.01"}, {"hidden_dropout", "0.1"}, {"embedding_dropout", "0.1"}, {NULL, NULL}};
	struct option_group group = {"", class->options, class->option_count, &out->options};
	*out = (struct trained){.setup = {class, &out->options, CLASSES, epochs, 5}};
	options_set_defaults(&group);
	for (const char *const(*flag)[2] = small; (*flag)[0]; flag++)
		set(&group, (*flag)[0], (*flag)[1]);
	for (const char *const(*flag)[2] = flags; flag && (*flag)[0]; flag++)
		set(&group, (*flag)[0], (*flag)[1]);
	int rc = class->create(&out->model, &out->setup, rows, &out->error);
	for (size_t i = 0; rc == 0 && i < epochs; i++)
		rc = class->train(&out->loss, out->model, &out->error);
	return rc;
}

static double *predict(const struct model_class *class, void *model, const struct text_rows *rows)
{
	void *encoded = NULL;
	double *probabilities = memory_alloc((size_t)(ROWS * CLASSES), sizeof *probabilities);
	assert_non_null(probabilities);
	assert_int_equal(class->encode(&encoded, model, rows), 0);
	assert_int_equal(class->predict(probabilities, model, encoded), 0);
	class->encoded_destroy(encoded);
	return probabilities;
}

static double share_right(const double *probabilities, const struct text_rows *rows)
{
	size_t right = 0;
	for (size_t i = 0; i < rows->count; i++) {
		size_t best = 0;
		double sum = 0;
		for (size_t c = 0; c < CLASSES; c++) {
			sum += probabilities[i * CLASSES + c];
			best = probabilities[i * CLASSES + c] > probabilities[i * CLASSES + best] ? c : best;
		}
		assert_true(fabs(sum - 1) < 1e-6);
		right += best == (size_t)rows->rows[i].label;
	}
	return (double)right / (double)rows->count;
}

static const struct model_class *const classes[] = {&model_cnn, &model_bilstm, &model_transformer, &model_mix, NULL};

static void check_learning(const struct model_class *class, const char *const (*flags)[2])
{
	struct corpus corpus = make_corpus();
	settle(&corpus);
	const struct text_rows train_rows = {corpus.rows, 120}, held_out = {corpus.rows + 120, ROWS - 120};
	struct trained trained;
	assert_int_equal(train(&trained, class, flags, 15, &train_rows), 0);
	double *probabilities = predict(class, trained.model, &held_out);
	const double share = share_right(probabilities, &held_out);
	if (share < 0.9)
		fail_msg("%s: %s %s is right about %g of the held-out rows", class->name, flags ? flags[0][0] : "",
		        flags ? flags[0][1] : "", share);
	memory_free(probabilities);
	class->destroy(trained.model);
}

static void every_model_learns_what_stands_between_the_entities(void **state)
{
	(void)state;
	for (size_t i = 0; classes[i]; i++)
		check_learning(classes[i], NULL);
}

static void every_optimizer_schedule_loss_and_class_weight_learns(void **state)
{
	(void)state;
	static const char *const variants[][4][2] = {{{"optimizer", "adam"}}, {{"optimizer", "adafactor"}},
	        {{"optimizer", "lion"}, {"learning_rate", "0.001"}}, {{"optimizer", "sgd"}, {"learning_rate", "0.1"}},
	        {{"schedule", "constant"}}, {{"schedule", "cosine"}}, {{"schedule", "one_cycle"}},
	        {{"schedule", "inverse_sqrt"}}, {{"loss", "focal"}}, {{"label_smoothing", "0.1"}},
	        {{"class_weights", "inverse"}}, {{"class_weights", "effective_number"}},
	        {{"average", "ema"}, {"average_decay", "0.98"}}, {{"average", "swa"}, {"schedule", "constant"}},
	        {{"loss", "focal"}, {"focal_alpha", "0.7"}}, {{"r_drop", "1"}}, {{"curriculum", "length"}},
	        {{"curriculum", "rarity"}, {"curriculum_pace", "linear"}}, {{"curriculum", "loss"}},
	        {{"curriculum", "loss"}, {"r_drop", "1"}}};
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		check_learning(&model_cnn, variants[i]);
}

static void every_unit_marker_pooling_and_head_trains(void **state)
{
	(void)state;
	const struct {
		const char *name;
		const char *const *values;
	} dimensions[] = {{"unit", token_units}, {"marker", token_markers}, {"pooling", pool_names},
	        {"head", (const char *const[]){"linear", "mlp", "lstm", NULL}}};
	struct corpus corpus = make_corpus();
	settle(&corpus);
	for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
		for (const char *const *value = dimensions[i].values; *value; value++) {
			const char *const flags[][2] = {{dimensions[i].name, *value}, {NULL, NULL}};
			for (size_t j = 1; j < 3; j++) {
				struct trained trained;
				assert_int_equal(train(&trained, classes[j], flags, 8, &corpus.all), 0);
				if (!(trained.loss < 0.9))
					fail_msg("%s: --%s=%s has a loss of %g", classes[j]->name, flags[0][0], *value,
					        trained.loss);
				classes[j]->destroy(trained.model);
			}
		}
}

static void equal_seeds_give_equal_bits_and_a_file_gives_the_same_model(void **state)
{
	(void)state;
	struct corpus corpus = make_corpus();
	settle(&corpus);
	for (size_t i = 0; classes[i]; i++) {
		struct trained a, b;
		void *back = NULL;
		struct text bytes = TEXT_NULL, again = TEXT_NULL;
		assert_int_equal(train(&a, classes[i], NULL, 2, &corpus.all), 0);
		assert_int_equal(train(&b, classes[i], NULL, 2, &corpus.all), 0);
		classes[i]->save(&bytes, a.model);
		classes[i]->save(&again, b.model);
		assert_int_equal(bytes.length, again.length);
		assert_memory_equal(bytes.data, again.data, bytes.length);
		assert_int_equal(classes[i]->load(&back, &a.setup, bytes.data, bytes.length), 0);
		double *before = predict(classes[i], a.model, &corpus.all),
		       *after = predict(classes[i], back, &corpus.all);
		assert_memory_equal(before, after, (size_t)(ROWS * CLASSES) * sizeof *before);
		for (size_t cut = 0; cut < bytes.length; cut += 1 + bytes.length / 50) {
			void *none = NULL;
			assert_int_equal(classes[i]->load(&none, &a.setup, bytes.data, cut), -EINVAL);
		}
		memory_free(before);
		memory_free(after);
		classes[i]->destroy(a.model);
		classes[i]->destroy(b.model);
		classes[i]->destroy(back);
		text_finish(&bytes);
		text_finish(&again);
	}
}

static void n_grams_and_byte_pairs_come_back_from_a_file(void **state)
{
	(void)state;
	static const char *const flags[][2][2] = {{{"unit", "ngrams"}, {NULL, NULL}}, {{"unit", "bpe"}, {NULL, NULL}}};
	struct corpus corpus = make_corpus();
	settle(&corpus);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct trained trained;
		void *back = NULL;
		struct text bytes = TEXT_NULL;
		assert_int_equal(train(&trained, &model_cnn, flags[i], 2, &corpus.all), 0);
		model_cnn.save(&bytes, trained.model);
		assert_int_equal(model_cnn.load(&back, &trained.setup, bytes.data, bytes.length), 0);
		double *before = predict(&model_cnn, trained.model, &corpus.all),
		       *after = predict(&model_cnn, back, &corpus.all);
		assert_memory_equal(before, after, (size_t)(ROWS * CLASSES) * sizeof *before);
		memory_free(before);
		memory_free(after);
		model_cnn.destroy(trained.model);
		model_cnn.destroy(back);
		text_finish(&bytes);
	}
}

static double agreement(const float *a, const float *b)
{
	float first[CLASSES] = {0}, second[CLASSES] = {0};
	float *const gradients[2] = {first, second};
	const float *const scores[2] = {a, b};
	return loss_agreement(gradients, scores, CLASSES, 2);
}

static void the_agreement_of_two_passes_has_the_gradient_of_its_divergence(void **state)
{
	(void)state;
	float scores[2][CLASSES] = {{0.5f, -1, 0.25f}, {-0.5f, 0.75f, 0}}, d[2][CLASSES] = {{0}};
	float *const gradients[2] = {d[0], d[1]};
	const float *const both[2] = {scores[0], scores[1]};
	assert_true(loss_agreement(gradients, both, CLASSES, 2) > 0.1);
	assert_true(fabs(agreement(scores[0], scores[0])) < 1e-9);
	for (size_t i = 0; i < 2; i++)
		for (size_t c = 0; c < CLASSES; c++) {
			const float kept = scores[i][c], step = 1.0f / 256;
			scores[i][c] = kept + step;
			const double up = agreement(scores[0], scores[1]);
			scores[i][c] = kept - step;
			const double down = agreement(scores[0], scores[1]);
			scores[i][c] = kept;
			assert_true(fabs((up - down) / (double)(2 * step) - (double)d[i][c]) < 1e-4);
		}
}

static void a_loss_that_explodes_is_told(void **state)
{
	(void)state;
	struct corpus corpus = make_corpus();
	settle(&corpus);
	static const char *const flags[][2] = {
	        {"learning_rate", "100"}, {"optimizer", "sgd"}, {"clip", "0"}, {"weight_decay", "10"}, {NULL, NULL}};
	struct trained trained;
	assert_int_equal(train(&trained, &model_cnn, flags, 4, &corpus.all), -EDOM);
	size_t batch = 0, good = 0;
	assert_int_equal(sscanf(trained.error.text, "the loss is no number any more at batch %zu, after %zu good steps",
	                         &batch, &good),
	        2);
	assert_true(batch >= 1 && batch <= 10 && good >= 1); /* ten batches of 16 rows an epoch */
	model_cnn.destroy(trained.model);
}

static void sizes_that_do_not_fit_are_refused_with_a_sentence(void **state)
{
	(void)state;
	struct corpus corpus = make_corpus();
	settle(&corpus);
	struct trained trained;
	assert_int_equal(train(&trained, &model_transformer, (const char *const[][2]){{"heads", "3"}, {NULL, NULL}}, 1,
	                         &corpus.all),
	        -EINVAL);
	assert_int_equal(
	        train(&trained, &model_cnn, (const char *const[][2]){{"head", "lstm"}, {NULL, NULL}}, 1, &corpus.all),
	        -EINVAL);
	assert_int_equal(
	        train(&trained, &model_cnn, (const char *const[][2]){{"window", "4"}, {NULL, NULL}}, 1, &corpus.all),
	        -EINVAL);
}

static void memory_that_ends_anywhere_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	static const char *const flags[][2] = {
	        {"average", "swa"}, {"curriculum", "rarity"}, {"r_drop", "1"}, {NULL, NULL}};
	struct corpus corpus = make_corpus();
	settle(&corpus);
	for (size_t i = 0; classes[i]; i++)
		for (long nth = 1;; nth++) {
			struct trained trained;
			memory_fault_after(nth);
			const int rc = train(&trained, classes[i], flags, 1, &(struct text_rows){corpus.rows, 8});
			const int happened = memory_fault_happened();
			memory_fault_after(0);
			classes[i]->destroy(trained.model);
			if (!happened)
				break;
			assert_int_equal(rc, -ENOMEM);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_model_learns_what_stands_between_the_entities),
	        cmocka_unit_test(every_optimizer_schedule_loss_and_class_weight_learns),
	        cmocka_unit_test(every_unit_marker_pooling_and_head_trains),
	        cmocka_unit_test(equal_seeds_give_equal_bits_and_a_file_gives_the_same_model),
	        cmocka_unit_test(n_grams_and_byte_pairs_come_back_from_a_file),
	        cmocka_unit_test(the_agreement_of_two_passes_has_the_gradient_of_its_divergence),
	        cmocka_unit_test(a_loss_that_explodes_is_told),
	        cmocka_unit_test(sizes_that_do_not_fit_are_refused_with_a_sentence),
	        cmocka_unit_test(memory_that_ends_anywhere_is_told_and_nothing_leaks),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
