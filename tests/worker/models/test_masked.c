/* Pretraining: which tokens are hidden, that guessing gets better, and that models begin with what
 * was learned. */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/learning/masking.h"
#include "worker/models/masked.h"
#include "worker/models/model.h"
#include "worker/models/pretrained.h"

enum { ROWS = 120, TEXT_BYTES = 80 };

/* Every sentence is one of few, so that a hidden word follows from its neighbours. Every third has
 * no entities. */
struct corpus {
	char texts[ROWS][TEXT_BYTES];
	struct text_row rows[ROWS];
};

static void make_corpus(struct corpus *corpus)
{
	static const char *const middles[] = {
	        "회장이 회사 를 세웠다", "가수가 노래 를 불렀다", "감독이 영화 를 찍었다"};
	for (int i = 0; i < ROWS; i++) {
		const int length = snprintf(corpus->texts[i], TEXT_BYTES, "사람 %s 그때", middles[i / 3 % 3]);
		corpus->rows[i] =
		        (struct text_row){corpus->texts[i], (size_t)length, {0, 6, "PER"}, {17, 23, "ORG"}, i / 3 % 3};
		if (i % 3 == 2)
			corpus->rows[i].subject.type = corpus->rows[i].object.type = NULL;
	}
}

static const char *const types[] = {"PER", "ORG", NULL};

struct prepared {
	struct masked_options options;
	struct masked_setup setup;
	size_t rows; /* of the corpus, the last tenth held out */
};

static void set(const struct option_group *group, const char *name, const char *value)
{
	const struct option *option = option_find(group, name, strlen(name));
	if (option)
		assert_int_equal(option_set(group, option, value, NULL), 0);
}

static void set_small(const struct option_group *group)
{
	static const char *const small[][2] = {{"unit", "word"}, {"embedding_width", "16"}, {"units", "12"},
	        {"width", "16"}, {"heads", "2"}, {"layers", "1"}, {"inner_width", "32"}, {"batch_size", "16"},
	        {"learning_rate", "0.01"}, {"embedding_dropout", "0"}, {"ngram_buckets", "50"}};
	options_set_defaults(group);
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		set(group, small[i][0], small[i][1]);
}

static void prepare(struct prepared *out, size_t kind, const char *unit, size_t epochs)
{
	memset(out, 0, sizeof *out);
	out->rows = ROWS;
	out->setup = (struct masked_setup){&masked_kinds[kind], &out->options, epochs, 5, types};
	const struct option_group group = {
	        "", masked_kinds[kind].options, masked_kinds[kind].option_count, &out->options};
	set_small(&group);
	set(&group, "unit", unit);
}

/* Pretrains on all but the last rows and saves; *scores are of the held-out rows after the first
 * and the last epoch. */
static int pretrain(
        struct text *out, struct masked_score scores[2], const struct prepared *prepared, const struct corpus *corpus)
{
	const size_t held_count = prepared->rows / 10, count = prepared->rows - held_count;
	const struct text_rows rows = {corpus->rows, count}, held = {corpus->rows + count, held_count};
	struct masked *masked = NULL;
	double loss;
	int rc = masked_create(&masked, &prepared->setup, &rows, &held, NULL);
	for (size_t i = 0; rc == 0 && i < prepared->setup.epochs; i++) {
		rc = masked_train(&loss, masked, NULL);
		if (rc == 0)
			rc = masked_evaluate(&scores[i > 0], masked);
	}
	if (rc == 0) {
		masked_save(out, masked);
		rc = out->failed ? -ENOMEM : 0;
	}
	masked_destroy(masked);
	return rc;
}

static void guessing_gets_better_on_sentences_never_seen(void **state)
{
	(void)state;
	static const char *const units[] = {"word", "ngrams", "bpe"};
	struct corpus corpus;
	make_corpus(&corpus);
	for (size_t kind = 0; masked_kinds[kind].name && !masked_kinds[kind].wants_folder; kind++)
		for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
			struct prepared prepared;
			struct masked_score scores[2];
			struct text bytes = TEXT_NULL;
			prepare(&prepared, kind, units[i], 25);
			assert_int_equal(pretrain(&bytes, scores, &prepared, &corpus), 0);
			if (!(scores[1].loss < 0.5 * scores[0].loss) || !(scores[1].accuracy > 0.5))
				fail_msg("%s, %s: loss %g, then %g; accuracy %g", masked_kinds[kind].name, units[i],
				        scores[0].loss, scores[1].loss, scores[1].accuracy);
			text_finish(&bytes);
		}
}

static void equal_seeds_give_equal_bits(void **state)
{
	(void)state;
	struct corpus corpus;
	make_corpus(&corpus);
	for (size_t kind = 0; masked_kinds[kind].name && !masked_kinds[kind].wants_folder; kind++) {
		struct prepared prepared;
		struct masked_score scores[2], again[2];
		struct text a = TEXT_NULL, b = TEXT_NULL, c = TEXT_NULL;
		prepare(&prepared, kind, "word", 3);
		assert_int_equal(pretrain(&a, scores, &prepared, &corpus), 0);
		assert_int_equal(pretrain(&b, again, &prepared, &corpus), 0);
		assert_int_equal(a.length, b.length);
		assert_memory_equal(a.data, b.data, a.length);
		assert_memory_equal(scores, again, sizeof scores);
		prepared.setup.seed++;
		assert_int_equal(pretrain(&c, scores, &prepared, &corpus), 0);
		assert_true(a.length != c.length || memcmp(a.data, c.data, a.length) != 0);
		text_finish(&a);
		text_finish(&b);
		text_finish(&c);
	}
}

static void the_hidden_tokens_are_the_share_and_become_what_the_paper_says(void **state)
{
	(void)state;
	enum { SENTENCES = 200, LENGTH = 40, TOKENS = 1000, MASK = 999 };
	static int lengths[SENTENCES];
	struct masking masking = {.share = 0.15, .mask = MASK, .tokens = TOKENS};
	struct batcher batcher = BATCHER_NULL;
	struct rng rng;
	int counts[3] = {0}; /* mask, another token, the same */
	rng_init(&rng, 1, 1);
	assert_int_equal(batcher_init(&batcher, SENTENCES, LENGTH, 5), 0);
	assert_int_equal(masking_init(&masking, SENTENCES, LENGTH), 0);
	for (int i = 0; i < SENTENCES; i++)
		lengths[i] = LENGTH;
	for (int i = 0; i < SENTENCES * LENGTH; i++)
		batcher.ids[i] = i % 2 ? TOKEN_FIRST + i % 500 : TOKEN_UNKNOWN;
	const struct batch batch = {.sentences = SENTENCES, .tokens = LENGTH, .lengths = lengths, .ids = batcher.ids};
	masking_hide(&masking, &batcher, &batch, &rng);
	assert_int_equal(masking.count, SENTENCES * 3); /* 15 % of 20 known tokens */
	for (size_t i = 0; i < masking.count; i++) {
		const int place = masking.places[i], now = batcher.ids[place];
		assert_int_equal(masking.truths[i], TOKEN_FIRST + place % 500);
		assert_int_equal(place % 2, 1);
		counts[now == MASK ? 0 : now != masking.truths[i] ? 1 : 2]++;
	}
	assert_true(abs(counts[0] - 480) < 40);
	assert_true(abs(counts[1] - 60) < 25);
	assert_true(abs(counts[2] - 60) < 25);
	for (int i = 0; i < SENTENCES * LENGTH; i += 2)
		assert_int_equal(batcher.ids[i], TOKEN_UNKNOWN);
	masking_finish(&masking);
	batcher_finish(&batcher);
}

static void a_hidden_token_takes_its_n_grams_along(void **state)
{
	(void)state;
	enum { LENGTH = 100 };
	static int gram_starts[LENGTH + 1], gram_ids[2 * LENGTH];
	const int lengths[] = {LENGTH};
	struct masking masking = {.share = 0.5, .mask = 3, .tokens = 50};
	struct batcher batcher = BATCHER_NULL;
	struct rng rng;
	rng_init(&rng, 2, 1);
	assert_int_equal(batcher_init(&batcher, 1, LENGTH, 5), 0);
	assert_int_equal(masking_init(&masking, 1, LENGTH), 0);
	for (int i = 0; i < LENGTH; i++) {
		batcher.ids[i] = 2;
		gram_ids[2 * i] = gram_ids[2 * i + 1] = 7;
		gram_starts[i + 1] = 2 * i + 2;
	}
	batcher.gram_ids = gram_ids;
	const struct batch batch = {.sentences = 1,
	        .tokens = LENGTH,
	        .lengths = lengths,
	        .ids = batcher.ids,
	        .gram_ids = gram_ids,
	        .gram_starts = gram_starts};
	masking_hide(&masking, &batcher, &batch, &rng);
	assert_int_equal(masking.count, 50);
	for (int i = 0; i < LENGTH; i++) {
		assert_int_equal(gram_ids[2 * i], gram_ids[2 * i + 1]);
		if (batcher.ids[i] == 3)
			assert_int_equal(gram_ids[2 * i], TOKEN_PADDING);
	}
	batcher.gram_ids = NULL;
	masking_finish(&masking);
	batcher_finish(&batcher);
}

static const struct tensor *find(const struct parameters *parameters, const char *name)
{
	for (size_t i = 0; i < parameters->tensor_count; i++)
		if (strcmp(parameters->tensors[i].name, name) == 0)
			return &parameters->tensors[i];
	return NULL;
}

/* The bytes of a tensor in a saved network: they come last, in the order of the parameters. */
static const char *bytes_of(const struct text *file, const struct parameters *parameters, const struct tensor *tensor)
{
	return file->data + file->length - 4 * (parameters->count - tensor->offset);
}

static struct neural_options small_options(const struct model_class *class)
{
	struct neural_options options;
	memset(&options, 0, sizeof options);
	const struct option_group group = {"", class->options, class->option_count, &options};
	set_small(&group);
	return options;
}

/* Every tensor of the encoder is found, bit by bit, in a model that begins with it and has not been
 * trained. */
static void check_beginning(const struct model_class *class, size_t kind, int body, int64_t most)
{
	struct corpus corpus;
	struct prepared prepared;
	struct masked_score scores[2];
	struct text file = TEXT_NULL, model_file = TEXT_NULL;
	struct pretrained pretrained;
	void *model = NULL;
	make_corpus(&corpus);
	prepare(&prepared, kind, "word", 3);
	assert_int_equal(pretrain(&file, scores, &prepared, &corpus), 0);
	assert_int_equal(pretrained_read(&pretrained, file.data, file.length), 0);
	struct neural_options options = small_options(class);
	options.body = body;
	options.tokens.most = most;
	const struct model_setup setup = {class, &options, 3, 1, 9, .init = file.data, .init_length = file.length};
	const struct text_rows rows = {corpus.rows, 2};
	assert_int_equal(class->create(&model, &setup, &rows, NULL), 0);
	class->save(&model_file, model);
	size_t found = 0;
	for (size_t i = 0; i < pretrained.network.middle[0]; i++) {
		const struct tensor *tensor = &pretrained.parameters.tensors[i];
		const size_t rows_both =
		        strcmp(tensor->name, "places") == 0 ? 17 : tensor->rows; /* 16 tokens at least */
		const char *values = bytes_of(&file, &pretrained.parameters, tensor);
		if (tensor->rows < rows_both)
			fail_msg("%s", tensor->name);
		found += memmem(model_file.data, model_file.length, values, 4 * rows_both * tensor->columns) != NULL;
	}
	assert_int_equal(found, pretrained.network.middle[0]);
	assert_non_null(find(&pretrained.parameters, "embedding"));
	class->destroy(model);
	pretrained_finish(&pretrained);
	text_finish(&file);
	text_finish(&model_file);
}

static void a_model_begins_with_the_weights_of_its_encoder(void **state)
{
	(void)state;
	check_beginning(&model_transformer, 0, 0, 160);
	check_beginning(&model_transformer, 0, 0, 16); /* fewer places than the encoder has */
	check_beginning(&model_transformer, 0, 0, 200);
	check_beginning(&model_bilstm, 1, 0, 160);
	check_beginning(&model_mix, 0, 2, 160);
	check_beginning(&model_mix, 1, 1, 160);
}

static void an_encoder_remembers_what_it_was_made_with(void **state)
{
	(void)state;
	struct corpus corpus;
	struct prepared prepared;
	struct masked_score scores[2];
	struct text file = TEXT_NULL;
	struct pretrained pretrained;
	struct masked_trait trait;
	make_corpus(&corpus);
	prepare(&prepared, 0, "bpe", 3);
	assert_int_equal(pretrain(&file, scores, &prepared, &corpus), 0);
	assert_int_equal(pretrained_read(&pretrained, file.data, file.length), 0);
	assert_true(pretrained.inventory.merges.count > 5);
	assert_string_equal(pretrained.kind->name, "transformer");
	size_t count = 0, seen = 0;
	for (; masked_trait(&trait, pretrained.kind, &pretrained.options, count) > 0; count++) {
		seen += strcmp(trait.name, "unit") == 0 && strcmp(trait.value, "bpe") == 0 && trait.fixed;
		seen += strcmp(trait.name, "width") == 0 && strcmp(trait.value, "16") == 0 && trait.fixed;
		seen += strcmp(trait.name, "marker") == 0 && strcmp(trait.value, "typed_punct") == 0 && !trait.fixed;
		assert_string_not_equal(trait.name, "units");
	}
	assert_int_equal(count, 17);
	assert_int_equal(seen, 3);
	pretrained_finish(&pretrained);
	text_finish(&file);
}

static void what_is_no_encoder_is_refused(void **state)
{
	(void)state;
	struct corpus corpus;
	struct prepared prepared;
	struct masked_score scores[2];
	struct text file = TEXT_NULL;
	struct pretrained pretrained;
	make_corpus(&corpus);
	prepare(&prepared, 0, "word", 3);
	assert_int_equal(pretrain(&file, scores, &prepared, &corpus), 0);
	for (size_t cut = 0; cut < file.length; cut += 1 + file.length / 60) {
		assert_int_equal(pretrained_read(&pretrained, file.data, cut), -EINVAL);
		pretrained_finish(&pretrained);
	}
	static const char *const changes[][2] = {{"model=transformer", "model=transformeR"}, {" width=16", " width=24"},
	        {" heads=2", " heads=3"}, {" layers=1", " layers=9"}, {" unit=word", " unit=worm"},
	        {"\"embedding\"", "\"embeddinG\""}, {" inner_width=32", " inner-width 32"}};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char *at = memmem(file.data, file.length, changes[i][0], strlen(changes[i][0]));
		assert_non_null(at);
		memcpy(at, changes[i][1], strlen(changes[i][1]));
		if (pretrained_read(&pretrained, file.data, file.length) != -EINVAL)
			fail_msg("%s", changes[i][1]);
		pretrained_finish(&pretrained);
		memcpy(at, changes[i][0], strlen(changes[i][0]));
	}
	assert_int_equal(pretrained_read(&pretrained, file.data, file.length), 0);
	pretrained_finish(&pretrained);
	struct neural_options options = small_options(&model_bilstm); /* another body */
	const struct model_setup setup = {
	        &model_bilstm, &options, 3, 1, 9, .init = file.data, .init_length = file.length};
	void *model = NULL;
	struct error error = {""};
	assert_int_equal(model_bilstm.create(&model, &setup, &(struct text_rows){corpus.rows, 2}, &error), -EINVAL);
	assert_string_equal(error.text, "--init: this encoder is not one for the model");
	text_finish(&file);
}

static void sentences_of_unknown_tokens_alone_leave_nothing_to_guess(void **state)
{
	(void)state;
	struct corpus corpus;
	struct prepared prepared;
	struct masked *masked = NULL;
	struct error error = {""};
	static const struct text_row strange[] = {{.sentence = "x y", .length_bytes = 3}};
	make_corpus(&corpus);
	prepare(&prepared, 0, "word", 1);
	const struct text_rows rows = {corpus.rows, ROWS}, held = {strange, 1};
	assert_int_equal(masked_create(&masked, &prepared.setup, &rows, &held, &error), -EINVAL);
	assert_string_equal(error.text, "no token of the sentences held out is known: there is nothing to guess");
}

static void memory_that_ends_anywhere_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	struct corpus corpus;
	make_corpus(&corpus);
	for (size_t kind = 0; masked_kinds[kind].name && !masked_kinds[kind].wants_folder; kind++)
		for (long nth = 1;; nth++) {
			struct prepared prepared;
			struct masked_score scores[2];
			struct text file = TEXT_NULL;
			void *model = NULL;
			prepare(&prepared, kind, "ngrams", 1);
			prepared.rows = 10;
			const struct model_class *class = kind ? &model_bilstm : &model_transformer;
			struct neural_options options = small_options(class);
			options.tokens.unit = TOKEN_UNIT_NGRAMS;
			memory_fault_after(nth);
			int rc = pretrain(&file, scores, &prepared, &corpus);
			const struct model_setup setup = {
			        class, &options, 3, 1, 9, .init = file.data, .init_length = file.length};
			if (rc == 0)
				rc = class->create(&model, &setup, &(struct text_rows){corpus.rows, 2}, NULL);
			const int happened = memory_fault_happened();
			memory_fault_after(0);
			class->destroy(model);
			text_finish(&file);
			if (!happened)
				break;
			if (rc != -ENOMEM)
				fail_msg("allocation %ld fails with %d", nth, rc);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(guessing_gets_better_on_sentences_never_seen),
	        cmocka_unit_test(equal_seeds_give_equal_bits),
	        cmocka_unit_test(the_hidden_tokens_are_the_share_and_become_what_the_paper_says),
	        cmocka_unit_test(a_hidden_token_takes_its_n_grams_along),
	        cmocka_unit_test(a_model_begins_with_the_weights_of_its_encoder),
	        cmocka_unit_test(an_encoder_remembers_what_it_was_made_with),
	        cmocka_unit_test(what_is_no_encoder_is_refused),
	        cmocka_unit_test(sentences_of_unknown_tokens_alone_leave_nothing_to_guess),
	        cmocka_unit_test(memory_that_ends_anywhere_is_told_and_nothing_leaks),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
