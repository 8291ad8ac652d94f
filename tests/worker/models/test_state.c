/* A training that was interrupted between two passes goes on to the same bits, whatever the model
 * and how it steps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "tests/worker/models/encoder_sandbox.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/masked.h"
#include "worker/models/model.h"

enum { ROWS = 60, CLASSES = 3, TEXT_BYTES = 64, OPTION_BYTES = 1024 };

struct fixture {
	char texts[ROWS][TEXT_BYTES];
	struct text_row list[ROWS];
	struct text_rows rows;
};

/* "pN <word> qN, <word>": the word between the entities tells the class. */
static void make_rows(struct fixture *fixture)
{
	static const char *const words[CLASSES] = {"설립한", "lives in", "이끄는"};
	for (int i = 0; i < ROWS; i++) {
		const char *word = words[i % CLASSES];
		const int length = snprintf(fixture->texts[i], TEXT_BYTES, "p%02d %s q%02d, %s", i % 7, word, i % 11,
		        words[i / 7 % CLASSES]);
		const size_t object = 5 + strlen(word);
		fixture->list[i] = (struct text_row){
		        fixture->texts[i], (size_t)length, {0, 3, "PER"}, {object, object + 3, "ORG"}, i % CLASSES};
	}
	fixture->rows = (struct text_rows){fixture->list, ROWS};
}

static const struct encoder_folder *folder; /* what models begin with that want one; while the tests run */

/* A model under training, as a process has it. */
struct training {
	const struct model_class *class;
	_Alignas(16) char options[OPTION_BYTES];
	struct model_setup setup;
	void *model;
};

static void set(struct option_group *group, const char *name, const char *value)
{
	const struct option *option = option_find(group, name, strlen(name));
	if (option)
		assert_int_equal(option_set(group, option, value, NULL), 0);
}

static void set_small(struct option_group *group)
{
	static const char *const small[][2] = {{"embedding_width", "8"}, {"filters", "8"}, {"units", "6"},
	        {"width", "8"}, {"heads", "2"}, {"layers", "1"}, {"inner_width", "16"}, {"batch_size", "8"},
	        {"learning_rate", "0.01"}, {"max_tokens", "40"}};
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		set(group, small[i][0], small[i][1]);
}

static int start(struct training *training, const struct model_class *class, const char *const (*flags)[2],
        const struct text_rows *rows)
{
	assert_true(class->option_bytes <= OPTION_BYTES);
	*training = (struct training){.class = class, .setup = {class, NULL, CLASSES, 4, 5}};
	training->setup.options = training->options;
	struct option_group group = {"", class->options, class->option_count, training->options};
	options_set_defaults(&group);
	set_small(&group);
	for (const char *const(*flag)[2] = flags; flag && (*flag)[0]; flag++)
		set(&group, (*flag)[0], (*flag)[1]);
	training->setup.folder = class->wants_folder ? folder : NULL;
	return class->create(&training->model, &training->setup, rows, NULL);
}

static void pass(struct training *training, int count)
{
	double loss;
	while (count-- > 0)
		assert_int_equal(training->class->train(&loss, training->model, NULL), 0);
}

static void take_state(struct text *out, struct training *training)
{
	struct arrays state = ARRAYS_NULL;
	training->class->state(&state, training->model);
	arrays_print(out, &state, "");
	assert_false(out->failed);
	arrays_finish(&state);
}

static int put_state(struct training *training, const char *bytes, size_t length)
{
	struct arrays state = ARRAYS_NULL;
	training->class->state(&state, training->model);
	const int rc = arrays_read(&state, "", bytes, length);
	arrays_finish(&state);
	return rc;
}

static void predict(double *out, const struct training *training, const struct text_rows *rows)
{
	void *encoded = NULL;
	assert_int_equal(training->class->encode(&encoded, training->model, rows), 0);
	assert_int_equal(training->class->predict(out, training->model, encoded), 0);
	training->class->encoded_destroy(encoded);
}

static void assert_same(struct training *a, struct training *b, const struct text_rows *rows)
{
	struct text saved[2] = {TEXT_NULL, TEXT_NULL}, states[2] = {TEXT_NULL, TEXT_NULL};
	static double predicted[2][ROWS * CLASSES];
	struct training *const both[2] = {a, b};
	for (int i = 0; i < 2; i++) {
		both[i]->class->save(&saved[i], both[i]->model);
		take_state(&states[i], both[i]);
		predict(predicted[i], both[i], rows);
	}
	assert_int_equal(saved[0].length, saved[1].length);
	assert_memory_equal(saved[0].data, saved[1].data, saved[0].length);
	assert_int_equal(states[0].length, states[1].length);
	assert_memory_equal(states[0].data, states[1].data, states[0].length);
	assert_memory_equal(predicted[0], predicted[1], sizeof predicted[0]);
	for (int i = 0; i < 2; i++) {
		text_finish(&saved[i]);
		text_finish(&states[i]);
	}
}

static void check_going_on(const struct model_class *class, const char *const (*flags)[2])
{
	static struct fixture fixture;
	struct training straight, first, second;
	struct text state = TEXT_NULL;
	make_rows(&fixture);
	assert_int_equal(start(&straight, class, flags, &fixture.rows), 0);
	pass(&straight, 4);
	assert_int_equal(start(&first, class, flags, &fixture.rows), 0);
	pass(&first, 2);
	take_state(&state, &first);
	class->destroy(first.model);
	assert_int_equal(start(&second, class, flags, &fixture.rows), 0);
	assert_int_equal(put_state(&second, state.data, state.length), 0);
	pass(&second, 2);
	assert_same(&straight, &second, &fixture.rows);
	class->destroy(straight.model);
	class->destroy(second.model);
	text_finish(&state);
}

static void every_model_goes_on_with_every_optimizer_and_schedule_to_the_same_bits(void **state)
{
	(void)state;
	static const char *const names[] = {"optimizer", "schedule"};
	for (size_t i = 0; model_classes[i]; i++)
		for (size_t j = 0; j < (model_classes[i]->wants_folder ? 1 : 2); j++) { /* those take long */
			const struct option_group group = {
			        "", model_classes[i]->options, model_classes[i]->option_count, NULL};
			const struct option *option = option_find(&group, names[j], strlen(names[j]));
			for (const char *const *value = option->choices; *value; value++)
				check_going_on(
				        model_classes[i], (const char *const[][2]){{names[j], *value}, {NULL, NULL}});
		}
}

static void averages_curricula_warmups_and_agreement_go_on_to_the_same_bits(void **state)
{
	(void)state;
	static const char *const variants[][3][2] = {{{"average", "ema"}}, {{"average", "swa"}, {"swa_start", "0.3"}},
	        {{"curriculum", "length"}}, {{"curriculum", "rarity"}}, {{"curriculum", "loss"}}, {{"r_drop", "1"}},
	        {{"warmup", "0.6"}, {"loss", "focal"}}};
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		for (size_t j = 0; model_classes[j]; j++)
			check_going_on(model_classes[j], variants[i]);
}

/* A pretraining, as a process has it. */
struct pretraining {
	struct masked_options options;
	struct masked_setup setup;
	struct masked *masked;
};

static const size_t held = 12; /* of the rows */

static void start_masked(struct pretraining *out, const struct masked_kind *kind, const char *const flag[2],
        const struct fixture *fixture)
{
	static const char *const types[] = {"", "PER", "ORG", NULL};
	memset(out, 0, sizeof *out);
	out->setup = (struct masked_setup){kind, &out->options, 4, 5, types, kind->wants_folder ? folder : NULL, NULL};
	struct option_group group = {"", kind->options, kind->option_count, &out->options};
	options_set_defaults(&group);
	set_small(&group);
	set(&group, flag[0], flag[1]);
	const struct text_rows rows = {fixture->list, ROWS - held}, others = {fixture->list + ROWS - held, held};
	assert_int_equal(masked_create(&out->masked, &out->setup, &rows, &others, NULL), 0);
}

static void pass_masked(struct pretraining *pretraining, int count)
{
	double loss;
	struct masked_score score;
	while (count-- > 0) {
		assert_int_equal(masked_train(&loss, pretraining->masked, NULL), 0);
		assert_int_equal(masked_evaluate(&score, pretraining->masked), 0);
	}
}

static void assert_same_masked(struct pretraining *a, struct pretraining *b)
{
	struct text saved[2] = {TEXT_NULL, TEXT_NULL};
	struct masked_score scores[2];
	masked_save(&saved[0], a->masked);
	masked_save(&saved[1], b->masked);
	assert_false(saved[0].failed || saved[1].failed);
	assert_int_equal(saved[0].length, saved[1].length);
	assert_memory_equal(saved[0].data, saved[1].data, saved[0].length);
	assert_int_equal(masked_evaluate(&scores[0], a->masked), 0);
	assert_int_equal(masked_evaluate(&scores[1], b->masked), 0);
	assert_memory_equal(&scores[0], &scores[1], sizeof scores[0]);
	text_finish(&saved[0]);
	text_finish(&saved[1]);
}

static void check_pretraining(const struct masked_kind *kind, const char *const flag[2])
{
	static struct fixture fixture;
	struct pretraining straight, first, second;
	struct arrays state = ARRAYS_NULL, again = ARRAYS_NULL;
	struct text bytes = TEXT_NULL;
	make_rows(&fixture);
	start_masked(&straight, kind, flag, &fixture);
	pass_masked(&straight, 4);
	start_masked(&first, kind, flag, &fixture);
	pass_masked(&first, 2);
	masked_state(&state, first.masked);
	arrays_print(&bytes, &state, "");
	masked_destroy(first.masked);
	start_masked(&second, kind, flag, &fixture);
	masked_state(&again, second.masked);
	assert_int_equal(arrays_read(&again, "", bytes.data, bytes.length), 0);
	pass_masked(&second, 2);
	assert_same_masked(&straight, &second);
	masked_destroy(straight.masked);
	masked_destroy(second.masked);
	arrays_finish(&state);
	arrays_finish(&again);
	text_finish(&bytes);
}

static void a_pretraining_goes_on_with_every_optimizer_and_schedule_to_the_same_bits(void **state)
{
	(void)state;
	static const char *const names[] = {"optimizer", "schedule"};
	for (const struct masked_kind *kind = masked_kinds; kind->name; kind++)
		for (size_t j = 0; j < (kind->wants_folder ? 1 : 2); j++) {
			const struct option_group group = {"", kind->options, kind->option_count, NULL};
			const struct option *option = option_find(&group, names[j], strlen(names[j]));
			for (const char *const *value = option->choices; *value; value++)
				check_pretraining(kind, (const char *const[]){names[j], *value});
		}
	check_pretraining(&masked_kinds[0], (const char *const[]){"unit", "ngrams"});
}

static void a_state_that_is_cut_or_of_other_rows_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	static struct fixture fixture;
	make_rows(&fixture);
	for (size_t i = 0; model_classes[i]; i++) {
		struct training trained, fresh, other;
		struct text bytes = TEXT_NULL;
		assert_int_equal(start(&trained, model_classes[i], NULL, &fixture.rows), 0);
		assert_int_equal(start(&fresh, model_classes[i], NULL, &fixture.rows), 0);
		assert_int_equal(start(&other, model_classes[i], NULL, &(struct text_rows){fixture.list, 9}), 0);
		pass(&trained, 1);
		take_state(&bytes, &trained);
		for (size_t cut = 0; cut < bytes.length; cut += 1 + bytes.length / 40)
			assert_int_equal(put_state(&fresh, bytes.data, cut), -EINVAL);
		if (!model_classes[i]->wants_folder) /* whose arrays are the same for all rows */
			assert_int_equal(put_state(&other, bytes.data, bytes.length), -EINVAL);
		pass(&fresh, 1);
		assert_same(&trained, &fresh, &fixture.rows);
		model_classes[i]->destroy(trained.model);
		model_classes[i]->destroy(fresh.model);
		model_classes[i]->destroy(other.model);
		text_finish(&bytes);
	}
}

static void a_list_for_which_memory_ends_is_told_to_be_short(void **state)
{
	(void)state;
	static struct fixture fixture;
	make_rows(&fixture);
	for (size_t i = 0; model_classes[i]; i++) {
		struct training training;
		assert_int_equal(start(&training, model_classes[i], NULL, &fixture.rows), 0);
		for (long nth = 1;; nth++) {
			struct arrays list = ARRAYS_NULL;
			struct text bytes = TEXT_NULL;
			memory_fault_after(nth);
			training.class->state(&list, training.model);
			arrays_print(&bytes, &list, "");
			const int happened = memory_fault_happened();
			memory_fault_after(0);
			assert_int_equal(bytes.failed, happened);
			arrays_finish(&list);
			text_finish(&bytes);
			if (!happened)
				break;
		}
		training.class->destroy(training.model);
	}
}

/* The tokens in a vocabulary file, and the tensor of their hashes in the model's. */
static void a_vocabulary_is_written_out_in_the_order_of_its_ids(void **state)
{
	(void)state;
	static struct fixture fixture;
	struct training training;
	struct text words = TEXT_NULL, none = TEXT_NULL;
	make_rows(&fixture);
	const char *const flags[][2] = {{"unit", "word"}, {"marker", "typed"}, {NULL, NULL}};
	assert_int_equal(start(&training, &model_cnn, flags, &fixture.rows), 0);
	assert_int_equal(model_cnn.spell(&words, training.model, &fixture.rows), 0);
	assert_memory_equal(words.data, "2\t<s:PER>\n3\tp00\n4\t</s:PER>\n5\t설립한\n6\t<o:ORG>\n7\tq00\n", 54);
	model_cnn.destroy(training.model);
	assert_int_equal(start(&training, &model_linear, NULL, &fixture.rows), 0);
	assert_int_equal(model_linear.spell(&none, training.model, &fixture.rows), 0);
	assert_int_equal(none.length, 0);
	model_linear.destroy(training.model);
	text_finish(&words);
}

static void a_vocabulary_for_which_memory_ends_is_told(void **state)
{
	(void)state;
	static struct fixture fixture;
	struct training training;
	make_rows(&fixture);
	const struct text_rows few = {fixture.list, 3};
	const char *const flags[][2] = {{"token_min_count", "1"}, {NULL, NULL}};
	assert_int_equal(start(&training, &model_cnn, flags, &few), 0);
	for (long nth = 1, happened = 1; happened; nth++) {
		struct text words = TEXT_NULL;
		memory_fault_after(nth);
		const int rc = model_cnn.spell(&words, training.model, &few);
		happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(rc, happened ? -ENOMEM : 0);
		text_finish(&words);
	}
	model_cnn.destroy(training.model);
}

static int open_folder(void **state)
{
	static struct encoder_sandbox sandbox;
	struct encoder_folder *opened = NULL;
	encoder_sandbox_init(&sandbox);
	const int rc = encoder_folder_open(&opened, sandbox.path, &(struct token_options){0}, NULL);
	folder = opened;
	*state = &sandbox;
	return rc;
}

static int close_folder(void **state)
{
	encoder_folder_close((struct encoder_folder *)(uintptr_t)folder);
	encoder_sandbox_finish(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_model_goes_on_with_every_optimizer_and_schedule_to_the_same_bits),
	        cmocka_unit_test(averages_curricula_warmups_and_agreement_go_on_to_the_same_bits),
	        cmocka_unit_test(a_pretraining_goes_on_with_every_optimizer_and_schedule_to_the_same_bits),
	        cmocka_unit_test(a_state_that_is_cut_or_of_other_rows_is_refused_and_changes_nothing),
	        cmocka_unit_test(a_list_for_which_memory_ends_is_told_to_be_short),
	        cmocka_unit_test(a_vocabulary_is_written_out_in_the_order_of_its_ids),
	        cmocka_unit_test(a_vocabulary_for_which_memory_ends_is_told),
	};
	return cmocka_run_group_tests_name("states", tests, open_folder, close_folder);
}
