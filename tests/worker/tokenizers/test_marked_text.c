/* Rows with their entities marked, as ids of a pretrained tokenizer. */
#include "tests/worker/tokenizers/sandbox.h"
#include "worker/tokenizers/marked_text.h"

enum { NONE, ENTITY, PUNCT, TYPED, TYPED_PUNCT, MASK, QUERY, ADDED };

static const struct text_row row = {.sentence = "이순신은 조선의 무신이다.",
        .length_bytes = 36,
        .subject = {0, 9, "PER"},
        .object = {13, 19, "ORG"}};

/* A vocabulary of what these sentences are made of. */
static const char vocabulary[] =
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n이순신\n##은\n은\n조선\n##의\n의\n무신\n##이다\n.\n@\n*\n#\n^\nPER\nORG\n"
        "<\n>\n/\nsubj\nobj\n:\n-\n안녕\n";

static struct tokenizer *read_words(void)
{
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	static const char config[] = "{\"do_lower_case\": false}";
	sandbox_init(&sandbox);
	sandbox_write(&sandbox, "vocab.txt", vocabulary, sizeof vocabulary - 1);
	sandbox_write(&sandbox, "tokenizer_config.json", config, sizeof config - 1);
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	sandbox_finish(&sandbox);
	return tokenizer;
}

/* The first row's tokens as they are written, blanks between them. */
static char *spell(const struct tokens *tokens, const struct tokenizer *tokenizer)
{
	struct text text = TEXT_NULL;
	for (size_t i = tokens->starts[0]; i < tokens->starts[1]; i++)
		text_printf(&text, "%s%s", i ? " " : "", tokenizer_piece(tokenizer, tokens->ids[i]));
	return text_take(&text);
}

static void expect(const struct text_row *given, int marker, int64_t most, const char *expected, const int place[4])
{
	struct tokenizer *tokenizer = read_words();
	const struct token_options options = {.marker = marker, .most = most};
	struct tokens tokens;
	assert_int_equal(marked_text_prepare(tokenizer, &options), 0);
	assert_int_equal(marked_text_encode(&tokens, tokenizer, &options, &(struct text_rows){given, 1}), 0);
	char *spelled = spell(&tokens, tokenizer);
	assert_string_equal(spelled, expected);
	for (int which = 0; place && which < 2; which++) {
		assert_int_equal(tokens.places[0].starts[which], place[2 * which]);
		assert_int_equal(tokens.places[0].ends[which], place[2 * which + 1]);
	}
	memory_free(spelled);
	tokens_finish(&tokens);
	tokenizer_destroy(tokenizer);
}

static void every_marker_is_written_its_way(void **state)
{
	(void)state;
	expect(&row, NONE, 64, "[CLS] 이순신 ##은 조선 ##의 무신 ##이다 . [SEP]", (const int[]){1, 2, 3, 4});
	expect(&row, ENTITY, 64, "[CLS] < subj > 이순신 < / subj > 은 < obj > 조선 < / obj > 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 9, 10, 18});
	expect(&row, PUNCT, 64, "[CLS] @ 이순신 @ 은 # 조선 # 의 무신 ##이다 . [SEP]", (const int[]){1, 4, 5, 8});
	expect(&row, TYPED_PUNCT, 64, "[CLS] @ * PER * 이순신 @ 은 # ^ ORG ^ 조선 # 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 7, 8, 14});
	expect(&row, MASK, 64, "[CLS] < subj - PER > 은 < obj - ORG > 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 6, 7, 12});
	expect(&row, QUERY, 64,
	        "[CLS] @ * PER * 이순신 @ # ^ ORG ^ 조선 # [SEP] @ 이순신 @ 은 # 조선 # 의 무신 ##이다 . [SEP]",
	        (const int[]){14, 17, 18, 21});
	expect(&row, TYPED, 64,
	        "[CLS] < subj : PER > 이순신 < / subj : PER > 은 < obj : ORG > 조선 < / obj : ORG > 의 무신 ##이다 . "
	        "[SEP]",
	        (const int[]){1, 13, 14, 26});
}

static void entities_without_types_have_marks_without_them(void **state)
{
	(void)state;
	struct text_row bare = row;
	bare.subject.type = bare.object.type = "";
	expect(&bare, TYPED_PUNCT, 64, "[CLS] @ 이순신 @ 은 # 조선 # 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 4, 5, 8});
	expect(&bare, TYPED, 64, "[CLS] < subj > 이순신 < / subj > 은 < obj > 조선 < / obj > 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 9, 10, 18});
	expect(&bare, MASK, 64, "[CLS] < subj > 은 < obj > 의 무신 ##이다 . [SEP]", (const int[]){1, 4, 5, 8});
	expect(&bare, QUERY, 64, "[CLS] @ 이순신 @ # 조선 # [SEP] @ 이순신 @ 은 # 조선 # 의 무신 ##이다 . [SEP]",
	        (const int[]){8, 11, 12, 15});
}

static void added_marks_are_tokens_of_their_own(void **state)
{
	(void)state;
	expect(&row, ADDED, 64, "[CLS] <subj> 이순신 </subj> 은 <obj> 조선 </obj> 의 무신 ##이다 . [SEP]",
	        (const int[]){1, 4, 5, 8});
}

static void the_objects_place_is_known_when_it_comes_first(void **state)
{
	(void)state;
	struct text_row turned = row;
	turned.subject = row.object;
	turned.object = row.subject;
	expect(&turned, PUNCT, 64, "[CLS] # 이순신 # 은 @ 조선 @ 의 무신 ##이다 . [SEP]", (const int[]){5, 8, 1, 4});
}

static void decomposed_hangul_is_the_same_text(void **state)
{
	(void)state;
	static const char sentence[] = "\u110B\u1175\u1109\u116E\u11AB\u1109\u1175\u11AB\u110B\u1173\u11AB 조선";
	const struct text_row decomposed = {
	        sentence, sizeof sentence - 1, {0, 24, "PER"}, {34, sizeof sentence - 1, "ORG"}, 0};
	expect(&decomposed, NONE, 64, "[CLS] 이순신 ##은 조선 [SEP]", (const int[]){1, 2, 3, 4});
}

static void long_sentences_keep_what_is_around_the_entities(void **state)
{
	(void)state;
	static const char sentence[] = "안녕 안녕 안녕 안녕 안녕 이순신은 조선의 안녕 안녕 안녕 안녕 안녕";
	const struct text_row longer = {sentence, sizeof sentence - 1, {35, 44, "PER"}, {48, 54, "ORG"}, 0};
	expect(&longer, NONE, 8, "[CLS] 안녕 이순신 ##은 조선 ##의 안녕 [SEP]", (const int[]){2, 3, 4, 5});
	expect(&longer, NONE, 5, "[CLS] 이순신 ##은 조선 [SEP]", (const int[]){1, 2, 3, 4});
	expect(&longer, NONE, 4, "[CLS] 이순신 ##은 [SEP]", (const int[]){1, 2, 2, 3});
}

static void a_sentence_without_entities_is_cut_at_its_end(void **state)
{
	(void)state;
	struct text_row plain = row;
	plain.subject.type = plain.object.type = NULL;
	expect(&plain, PUNCT, 5, "[CLS] 이순신 ##은 조선 [SEP]", (const int[]){-1, -1, -1, -1});
	plain.length_bytes = 0;
	expect(&plain, PUNCT, 5, "[CLS] [SEP]", (const int[]){-1, -1, -1, -1});
}

static void an_entity_that_vanishes_has_a_place_all_the_same(void **state)
{
	(void)state;
	const struct text_row vanishing = {"\x07 안녕", 8, {0, 1, ""}, {0, 1, ""}, 0};
	expect(&vanishing, NONE, 16, "[CLS] 안녕 [SEP]", (const int[]){1, 2, 1, 2});
	const struct text_row nothing = {"\x07", 1, {0, 1, ""}, {0, 1, ""}, 0};
	expect(&nothing, NONE, 16, "[CLS] [SEP]", (const int[]){0, 1, 0, 1});
}

static void entities_may_lie_in_each_other(void **state)
{
	(void)state;
	const struct text_row nested = {"이순신 안녕", 16, {0, 16, ""}, {0, 9, ""}, 0};
	expect(&nested, PUNCT, 16, "[CLS] @ 이순신 안녕 @ # 이순신 # [SEP]", (const int[]){1, 5, 5, 8});
}

static void no_allocation_may_fail_unnoticed(void **state)
{
	(void)state;
	struct tokenizer *tokenizer = read_words();
	const struct token_options options = {.marker = QUERY, .most = 16};
	const struct text_row rows[] = {row, row, row};
	struct tokens tokens;
	int rc = -ENOMEM;
	for (long fault = 1; rc == -ENOMEM; fault++) {
		memory_fault_after(fault);
		rc = marked_text_encode(&tokens, tokenizer, &options, &(struct text_rows){rows, 3});
		memory_fault_after(0);
	}
	assert_int_equal(rc, 0);
	assert_int_equal(tokens.rows, 3);
	tokens_finish(&tokens);
	tokenizer_destroy(tokenizer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_marker_is_written_its_way),
	        cmocka_unit_test(entities_without_types_have_marks_without_them),
	        cmocka_unit_test(added_marks_are_tokens_of_their_own),
	        cmocka_unit_test(the_objects_place_is_known_when_it_comes_first),
	        cmocka_unit_test(decomposed_hangul_is_the_same_text),
	        cmocka_unit_test(long_sentences_keep_what_is_around_the_entities),
	        cmocka_unit_test(a_sentence_without_entities_is_cut_at_its_end),
	        cmocka_unit_test(an_entity_that_vanishes_has_a_place_all_the_same),
	        cmocka_unit_test(entities_may_lie_in_each_other),
	        cmocka_unit_test(no_allocation_may_fail_unnoticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
