#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/data/corpus.h"
#include "worker/data/dataset_read.h"

static const struct dataset_rules refuse = {.for_training = true};

static void read_corpus(struct dataset *out, const struct corpus_options *options)
{
	struct text text = TEXT_NULL;
	struct error error = {""};
	corpus_print(&text, options);
	assert_false(text.failed);
	const struct dataset_source source = {"corpus", text.data, text.length};
	if (dataset_read_bytes(out, &source, &refuse, &error) < 0)
		fail_msg("%s", error.text);
	text_finish(&text);
}

static void a_generated_corpus_passes_every_check(void **state)
{
	(void)state;
	struct dataset dataset;
	read_corpus(&dataset, &(struct corpus_options){2000, 7, 0.05, 0.3});
	assert_int_equal(dataset.count, 2000);
	dataset_finish(&dataset);
}

static void no_relation_is_the_largest_of_many_classes(void **state)
{
	(void)state;
	struct dataset dataset;
	size_t counts[30] = {0}, present = 0;
	read_corpus(&dataset, &(struct corpus_options){2000, 1, 0, 0});
	for (size_t i = 0; i < dataset.count; i++)
		counts[dataset.examples[i].label]++;
	for (size_t label = 0; label < 30; label++) {
		present += counts[label] > 0;
		assert_true(counts[label] <= counts[0]);
	}
	assert_true(present >= 13);
	dataset_finish(&dataset);
}

static void equal_seeds_give_equal_bytes_and_longer_begins_with_shorter(void **state)
{
	(void)state;
	struct text texts[3] = {TEXT_NULL, TEXT_NULL, TEXT_NULL};
	corpus_print(&texts[0], &(struct corpus_options){50, 3, 0.05, 0.3});
	corpus_print(&texts[1], &(struct corpus_options){80, 3, 0.05, 0.3});
	corpus_print(&texts[2], &(struct corpus_options){50, 4, 0.05, 0.3});
	assert_memory_equal(texts[0].data, texts[1].data, texts[0].length - 3);
	assert_string_not_equal(texts[0].data, texts[2].data);
	for (size_t i = 0; i < 3; i++)
		text_finish(&texts[i]);
}

static void noise_changes_labels_and_nothing_else(void **state)
{
	(void)state;
	struct dataset clean, noisy;
	size_t changed = 0;
	read_corpus(&clean, &(struct corpus_options){1000, 5, 0, 0.1});
	read_corpus(&noisy, &(struct corpus_options){1000, 5, 0.2, 0.1});
	for (size_t i = 0; i < clean.count; i++) {
		assert_string_equal(clean.examples[i].sentence, noisy.examples[i].sentence);
		changed += clean.examples[i].label != noisy.examples[i].label;
	}
	assert_in_range(changed, 140, 230);
	dataset_finish(&clean);
	dataset_finish(&noisy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_generated_corpus_passes_every_check),
	        cmocka_unit_test(no_relation_is_the_largest_of_many_classes),
	        cmocka_unit_test(equal_seeds_give_equal_bytes_and_longer_begins_with_shorter),
	        cmocka_unit_test(noise_changes_labels_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
