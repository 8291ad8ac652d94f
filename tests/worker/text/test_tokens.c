/* Sentences as tokens: units, marks, places of entities, what happens to long ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/learning/batcher.h"
#include "worker/text/marked_sentence.h"
#include "worker/text/token_word.h"

enum { WORD, SYLLABLE, CHARACTER, NGRAMS, BPE };
enum { NONE, ENTITY, PUNCT, TYPED, TYPED_PUNCT, MASK, QUERY };

/* "김철수는 MBC 기자다" with subject 김철수 (PER) and object MBC (ORG). */
static const struct text_row row = {
        .sentence = "김철수는 MBC 기자다", .length_bytes = 26, .subject = {0, 9, "PER"}, .object = {13, 16, "ORG"}};

static struct token_view read_row(const struct text_row *given, int unit, int marker, int64_t most)
{
	struct token_view view = TOKEN_VIEW_NULL;
	const struct token_options options = {
	        .unit = unit, .marker = marker, .most = most, .ngram_min = 2, .ngram_max = 3, .ngram_buckets = 1000000};
	assert_int_equal(marked_sentence_read(&view, &options, given), 0);
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

/* The names of the words in `expected`, between spaces, are the view's. */
static void expect_words(const struct token_view *view, const char *expected)
{
	struct token_view words = TOKEN_VIEW_NULL;
	for (const char *at = expected; *at;) {
		const size_t length = strcspn(at, " ");
		assert_int_equal(token_view_add(&words, at, length), 0);
		at += length + (at[length] == ' ');
	}
	assert_int_equal(view->count, words.count);
	for (size_t i = 0; i < words.count; i++)
		if (view->names[i] != words.names[i])
			fail_msg("token %zu is not as in %s", i, expected);
	token_view_finish(&words);
}

static void every_way_of_marking_writes_its_own_sequence(void **state)
{
	(void)state;
	static const char *const expected[] = {
	        [NONE] = "김철수 는 MBC 기자다",
	        [ENTITY] = "<s> 김철수 </s> 는 <o> MBC </o> 기자다",
	        [PUNCT] = "@ 김철수 @ 는 # MBC # 기자다",
	        [TYPED] = "<s:PER> 김철수 </s:PER> 는 <o:ORG> MBC </o:ORG> 기자다",
	        [TYPED_PUNCT] = "@ * PER * 김철수 @ 는 # ^ ORG ^ MBC # 기자다",
	        [MASK] = "<s-PER> 는 <o-ORG> 기자다",
	        [QUERY] = "<s:PER> 김철수 <o:ORG> MBC <query> @ 김철수 @ 는 # MBC # 기자다",
	};
	static const char *const names[] = {"none", "entity", "punct", "typed", "typed_punct", "mask", "query"};
	for (int marker = NONE; marker <= QUERY; marker++) {
		struct token_view view = read_row(&row, WORD, marker, 100);
		assert_string_equal(token_markers[marker], names[marker]);
		expect_words(&view, expected[marker]);
		token_view_finish(&view);
	}
	assert_null(token_markers[QUERY + 1]);
}

static void the_lexicon_of_marks_has_those_of_every_way_and_type(void **state)
{
	(void)state;
	static const char *const types[] = {"PER", "ORG", NULL};
	struct inventory inventory = INVENTORY_NULL;
	assert_int_equal(inventory_add_marks(&inventory, types), 0);
	for (int marker = NONE; marker <= QUERY; marker++) {
		struct token_view view = read_row(&row, WORD, marker, 100), words = read_row(&row, WORD, NONE, 100);
		for (size_t i = 0; i < view.count; i++) {
			bool is_word = false;
			for (size_t j = 0; j < words.count; j++)
				is_word |= view.names[i] == words.names[j];
			if (is_word == (vocabulary_find(&inventory.names, view.names[i]) != VOCABULARY_ABSENT))
				fail_msg("token %zu of %s", i, token_markers[marker]);
		}
		token_view_finish(&view);
		token_view_finish(&words);
	}
	inventory_finish(&inventory);
}

static void a_sentence_without_entities_has_its_words_only(void **state)
{
	(void)state;
	const struct text_row plain = {.sentence = "김철수는 기자다", .length_bytes = 22};
	struct token_view view = read_row(&plain, WORD, TYPED, 100);
	expect_words(&view, "김철수는 기자다");
	expect_place(&view, (const int[]){TOKEN_NOWHERE, TOKEN_NOWHERE, TOKEN_NOWHERE, TOKEN_NOWHERE});
	token_view_finish(&view);
	view = read_row(&plain, SYLLABLE, TYPED, 3);
	expect_words(&view, "김 철 수");
	token_view_finish(&view);
}

/* Buckets of the n-grams between spaces. */
static void expect_grams(const struct token_view *view, size_t token, const char *expected)
{
	size_t i = view->ranges[token].start;
	for (const char *at = expected; *at; i++) {
		const size_t length = strcspn(at, " ");
		struct token_view gram = TOKEN_VIEW_NULL;
		assert_int_equal(token_view_add(&gram, at, length), 0);
		assert_true(i < view->ranges[token].end);
		if (view->grams[i] != 1 + (int)(gram.names[0] % 1000000))
			fail_msg("n-gram %zu of %s", i, expected);
		at += length + (at[length] == ' ');
		token_view_finish(&gram);
	}
	assert_int_equal(i, view->ranges[token].end);
}

static void a_word_with_n_grams_has_those_of_its_marked_text_and_marks_have_none(void **state)
{
	(void)state;
	struct token_view view = read_row(&row, NGRAMS, PUNCT, 100);
	expect_words(&view, "@ 김철수 @ 는 # MBC # 기자다");
	expect_grams(&view, 0, "");
	expect_grams(&view, 1, "<김 <김철 김철 김철수 철수 철수> 수>");
	expect_grams(&view, 3, "<는 <는> 는>");
	token_view_finish(&view);
	const struct text_row far = {"a b c d e f g h i j", 19, {8, 9, ""}, {12, 13, ""}, 0};
	view = read_row(&far, NGRAMS, NONE, 5); /* what is cut away takes its n-grams along */
	expect_words(&view, "d e f g h");
	expect_grams(&view, 0, "<d <d> d>");
	expect_grams(&view, 4, "<h <h> h>");
	token_view_finish(&view);
}

static void n_grams_of_unknown_words_are_kept_and_follow_their_tokens_into_a_batch(void **state)
{
	(void)state;
	const struct text_row rows[] = {
	        {"가나 다", 10, {0, 6, ""}, {7, 10, ""}, 0}, {"다 라마바", 13, {0, 3, ""}, {4, 13, ""}, 0}};
	const struct text_rows both = {rows, 2};
	const struct token_options options = {
	        .unit = NGRAMS, .most = 10, .min_count = 2, .ngram_min = 3, .ngram_max = 3, .ngram_buckets = 1000};
	struct inventory inventory;
	struct samples samples = {0};
	struct batcher batcher;
	struct batch batch;
	assert_int_equal(tokens_learn(&inventory, &options, &both), 0);
	assert_int_equal(tokens_encode(&samples.tokens, &inventory, &options, &both), 0);
	const int ids[] = {TOKEN_UNKNOWN, TOKEN_FIRST, TOKEN_FIRST, TOKEN_UNKNOWN};
	assert_memory_equal(samples.tokens.ids, ids, sizeof ids);
	const size_t starts[] = {0, 2, 3, 4, 7}; /* <가나 가나>, <다>, <다>, <라마 라마바 마바> */
	assert_memory_equal(samples.tokens.gram_starts, starts, sizeof starts);
	assert_int_equal(samples.tokens.grams[2], samples.tokens.grams[3]);
	assert_int_equal(batcher_init(&batcher, 2, 2, 5), 0);
	assert_int_equal(batcher_fill(&batch, &batcher, &samples, (const size_t[]){1, 0}, 2), 0);
	const int expected[] = {0, 1, 4, 6, 7};
	assert_memory_equal(batch.gram_starts, expected, sizeof expected);
	assert_memory_equal(batch.gram_ids, samples.tokens.grams + 3, 4 * sizeof(int));
	assert_memory_equal(batch.gram_ids + 4, samples.tokens.grams, 3 * sizeof(int));
	batcher_finish(&batcher);
	samples_finish(&samples);
	inventory_finish(&inventory);
}

static void byte_pairs_are_learned_from_the_rows_and_cut_other_rows(void **state)
{
	(void)state;
	const struct text_row rows[] = {{"학교에서 집에서", 22, {0, 6, ""}, {13, 16, ""}, 0},
	        {"학교에서 집에서", 22, {0, 6, ""}, {13, 16, ""}, 0}};
	const struct text_row other = {"산에서 학교로", 19, {0, 3, ""}, {10, 16, ""}, 0};
	const struct text_rows both = {rows, 2}, one = {&other, 1};
	const struct token_options options = {.unit = BPE, .most = 50, .min_count = 1, .bpe_size = 100};
	struct inventory inventory;
	struct tokens tokens;
	assert_int_equal(tokens_learn(&inventory, &options, &both), 0);
	assert_int_equal(inventory.merges.count, 2); /* 학교, 에서; the entities keep the others apart */
	assert_int_equal(inventory.names.count, 3);  /* 학교, 에서, 집 */
	assert_int_equal(tokens_encode(&tokens, &inventory, &options, &one), 0);
	const int expected[] = {TOKEN_UNKNOWN, TOKEN_FIRST + 1, TOKEN_FIRST, TOKEN_UNKNOWN};
	assert_int_equal(tokens_length(&tokens, 0), 4);
	assert_memory_equal(tokens.ids, expected, sizeof expected);
	tokens_finish(&tokens);
	inventory_finish(&inventory);
}

static void a_mask_hides_the_entity_but_not_its_type(void **state)
{
	(void)state;
	struct text_row other = row;
	other.subject = (struct text_span){0, 6, "PER"}; /* other text, same type */
	struct token_view a = read_row(&row, WORD, MASK, 100), b = read_row(&other, WORD, MASK, 100);
	assert_true(a.names[0] == b.names[0]);
	other.subject.type = "ORG";
	token_view_finish(&b);
	b = read_row(&other, WORD, MASK, 100);
	assert_true(a.names[0] != b.names[0]);
	token_view_finish(&a);
	token_view_finish(&b);
}

/* "한글 각 é" in one code point per character and in parts. */
static void composed_and_decomposed_text_gives_the_same_tokens_in_every_unit(void **state)
{
	(void)state;
	const struct text_row composed = {"한글은 각 é", 16, {0, 6, ""}, {10, 13, ""}, 0};
	const struct text_row parts = {
	        "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xAF"
	        "\xE1\x84\x8B\xE1\x85\xB3\xE1\x86\xAB \xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8 e\xCC\x81",
	        41, {0, 18, ""}, {28, 37, ""}, 0};
	for (int unit = WORD; unit <= BPE; unit++)
		for (int marker = NONE; marker <= QUERY; marker++) {
			struct token_view a = read_row(&composed, unit, marker, 100),
			                  b = read_row(&parts, unit, marker, 100);
			assert_int_equal(a.count, b.count);
			assert_memory_equal(a.names, b.names, a.count * sizeof *a.names);
			assert_memory_equal(&a.place, &b.place, sizeof a.place);
			assert_int_equal(a.gram_count, b.gram_count);
			for (size_t i = 0; i < a.gram_count; i++)
				assert_int_equal(a.grams[i], b.grams[i]);
			token_view_finish(&a);
			token_view_finish(&b);
		}
}

static void a_long_sentence_keeps_the_part_around_its_entities(void **state)
{
	(void)state;
	struct text_row far = {"a b c d e f g h i j", 19, {8, 9, ""}, {12, 13, ""}, 0};
	struct token_view whole = read_row(&far, WORD, NONE, 100), cut = read_row(&far, WORD, NONE, 5);
	assert_int_equal(cut.count, 5);
	expect_place(&cut, (const int[]){1, 2, 3, 4});
	assert_memory_equal(cut.names, whole.names + 3, 5 * sizeof *cut.names);
	token_view_finish(&cut);
	far.subject = (struct text_span){0, 1, ""}; /* too far from the object: both still have a place */
	cut = read_row(&far, WORD, NONE, 3);
	expect_place(&cut, (const int[]){0, 1, 2, 3});
	token_view_finish(&cut);
	token_view_finish(&whole);
}

static void rare_tokens_are_unknown(void **state)
{
	(void)state;
	const struct text_row rows[] = {{"a b", 3, {0, 1, ""}, {2, 3, ""}, 0}, {"a c", 3, {0, 1, ""}, {2, 3, ""}, 0}};
	const struct text_rows both = {rows, 2};
	const struct token_options options = {.most = 10, .min_count = 2};
	struct inventory inventory;
	struct tokens tokens;
	assert_int_equal(tokens_learn(&inventory, &options, &both), 0);
	assert_int_equal(inventory.names.count, 1);
	assert_int_equal(tokens_encode(&tokens, &inventory, &options, &both), 0);
	assert_int_equal(tokens_longest(&tokens), 2);
	const int expected[] = {TOKEN_FIRST, TOKEN_UNKNOWN, TOKEN_FIRST, TOKEN_UNKNOWN};
	assert_memory_equal(tokens.ids, expected, sizeof expected);
	tokens_finish(&tokens);
	inventory_finish(&inventory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_unit_has_its_own_number_of_tokens),
	        cmocka_unit_test(marks_stand_around_the_entities_and_inside_their_places),
	        cmocka_unit_test(every_way_of_marking_writes_its_own_sequence),
	        cmocka_unit_test(the_lexicon_of_marks_has_those_of_every_way_and_type),
	        cmocka_unit_test(a_sentence_without_entities_has_its_words_only),
	        cmocka_unit_test(a_word_with_n_grams_has_those_of_its_marked_text_and_marks_have_none),
	        cmocka_unit_test(n_grams_of_unknown_words_are_kept_and_follow_their_tokens_into_a_batch),
	        cmocka_unit_test(byte_pairs_are_learned_from_the_rows_and_cut_other_rows),
	        cmocka_unit_test(a_mask_hides_the_entity_but_not_its_type),
	        cmocka_unit_test(composed_and_decomposed_text_gives_the_same_tokens_in_every_unit),
	        cmocka_unit_test(a_long_sentence_keeps_the_part_around_its_entities),
	        cmocka_unit_test(rare_tokens_are_unknown),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
