#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/features/feature.h"

/* The first places of both words in the sentence are the entities. */
static struct text_row row_of(const char *sentence, const char *subject, const char *object, const char *type)
{
	const size_t begins[2] = {
	        (size_t)(strstr(sentence, subject) - sentence), (size_t)(strstr(sentence, object) - sentence)};
	return (struct text_row){sentence, strlen(sentence), {begins[0], begins[0] + strlen(subject), type},
	        {begins[1], begins[1] + strlen(object), type}, 0};
}

/* Only the groups asked for are looked at; the options are those of the command's defaults. */
static struct feature_options options_with(enum feature_group group)
{
	struct feature_options options = {.char_min = 1, .pattern_max = 3, .skip = 8, .near = 2};
	options.weights[group] = 1;
	return options;
}

static void extract(
        struct feature_list *list, enum feature_group group, const struct text_row *row, const struct lexicon *lexicon)
{
	const struct feature_options options = options_with(group);
	assert_int_equal(features_extract(list, &options, lexicon, row), 0);
}

static size_t count_of(enum feature_group group, const struct text_row *row, const struct lexicon *lexicon)
{
	struct feature_list list = {0};
	size_t count = 0;
	extract(&list, group, row, lexicon);
	for (size_t i = 0; i < list.count; i++)
		count += feature_group_of(list.keys[i]) == group;
	feature_list_finish(&list);
	return count;
}

/* Features of the group that the first row has and the second has too. */
static size_t shared_by(enum feature_group group, const struct text_row rows[2], const struct lexicon *lexicon)
{
	struct feature_list lists[2] = {{0}, {0}};
	size_t shared = 0;
	for (size_t i = 0; i < 2; i++)
		extract(&lists[i], group, &rows[i], lexicon);
	for (size_t i = 0; i < lists[0].count; i++) {
		size_t j = 0;
		while (j < lists[1].count && lists[1].keys[j] != lists[0].keys[i])
			j++;
		shared += j < lists[1].count && feature_group_of(lists[0].keys[i]) == group;
	}
	feature_list_finish(&lists[0]);
	feature_list_finish(&lists[1]);
	return shared;
}

/* <e1> caused by <e2>: four places, so 4 + 3 + 2 n-grams of up to three, and three pairs that do
 * not touch. */
static void patterns_hold_both_entities_as_placeholders(void **state)
{
	(void)state;
	const struct text_row rows[2] = {row_of("fire caused by sparks", "fire", "sparks", ""),
	        row_of("floods caused by rain", "floods", "rain", "")};
	assert_int_equal(count_of(FEATURES_PATTERN, &rows[0], NULL), 9);
	assert_int_equal(count_of(FEATURES_SKIP, &rows[0], NULL), 3);
	assert_int_equal(shared_by(FEATURES_PATTERN, rows, NULL), 9);
	assert_int_equal(shared_by(FEATURES_SKIP, rows, NULL), 3);
}

static void the_order_of_the_entities_is_part_of_a_pattern(void **state)
{
	(void)state;
	const struct text_row rows[2] = {row_of("fire caused by sparks", "fire", "sparks", ""),
	        row_of("fire caused by sparks", "sparks", "fire", "")};
	assert_int_equal(shared_by(FEATURES_PATTERN, rows, NULL), 5); /* both places, and "caused", "by", "caused by" */
	assert_int_equal(shared_by(FEATURES_SKIP, rows, NULL), 0);
}

static void of_a_long_pattern_the_middle_is_dropped(void **state)
{
	(void)state;
	char sentence[256] = "x ";
	for (int i = 0; i < 40; i++)
		strcat(sentence, i == 20 ? "mid " : "w ");
	strcat(sentence, "y");
	const struct text_row rows[2] = {row_of(sentence, "x", "y", ""), row_of("x mid y", "x", "y", "")};
	assert_int_equal(count_of(FEATURES_PATTERN, &rows[0], NULL), 34 + 33 + 32);
	assert_int_equal(shared_by(FEATURES_PATTERN, rows, NULL), 2); /* the placeholders: "mid" is gone */
}

static void entities_with_the_same_last_word_share_their_head(void **state)
{
	(void)state;
	const struct text_row rows[2] = {row_of("olive oil in a big bottle", "olive oil", "bottle", ""),
	        row_of("crude oil in a throttle", "crude oil", "throttle", "")};
	/* oil and its end; of bottle and throttle the ends of 2, 3 and 4 letters */
	assert_int_equal(shared_by(FEATURES_HEAD, rows, NULL), 2 + 3);
}

static void numbers_and_scripts_have_shapes(void **state)
{
	(void)state;
	const struct text_row dates[2] = {row_of("가나 1974년 5월", "가나", "1974년", ""),
	        row_of("다라 2001년 6월", "다라", "2001년", "")},
	                      others[2] = {row_of("가나 1974년 5월", "가나", "1974년", ""),
	                              row_of("가나 (IOC)은 5월", "가나", "IOC", "")};
	assert_true(shared_by(FEATURES_SHAPE, dates, NULL) > shared_by(FEATURES_SHAPE, others, NULL) + 3);
}

/* Only the first letters differ between the pairs, and only in one pair of entities are they the
 * same. */
static void a_family_name_in_common_is_a_feature(void **state)
{
	(void)state;
	const struct text_row same[2] = {row_of("김철수와 김영희", "김철수", "김영희", ""),
	        row_of("박철수와 박영희", "박철수", "박영희", "")},
	                      apart[2] = {row_of("김철수와 김영희", "김철수", "김영희", ""),
	                              row_of("김철수와 박영희", "김철수", "박영희", "")};
	assert_int_equal(shared_by(FEATURES_SHAPE, same, NULL), count_of(FEATURES_SHAPE, &same[0], NULL));
	assert_int_equal(shared_by(FEATURES_SHAPE, apart, NULL), count_of(FEATURES_SHAPE, &apart[0], NULL) - 2);
}

static void an_abbreviation_is_told_by_its_letters(void **state)
{
	(void)state;
	const struct text_row rows[2] = {row_of("World Trade Union (WTU)", "World Trade Union", "WTU", ""),
	        row_of("World Trade Union (XYZ)", "World Trade Union", "XYZ", "")};
	assert_true(shared_by(FEATURES_SHAPE, rows, NULL) < count_of(FEATURES_SHAPE, &rows[0], NULL));
}

static void typed_families_need_types(void **state)
{
	(void)state;
	struct feature_options options = options_with(FEATURES_TYPED);
	options.weights[FEATURES_NEAR] = 1;
	options.entity_max = 1;
	options.char_max = 1;
	static const char *const types[2] = {"", "PER"};
	for (size_t i = 0; i < 2; i++) {
		const struct text_row row = row_of("abc de f ghi", "de", "f", types[i]);
		struct feature_list list = {0};
		size_t counts[FEATURE_GROUPS] = {0};
		assert_int_equal(features_extract(&list, &options, NULL, &row), 0);
		for (size_t j = 0; j < list.count; j++)
			counts[feature_group_of(list.keys[j])]++;
		assert_int_equal(counts[FEATURES_TYPED], i ? 3 : 0); /* d, e, f */
		assert_int_equal(counts[FEATURES_NEAR], i ? 4 : 0);  /* two characters on either side */
		feature_list_finish(&list);
	}
}

static void make_lexicon(struct lexicon *out)
{
	static const char text[] = "dog\tanimal pet\nhot dog\tfood\ncat\tanimal pet\n";
	struct error error = {""};
	if (lexicon_parse(out, text, sizeof text - 1, &error) < 0)
		fail_msg("%s", error.text);
}

static void a_lexicon_joins_words_of_the_same_classes(void **state)
{
	(void)state;
	struct lexicon lexicon;
	make_lexicon(&lexicon);
	const struct text_row rows[2] = {
	        row_of("a dog and a cat", "dog", "cat", ""), row_of("a cat and a dog", "cat", "dog", "")};
	assert_int_equal(count_of(FEATURES_CLASS, &rows[0], &lexicon), 4);
	assert_int_equal(count_of(FEATURES_CLASS_PAIR, &rows[0], &lexicon), 4);
	assert_int_equal(count_of(FEATURES_CLASS_WORD, &rows[0], &lexicon), 2 * 4);
	assert_int_equal(shared_by(FEATURES_CLASS, rows, &lexicon), 4);
	assert_int_equal(shared_by(FEATURES_CLASS_PAIR, rows, &lexicon), 4);
	assert_int_equal(shared_by(FEATURES_CLASS_WORD, rows, &lexicon), 2 * 4);
	assert_int_equal(count_of(FEATURES_CLASS, &rows[0], NULL), 0);
	lexicon_finish(&lexicon);
}

static void the_longest_end_that_the_lexicon_knows_counts(void **state)
{
	(void)state;
	struct lexicon lexicon;
	make_lexicon(&lexicon);
	const struct text_row food = row_of("a big hot dog on it", "big hot dog", "it", ""),
	                      animal = row_of("a big fat Dog on it", "big fat Dog", "it", "");
	assert_int_equal(count_of(FEATURES_CLASS, &food, &lexicon), 1);
	assert_int_equal(count_of(FEATURES_CLASS, &animal, &lexicon), 2);
	lexicon_finish(&lexicon);
}

static void a_weight_of_nothing_leaves_a_family_out(void **state)
{
	(void)state;
	struct lexicon lexicon;
	make_lexicon(&lexicon);
	const struct text_row row = row_of("a dog bites a cat", "dog", "cat", "THG");
	const struct feature_options options = {.char_min = 1, .pattern_max = 3, .skip = 8, .near = 2};
	struct feature_list list = {0};
	assert_int_equal(features_extract(&list, &options, &lexicon, &row), 0);
	for (size_t i = 0; i < list.count; i++)
		assert_true(feature_group_of(list.keys[i]) < FEATURES_PATTERN);
	feature_list_finish(&list);
	lexicon_finish(&lexicon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(patterns_hold_both_entities_as_placeholders),
	        cmocka_unit_test(the_order_of_the_entities_is_part_of_a_pattern),
	        cmocka_unit_test(of_a_long_pattern_the_middle_is_dropped),
	        cmocka_unit_test(entities_with_the_same_last_word_share_their_head),
	        cmocka_unit_test(numbers_and_scripts_have_shapes),
	        cmocka_unit_test(a_family_name_in_common_is_a_feature),
	        cmocka_unit_test(an_abbreviation_is_told_by_its_letters),
	        cmocka_unit_test(typed_families_need_types),
	        cmocka_unit_test(a_lexicon_joins_words_of_the_same_classes),
	        cmocka_unit_test(the_longest_end_that_the_lexicon_knows_counts),
	        cmocka_unit_test(a_weight_of_nothing_leaves_a_family_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
