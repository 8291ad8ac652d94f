#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/features/lexicon.h"

static size_t classes_of(const struct lexicon *lexicon, const char *word)
{
	uint32_t codes[32];
	size_t count = 0, found = 0;
	for (; word[count]; count++)
		codes[count] = (unsigned char)word[count];
	const uint64_t *classes = lexicon_find(&found, lexicon, codes, count);
	return classes ? found : 0;
}

static void a_word_has_the_classes_of_its_line(void **state)
{
	(void)state;
	static const char text[] = "cat\tanimal  pet \n\nice cream\tfood\r\n\xea\xb0\x80\tA B C\nlast\tx";
	struct lexicon lexicon;
	const uint32_t ga = 0xac00;
	size_t count = 0;
	assert_int_equal(lexicon_parse(&lexicon, text, strlen(text), NULL), 0);
	assert_int_equal(classes_of(&lexicon, "cat"), 2);
	assert_int_equal(classes_of(&lexicon, "CaT"), 2);
	assert_int_equal(classes_of(&lexicon, "ice cream"), 1);
	assert_int_equal(classes_of(&lexicon, "cream"), 0);
	assert_int_equal(classes_of(&lexicon, "last"), 1);
	assert_non_null(lexicon_find(&count, &lexicon, &ga, 1));
	assert_int_equal(count, 3);
	lexicon_finish(&lexicon);
}

/* As macOS writes names: syllables as letters. */
static void words_and_classes_may_be_decomposed(void **state)
{
	(void)state;
	static const char text[] = "\xe1\x84\x80\xe1\x85\xa1\t\xe1\x84\x82\xe1\x85\xa1\nb\t\xeb\x82\x98\n";
	struct lexicon lexicon;
	const uint32_t ga = 0xac00, b = 'b';
	size_t count = 0;
	assert_int_equal(lexicon_parse(&lexicon, text, strlen(text), NULL), 0);
	const uint64_t *decomposed = lexicon_find(&count, &lexicon, &ga, 1);
	assert_non_null(decomposed);
	assert_int_equal(count, 1);
	assert_true(*decomposed == *lexicon_find(&count, &lexicon, &b, 1));
	lexicon_finish(&lexicon);
}

static void complaints_name_the_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
	        {"cat animal", "line 1 has no tab between a word and its classes"},
	        {"a\tx\n\n\ty\n", "line 3 has no word before its tab"},
	        {"a\tx\nb\t \n", "line 2 has no class"},
	        {"a\tx\nb\ty\nA\tz\n", "line 3 has a word that was there before"},
	        {"a\tx\nb\t\xff\n", "line 2 is no UTF-8"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lexicon lexicon = LEXICON_NULL;
		struct error error = {""};
		assert_int_equal(lexicon_parse(&lexicon, cases[i].text, strlen(cases[i].text), &error), -22);
		assert_string_equal(error.text, cases[i].message);
	}
}

static void running_out_of_memory_leaves_nothing(void **state)
{
	(void)state;
	static const char text[] = "a\tx y\nb\tz\n";
	int rc = -1, failures = 0;
	for (long countdown = 1; rc != 0; countdown++, failures++) {
		struct lexicon lexicon = LEXICON_NULL;
		memory_fault_after(countdown);
		rc = lexicon_parse(&lexicon, text, strlen(text), NULL);
		memory_fault_after(0);
		lexicon_finish(&lexicon);
	}
	assert_true(failures > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_word_has_the_classes_of_its_line),
	        cmocka_unit_test(words_and_classes_may_be_decomposed),
	        cmocka_unit_test(complaints_name_the_line),
	        cmocka_unit_test(running_out_of_memory_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
