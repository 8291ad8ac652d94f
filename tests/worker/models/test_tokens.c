/* Sentences as tokens: units, marks, places of entities, what happens to long ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/models/token_view.h"

enum { WORD, SYLLABLE, CHARACTER };
enum { NONE, ENTITY, PUNCT, TYPED, TYPED_PUNCT, MASK, QUERY };

/* "김철수는 MBC 기자다" with subject 김철수 (PER) and object MBC (ORG). */
static const struct model_row row = {
        .sentence = "김철수는 MBC 기자다", .length_bytes = 26, .subject = {0, 9, "PER"}, .object = {13, 16, "ORG"}};

static struct token_view read_row(const struct model_row *given, int unit, int marker, int64_t most)
{
	struct token_view view = TOKEN_VIEW_NULL;
	const struct token_options options = {.unit = unit, .marker = marker, .most = most};
	assert_int_equal(token_view_read(&view, &options, given), 0);
	token_view_crop(&view, &options);
	return view;
}

static void expect_place(const struct token_view *view, const int expected[4])
{
	assert_int_equal(view->place.starts[0], expected[0]);
	assert_int_equal(view->place.ends[0], expected[1]);
	assert_int_equal(view->place.starts[1], expected[2]);
	assert_int_equal(view->place.ends[1], expected[3]);
}

static void every_unit_has_its_own_number_of_tokens(void **state)
{
	(void)state;
	static const size_t counts[] = {4, 8, 10};
	for (int unit = WORD; unit <= CHARACTER; unit++) {
		struct token_view view = read_row(&row, unit, NONE, 100);
		assert_int_equal(view.count, counts[unit]);
		token_view_finish(&view);
	}
}

static void marks_stand_around_the_entities_and_inside_their_places(void **state)
{
	(void)state;
	static const struct {
		int marker, place[4];
		size_t count;
	} cases[] = {{NONE, {0, 1, 2, 3}, 4}, {ENTITY, {0, 3, 4, 7}, 8}, {PUNCT, {0, 3, 4, 7}, 8},
	        {TYPED, {0, 3, 4, 7}, 8}, {TYPED_PUNCT, {0, 6, 7, 13}, 14}, {MASK, {0, 1, 2, 3}, 4},
	        {QUERY, {5, 8, 9, 12}, 13}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct token_view view = read_row(&row, WORD, cases[i].marker, 100);
		assert_int_equal(view.count, cases[i].count);
		expect_place(&view, cases[i].place);
		token_view_finish(&view);
	}
}

static void a_mask_hides_the_entity_but_not_its_type(void **state)
{
	(void)state;
	struct model_row other = row;
	other.subject = (struct model_span){0, 6, "PER"}; /* other text, same type */
	struct token_view a = read_row(&row, WORD, MASK, 100), b = read_row(&other, WORD, MASK, 100);
	assert_true(a.names[0] == b.names[0]);
	other.subject.type = "ORG";
	token_view_finish(&b);
	b = read_row(&other, WORD, MASK, 100);
	assert_true(a.names[0] != b.names[0]);
	token_view_finish(&a);
	token_view_finish(&b);
}

static void composed_and_decomposed_hangul_are_the_same_token(void **state)
{
	(void)state;
	struct model_row composed = {"가 나", 7, {0, 3, ""}, {4, 7, ""}, 0};
	struct model_row parts = {"\xE1\x84\x80\xE1\x85\xA1 나", 10, {0, 6, ""}, {7, 10, ""}, 0};
	struct token_view a = read_row(&composed, SYLLABLE, NONE, 100), b = read_row(&parts, SYLLABLE, NONE, 100);
	assert_int_equal(a.count, 2);
	assert_int_equal(b.count, 2);
	assert_memory_equal(a.names, b.names, 2 * sizeof *a.names);
	token_view_finish(&a);
	token_view_finish(&b);
}

static void a_long_sentence_keeps_the_part_around_its_entities(void **state)
{
	(void)state;
	struct model_row far = {"a b c d e f g h i j", 19, {8, 9, ""}, {12, 13, ""}, 0};
	struct token_view whole = read_row(&far, WORD, NONE, 100), cut = read_row(&far, WORD, NONE, 5);
	assert_int_equal(cut.count, 5);
	expect_place(&cut, (const int[]){1, 2, 3, 4});
	assert_memory_equal(cut.names, whole.names + 3, 5 * sizeof *cut.names);
	token_view_finish(&cut);
	far.subject = (struct model_span){0, 1, ""}; /* too far from the object: both still have a place */
	cut = read_row(&far, WORD, NONE, 3);
	expect_place(&cut, (const int[]){0, 1, 2, 3});
	token_view_finish(&cut);
	token_view_finish(&whole);
}

static void rare_tokens_are_unknown(void **state)
{
	(void)state;
	const struct model_row rows[] = {{"a b", 3, {0, 1, ""}, {2, 3, ""}, 0}, {"a c", 3, {0, 1, ""}, {2, 3, ""}, 0}};
	const struct model_rows both = {rows, 2};
	const struct token_options options = {.most = 10, .min_count = 2};
	struct vocabulary vocabulary;
	struct tokens tokens;
	assert_int_equal(tokens_learn(&vocabulary, &options, &both), 0);
	assert_int_equal(vocabulary.count, 1);
	assert_int_equal(tokens_encode(&tokens, &vocabulary, &options, &both), 0);
	assert_int_equal(tokens_longest(&tokens), 2);
	const int expected[] = {TOKEN_FIRST, TOKEN_UNKNOWN, TOKEN_FIRST, TOKEN_UNKNOWN};
	assert_memory_equal(tokens.ids, expected, sizeof expected);
	tokens_finish(&tokens);
	vocabulary_finish(&vocabulary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_unit_has_its_own_number_of_tokens),
	        cmocka_unit_test(marks_stand_around_the_entities_and_inside_their_places),
	        cmocka_unit_test(a_mask_hides_the_entity_but_not_its_type),
	        cmocka_unit_test(composed_and_decomposed_hangul_are_the_same_token),
	        cmocka_unit_test(a_long_sentence_keeps_the_part_around_its_entities),
	        cmocka_unit_test(rare_tokens_are_unknown),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
