#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker/data/split.h"

#define ROWS 200

/* 200 rows, 100 sentences of two rows each; the label goes with the sentence: 60 %, 30 %, 10 %. */
struct fixture {
	struct example examples[ROWS];
	char names[ROWS][2][16];
	struct dataset dataset;
};

static struct dataset *make(void)
{
	static struct fixture fixture;
	for (size_t i = 0; i < ROWS; i++) {
		size_t sentence = i % (ROWS / 2);
		snprintf(fixture.names[i][0], 16, "id%zu", i);
		snprintf(fixture.names[i][1], 16, "sentence %zu", sentence);
		fixture.examples[i] = (struct example){.id = fixture.names[i][0],
		        .sentence = fixture.names[i][1],
		        .label = sentence % 10 < 6   ? 0
		                 : sentence % 10 < 9 ? 1
		                                     : 2};
	}
	fixture.dataset = (struct dataset){.labels = label_set_klue(), .examples = fixture.examples, .count = ROWS};
	return &fixture.dataset;
}

static size_t count_label(const struct dataset *dataset, const size_t *rows, size_t count, int label)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += dataset->examples[rows[i]].label == label;
	return found;
}

static void a_fraction_holds_out_its_share_of_every_class(void **state)
{
	(void)state;
	const struct dataset *dataset = make();
	struct split split;
	assert_int_equal(split_fraction(&split, dataset, 0.2, 1), 0);
	assert_int_equal(split.valid_count, 40);
	assert_int_equal(split.train_count, 160);
	assert_int_equal(count_label(dataset, split.valid, split.valid_count, 0), 24);
	assert_int_equal(count_label(dataset, split.valid, split.valid_count, 1), 12);
	assert_int_equal(count_label(dataset, split.valid, split.valid_count, 2), 4);
	split_finish(&split);
}

static void folds_cover_every_row_once(void **state)
{
	(void)state;
	const struct dataset *dataset = make();
	int held_out[ROWS] = {0};
	for (size_t fold = 0; fold < 5; fold++) {
		struct split split;
		assert_int_equal(split_fold(&split, dataset, fold, 5, 1), 0);
		assert_int_equal(split.valid_count, 40);
		assert_int_equal(count_label(dataset, split.valid, split.valid_count, 0), 24);
		assert_int_equal(count_label(dataset, split.valid, split.valid_count, 2), 4);
		for (size_t i = 0; i < split.valid_count; i++)
			held_out[split.valid[i]]++;
		split_finish(&split);
	}
	for (size_t i = 0; i < ROWS; i++)
		assert_int_equal(held_out[i], 1);
}

static void one_sentence_is_never_on_both_sides(void **state)
{
	(void)state;
	const struct dataset *dataset = make();
	struct split split;
	assert_int_equal(split_fold(&split, dataset, 2, 7, 3), 0);
	bool valid[ROWS] = {false};
	for (size_t i = 0; i < split.valid_count; i++)
		valid[split.valid[i]] = true;
	for (size_t i = 0; i < ROWS / 2; i++)
		assert_int_equal(valid[i], valid[i + ROWS / 2]);
	split_finish(&split);
}

/* Which rows a fold holds out, by the numbers in their ids. */
static void find_held_out(bool held_out[ROWS], const struct dataset *dataset)
{
	struct split split;
	assert_int_equal(split_fold(&split, dataset, 2, 7, 3), 0);
	for (size_t i = 0; i < split.valid_count; i++)
		held_out[atoi(dataset->examples[split.valid[i]].id + strlen("id"))] = true;
	split_finish(&split);
}

static void the_order_of_rows_decides_nothing_where_a_sentence_has_several_labels(void **state)
{
	(void)state;
	struct dataset *dataset = make();
	struct example backwards[ROWS];
	bool first[ROWS] = {false}, second[ROWS] = {false};
	for (size_t i = 0; i < ROWS; i++) {
		dataset->examples[i].label = (int)(i / 3 % 5);
		backwards[ROWS - 1 - i] = dataset->examples[i];
	}
	find_held_out(first, dataset);
	dataset->examples = backwards;
	find_held_out(second, dataset);
	assert_memory_equal(first, second, sizeof first);
}

static void the_hash_pins_rows_and_seed(void **state)
{
	(void)state;
	struct dataset *dataset = make();
	struct split first, again, other;
	assert_int_equal(split_fraction(&first, dataset, 0.2, 1), 0);
	assert_int_equal(split_fraction(&again, dataset, 0.2, 1), 0);
	assert_int_equal(split_fraction(&other, dataset, 0.2, 2), 0);
	assert_true(first.hash == again.hash);
	assert_memory_equal(first.valid, again.valid, first.valid_count * sizeof *first.valid);
	assert_true(first.hash != other.hash);
	split_finish(&again);
	dataset->examples[5].id = "renamed";
	assert_int_equal(split_fraction(&again, dataset, 0.2, 1), 0);
	assert_true(first.hash != again.hash);
	split_finish(&first);
	split_finish(&again);
	split_finish(&other);
}

static void a_side_without_rows_is_refused(void **state)
{
	(void)state;
	struct split split;
	assert_int_equal(split_fraction(&split, make(), 0, 1), -EINVAL);
	assert_int_equal(split_fraction(&split, make(), 1, 1), -EINVAL);
	assert_int_equal(split_fold(&split, make(), 150, 200, 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_fraction_holds_out_its_share_of_every_class),
	        cmocka_unit_test(folds_cover_every_row_once),
	        cmocka_unit_test(one_sentence_is_never_on_both_sides),
	        cmocka_unit_test(the_order_of_rows_decides_nothing_where_a_sentence_has_several_labels),
	        cmocka_unit_test(the_hash_pins_rows_and_seed),
	        cmocka_unit_test(a_side_without_rows_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
