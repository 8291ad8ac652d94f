/* Ids as the original programs give them, whichever files they are read from. The tokenizers in
 * golden/ were learned from texts of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "tests/worker/tokenizers/sandbox.h"
#include "worker/tokenizers/tokenizer.h"

/* A line of a file, its escapes undone. */
static char *next_line(char **at, size_t *length)
{
	char *line = *at, *to = line, *from = line;
	if (!*line)
		return NULL;
	for (; *from != '\n'; from++) {
		const char *escape = *from == '\\' ? strchr("n\nr\r\\\\0", from[1]) : NULL;
		if (escape)
			from++;
		*to++ = (char)(!escape ? *from : *escape == '0' ? '\0' : escape[1]);
	}
	*length = (size_t)(to - line);
	*at = from + 1;
	return line;
}

/* Compares the pieces with a line of ids, the two around them included. False when they differ. */
static bool is_as(const struct token_pieces *pieces, const struct tokenizer *tokenizer, const char *line)
{
	char *at = (char *)(uintptr_t)line;
	bool same = strtol(at, &at, 10) == tokenizer_special(tokenizer, TOKENIZER_CLS);
	for (size_t i = 0; i < pieces->count; i++)
		same &= strtol(at, &at, 10) == pieces->pieces[i].id;
	return same && strtol(at, &at, 10) == tokenizer_special(tokenizer, TOKENIZER_SEP) && *at == '\n';
}

static void check_origins(const struct token_pieces *pieces, size_t length)
{
	for (size_t i = 0; i < pieces->count; i++) {
		assert_true(pieces->pieces[i].origin.begin < pieces->pieces[i].origin.end);
		assert_true(pieces->pieces[i].origin.end <= length);
		if (i > 0)
			assert_true(pieces->pieces[i].origin.begin >= pieces->pieces[i - 1].origin.begin);
	}
}

struct comparison {
	const char *texts, *ids;     /* files */
	const char *const *excepted; /* what a text holds for which the originals differ among themselves */
};

static bool is_excepted(const struct comparison *comparison, const char *text)
{
	for (size_t i = 0; comparison->excepted && comparison->excepted[i]; i++)
		if (strstr(text, comparison->excepted[i]))
			return true;
	return false;
}

static void compare(const struct tokenizer *tokenizer, const struct comparison *comparison)
{
	char *texts = sandbox_read(comparison->texts, NULL), *ids = sandbox_read(comparison->ids, NULL);
	char *text_at = texts, *line = ids;
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	size_t length, number = 0, wrong = 0;
	for (char *text; (text = next_line(&text_at, &length)); number++) {
		pieces.count = 0;
		assert_int_equal(tokenizer_encode(&pieces, tokenizer, text, length), 0);
		check_origins(&pieces, length);
		if (!is_as(&pieces, tokenizer, line) && !is_excepted(comparison, text)) {
			print_error("text %zu: %.*s\n  expected %.*s\n  got", number, (int)length, text,
			        (int)strcspn(line, "\n"), line);
			for (size_t i = 0; i < pieces.count; i++)
				print_error(" %d", pieces.pieces[i].id);
			print_error("\n");
			wrong++;
		}
		line += strcspn(line, "\n") + 1;
	}
	assert_int_equal(*line, '\0');
	assert_true(number > 0);
	assert_int_equal(wrong, 0);
	token_pieces_finish(&pieces);
	memory_free(texts);
	memory_free(ids);
}

/* The tokens that the originals were given besides; in tokenizer.json they are already. */
static void add_marks(struct tokenizer *tokenizer)
{
	static const char *const marks[] = {"<subj>", "</subj>", "<obj>", "</obj>"};
	const size_t size = tokenizer_size(tokenizer);
	const int first = tokenizer_add(tokenizer, marks[0]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(tokenizer_add(tokenizer, marks[i]), first + i);
	assert_true((size_t)first == size || (size_t)first + 4 == size);
}

static void compare_files(const char *name, const char *const *files, const struct comparison *comparison)
{
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	struct error error = {""};
	sandbox_init(&sandbox);
	sandbox_copy(&sandbox, name, files);
	const int rc = tokenizer_read(&tokenizer, sandbox.folder, &error);
	assert_string_equal(error.text, "");
	assert_int_equal(rc, 0);
	add_marks(tokenizer);
	compare(tokenizer, comparison);
	tokenizer_destroy(tokenizer);
	sandbox_finish(&sandbox);
}

static void word_pieces_of_a_vocabulary_that_keeps_capitals(void **state)
{
	(void)state;
	compare_files("bert-cased", (const char *const[]){"vocab.txt", "tokenizer_config.json", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "bert-cased/ids.txt", NULL});
}

static void word_pieces_in_small_letters(void **state)
{
	(void)state;
	compare_files("bert-uncased", (const char *const[]){"vocab.txt", "tokenizer_config.json", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "bert-uncased/ids.txt", NULL});
}

static void word_pieces_of_one_file(void **state)
{
	(void)state;
	compare_files("bert-uncased", (const char *const[]){"tokenizer.json", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "bert-uncased/ids.txt", NULL});
}

static void byte_pairs_of_two_files(void **state)
{
	(void)state;
	compare_files("roberta", (const char *const[]){"vocab.json", "merges.txt", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "roberta/ids.txt", NULL});
}

static void byte_pairs_of_one_file(void **state)
{
	(void)state;
	compare_files("roberta", (const char *const[]){"tokenizer.json", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "roberta/ids.txt", NULL});
}

static void unigram_of_one_file(void **state)
{
	(void)state;
	compare_files("xlm-roberta", (const char *const[]){"tokenizer.json", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "xlm-roberta/ids.txt", NULL});
}

/* SentencePiece's own program knows no tokens in texts. */
static void unigram_of_sentence_pieces(void **state)
{
	(void)state;
	static const char *const excepted[] = {"<mask>", "<subj>", NULL};
	compare_files("xlm-roberta", (const char *const[]){"sentencepiece.bpe.model", NULL},
	        &(struct comparison){GOLDEN "texts.txt", GOLDEN "xlm-roberta/ids-sentencepiece.txt", excepted});
}

/* KRE_TOKENIZER: a folder with a tokenizer; KRE_TOKENIZER_FROM: one with texts.txt and ids.txt.
 * tests/worker/tokenizers/test_checkpoints.py sets both. */
static void a_tokenizer_from_elsewhere(void **state)
{
	(void)state;
	const char *folder = getenv("KRE_TOKENIZER"), *from = getenv("KRE_TOKENIZER_FROM");
	struct tokenizer *tokenizer = NULL;
	if (!folder || !from)
		skip();
	struct text texts = TEXT_NULL, ids = TEXT_NULL;
	text_printf(&texts, "%s/texts.txt", from);
	text_printf(&ids, "%s/ids.txt", from);
	assert_int_equal(tokenizer_read(&tokenizer, folder, NULL), 0);
	compare(tokenizer, &(struct comparison){texts.data, ids.data, NULL});
	tokenizer_destroy(tokenizer);
	text_finish(&texts);
	text_finish(&ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(word_pieces_of_a_vocabulary_that_keeps_capitals),
	        cmocka_unit_test(word_pieces_in_small_letters),
	        cmocka_unit_test(word_pieces_of_one_file),
	        cmocka_unit_test(byte_pairs_of_two_files),
	        cmocka_unit_test(byte_pairs_of_one_file),
	        cmocka_unit_test(unigram_of_one_file),
	        cmocka_unit_test(unigram_of_sentence_pieces),
	        cmocka_unit_test(a_tokenizer_from_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
