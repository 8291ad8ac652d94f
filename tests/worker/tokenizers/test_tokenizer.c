/* Tokenizers by small files of a test's own: where pieces come from, what is added and written, and
 * every way in which a file can be wrong. */
#include <cjson/cJSON.h>

#include "schema/base/sha256.h"
#include "tests/worker/tokenizers/sandbox.h"
#include "worker/tokenizers/tokenizer.h"
#include "worker/tokenizers/tokenizer_write.h"

#define BERT                                                                                                           \
	"\"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": true, \"handle_chinese_chars\": true, "        \
	"\"strip_accents\": null, \"lowercase\": true}, \"pre_tokenizer\": {\"type\": \"BertPreTokenizer\"}"
#define WORDS                                                                                                          \
	"\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"continuing_subword_prefix\": \"##\", "       \
	"\"max_input_chars_per_word\": 100, \"vocab\": {\"[CLS]\": 0, \"[SEP]\": 1, \"[UNK]\": 2, \"a\": 3, \"##b\": " \
	"4}}"
#define UNIGRAM                                                                                                        \
	"\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\u2581\"}, \"model\": {\"type\": "            \
	"\"Unigram\", \"unk_id\": 2, \"vocab\": [[\"<s>\", 0], [\"</s>\", 0], [\"<unk>\", 0], [\"\u2581\", -1], "      \
	"[\"\u2581a\", -2.5], [\"b\", -3]]}"

static struct tokenizer *read_text(const char *name, const char *text, struct error *error, int *rc)
{
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	sandbox_init(&sandbox);
	sandbox_write(&sandbox, name, text, strlen(text));
	*rc = tokenizer_read(&tokenizer, sandbox.folder, error);
	sandbox_finish(&sandbox);
	return tokenizer;
}

static struct tokenizer *read_good(const char *name, const char *text)
{
	struct error error = {""};
	int rc;
	struct tokenizer *tokenizer = read_text(name, text, &error, &rc);
	assert_string_equal(error.text, "");
	assert_int_equal(rc, 0);
	return tokenizer;
}

static struct tokenizer *read_golden(const char *name, const char *const *files)
{
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	sandbox_init(&sandbox);
	sandbox_copy(&sandbox, name, files);
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	sandbox_finish(&sandbox);
	return tokenizer;
}

/* The pieces as "text@begin-end", blanks between them. */
static void expect_pieces(const struct tokenizer *tokenizer, const char *given, size_t length, const char *expected)
{
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	struct text text = TEXT_NULL;
	assert_int_equal(tokenizer_encode(&pieces, tokenizer, given, length), 0);
	for (size_t i = 0; i < pieces.count; i++)
		text_printf(&text, "%s%s@%u-%u", i ? " " : "", tokenizer_piece(tokenizer, pieces.pieces[i].id),
		        pieces.pieces[i].origin.begin, pieces.pieces[i].origin.end);
	assert_string_equal(text_string(&text), expected);
	text_finish(&text);
	token_pieces_finish(&pieces);
}

static void expect_of(const struct tokenizer *tokenizer, const char *given, const char *expected)
{
	expect_pieces(tokenizer, given, strlen(given), expected);
}

static void pieces_know_the_bytes_they_come_from(void **state)
{
	(void)state;
	struct tokenizer *tokenizer =
	        read_good("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncafe\n##s\n\u1112\u1161\u11AB\n"
	                               "\u4E2D\n\u6587\n!\n");
	expect_of(tokenizer, " Caf\u00C9s!", "cafe@1-6 ##s@6-7 !@7-8");
	expect_of(tokenizer, "Cafe\u0301s", "cafe@0-6 ##s@6-7"); /* the mark on e goes with it */
	expect_of(tokenizer, "\uD55C", "\u1112\u1161\u11AB@0-3");
	expect_of(tokenizer, "\u1112\u1161\u11AB", "\u1112\u1161\u11AB@0-9");
	expect_of(tokenizer, "\u4E2D\u6587", "\u4E2D@0-3 \u6587@3-6");
	expect_of(tokenizer, "\U0001F600 cafe", "[UNK]@0-4 cafe@5-9");
	expect_of(tokenizer, "x[MASK]s", "[UNK]@0-1 [MASK]@1-7 [UNK]@7-8");
	tokenizer_destroy(tokenizer);
}

static void byte_pairs_stand_for_whole_characters(void **state)
{
	(void)state;
	struct tokenizer *tokenizer = read_golden("roberta", (const char *const[]){"tokenizer.json", NULL});
	struct token_pieces pieces = TOKEN_PIECES_NULL;
	assert_int_equal(tokenizer_encode(&pieces, tokenizer, "\U0001F600", 4), 0);
	assert_true(pieces.count > 1);
	for (size_t i = 0; i < pieces.count; i++) {
		assert_int_equal(pieces.pieces[i].origin.begin, 0);
		assert_int_equal(pieces.pieces[i].origin.end, 4);
	}
	token_pieces_finish(&pieces);
	expect_of(tokenizer, "a <mask>", "a@0-1 <mask>@1-8"); /* which takes the blank */
	tokenizer_destroy(tokenizer);
}

static void unigram_pieces_take_the_blank_before_them(void **state)
{
	(void)state;
	struct tokenizer *tokenizer = read_good("tokenizer.json", "{" UNIGRAM "}");
	expect_of(tokenizer, "a a", "\u2581a@0-1 \u2581a@1-3");
	expect_of(tokenizer, "ab\u00E9\u00E9", "\u2581a@0-1 b@1-2 <unk>@2-6"); /* unknown neighbours are one */
	tokenizer_destroy(tokenizer);
}

static void malformed_bytes_count_as_replacement_characters(void **state)
{
	(void)state;
	struct tokenizer *tokenizer = read_good("tokenizer.json", "{" UNIGRAM "}");
	expect_pieces(tokenizer, "a\xFF\xED\xA0", 4, "\u2581a@0-1 <unk>@1-4");
	expect_pieces(tokenizer, "a\0b", 3, "\u2581a@0-1 <unk>@1-2 b@2-3");
	tokenizer_destroy(tokenizer);
}

static void special_tokens_go_by_the_files_beside(void **state)
{
	(void)state;
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	static const char vocabulary[] = "[PAD]\n[UNK]\n<open>\n<close>\nx\n";
	static const char config[] = "{\"cls_token\": {\"content\": \"<open>\"}, \"sep_token\": \"[nowhere]\"}";
	static const char map[] = "{\"sep_token\": \"<close>\"}";
	sandbox_init(&sandbox);
	sandbox_write(&sandbox, "vocab.txt", vocabulary, strlen(vocabulary));
	sandbox_write(&sandbox, "special_tokens_map.json", map, strlen(map));
	sandbox_write(&sandbox, "tokenizer_config.json", config, strlen(config));
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	assert_int_equal(tokenizer_special(tokenizer, TOKENIZER_SEP), -1);
	tokenizer_destroy(tokenizer);
	sandbox_write(&sandbox, "tokenizer_config.json", "{\"cls_token\": {\"content\": \"<open>\"}}", 36);
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	assert_int_equal(tokenizer_special(tokenizer, TOKENIZER_CLS), 2);
	assert_int_equal(tokenizer_special(tokenizer, TOKENIZER_SEP), 3);
	assert_int_equal(tokenizer_special(tokenizer, TOKENIZER_PAD), 0);
	assert_int_equal(tokenizer_special(tokenizer, TOKENIZER_MASK), -1);
	expect_of(tokenizer, "x<close>", "x@0-1 <close>@1-8");
	tokenizer_destroy(tokenizer);
	sandbox_finish(&sandbox);
}

static void tokens_added_by_others_are_found(void **state)
{
	(void)state;
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	static const char vocabulary[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nx\n";
	static const char config[] = "{\"added_tokens_decoder\": {\"7\": {\"content\": \"NEW\", \"normalized\": true}, "
	                             "\"8\": {\"content\": \"<w>\", \"single_word\": true, \"rstrip\": true}}}";
	sandbox_init(&sandbox);
	sandbox_write(&sandbox, "vocab.txt", vocabulary, strlen(vocabulary));
	sandbox_write(&sandbox, "tokenizer_config.json", config, strlen(config));
	sandbox_write(&sandbox, "added_tokens.json", "{\"<e>\": 5}", 10);
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	assert_int_equal(tokenizer_size(tokenizer), 9);
	expect_of(tokenizer, "x<e>x", "x@0-1 <e>@1-4 x@4-5");
	expect_of(tokenizer, "x new", "x@0-1 NEW@2-5"); /* in small letters, as the text */
	expect_of(tokenizer, "x<w>x", "x@0-1 [UNK]@1-2 [UNK]@2-3 [UNK]@3-4 x@4-5");
	expect_of(tokenizer, "x <w>  x", "x@0-1 <w>@2-7 x@7-8");
	tokenizer_destroy(tokenizer);
	sandbox_finish(&sandbox);
}

static char *read_file(const struct sandbox *sandbox, const char *name, size_t *length)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", sandbox->folder, name);
	char *bytes = sandbox_read(path.data, length);
	text_finish(&path);
	return bytes;
}

static void expect_same_file(const struct sandbox *a, const struct sandbox *b, const char *name)
{
	size_t lengths[2];
	char *bytes[] = {read_file(a, name, &lengths[0]), read_file(b, name, &lengths[1])};
	assert_int_equal(lengths[0], lengths[1]);
	assert_memory_equal(bytes[0], bytes[1], lengths[0]);
	memory_free(bytes[0]);
	memory_free(bytes[1]);
}

static void files_are_written_byte_for_byte(void **state)
{
	(void)state;
	static const char *const files[] = {"vocab.txt", "tokenizer.json", "tokenizer_config.json", NULL};
	struct sandbox from, to;
	struct tokenizer *tokenizer = NULL, *again = NULL;
	char digests[2][SHA256_HEX_BYTES];
	sandbox_init(&from);
	sandbox_init(&to);
	sandbox_copy(&from, "bert-uncased", files);
	assert_int_equal(tokenizer_read(&tokenizer, from.folder, NULL), 0);
	assert_int_equal(tokenizer_write(tokenizer, to.folder, NULL), 0);
	for (size_t i = 0; files[i]; i++)
		expect_same_file(&from, &to, files[i]);
	assert_int_equal(tokenizer_read(&again, to.folder, NULL), 0);
	assert_int_equal(tokenizer_digest(digests[0], tokenizer), 0);
	assert_int_equal(tokenizer_digest(digests[1], again), 0);
	assert_string_equal(digests[0], digests[1]);
	tokenizer_destroy(tokenizer);
	tokenizer_destroy(again);
	sandbox_finish(&from);
	sandbox_finish(&to);
}

/* Adds tokens, writes, reads again: ids, texts and digest stay. */
static void check_added(const char *name, const char *const *files)
{
	struct sandbox from, to;
	struct tokenizer *tokenizer = NULL, *again = NULL;
	char digests[3][SHA256_HEX_BYTES];
	sandbox_init(&from);
	sandbox_init(&to);
	sandbox_copy(&from, name, files);
	assert_int_equal(tokenizer_read(&tokenizer, from.folder, NULL), 0);
	assert_int_equal(tokenizer_digest(digests[0], tokenizer), 0);
	const int first = (int)tokenizer_size(tokenizer);
	assert_int_equal(tokenizer_add(tokenizer, "<new>"), first);
	assert_int_equal(tokenizer_add(tokenizer, "\"\\\uD55C"), first + 1);
	assert_int_equal(tokenizer_add(tokenizer, "<new>"), first);
	assert_int_equal(tokenizer_add(tokenizer, ""), -EINVAL);
	assert_int_equal(tokenizer_size(tokenizer), first + 2);
	assert_int_equal(tokenizer_digest(digests[1], tokenizer), 0);
	assert_string_not_equal(digests[0], digests[1]);
	assert_int_equal(tokenizer_write(tokenizer, to.folder, NULL), 0);
	assert_int_equal(tokenizer_read(&again, to.folder, NULL), 0);
	assert_int_equal(tokenizer_digest(digests[2], again), 0);
	assert_string_equal(digests[1], digests[2]);
	assert_int_equal(tokenizer_size(again), first + 2);
	assert_string_equal(tokenizer_piece(again, first + 1), "\"\\\uD55C");
	assert_int_equal(tokenizer_add(again, "<new>"), first);
	assert_int_equal(tokenizer_add(again, "<newer>"), first + 2);
	assert_int_equal(tokenizer_write(again, to.folder, NULL), 0);
	tokenizer_destroy(again);
	assert_int_equal(tokenizer_read(&again, to.folder, NULL), 0);
	assert_string_equal(tokenizer_piece(again, first + 2), "<newer>");
	tokenizer_destroy(tokenizer);
	tokenizer_destroy(again);
	sandbox_finish(&from);
	sandbox_finish(&to);
}

static void added_tokens_are_there_when_it_is_read_again(void **state)
{
	(void)state;
	check_added("bert-uncased", (const char *const[]){"tokenizer.json", NULL});
	check_added(
	        "bert-uncased", (const char *const[]){"tokenizer.json", "vocab.txt", "tokenizer_config.json", NULL});
	check_added("bert-uncased", (const char *const[]){"vocab.txt", NULL});
	check_added("roberta", (const char *const[]){"vocab.json", "merges.txt", NULL});
	check_added("roberta", (const char *const[]){"tokenizer.json", NULL});
	check_added("xlm-roberta", (const char *const[]){"sentencepiece.bpe.model", NULL});
}

static void a_file_without_added_tokens_gets_them(void **state)
{
	(void)state;
	struct sandbox sandbox;
	struct tokenizer *tokenizer = read_good("tokenizer.json", "{" BERT ", " WORDS "}"), *again = NULL;
	assert_int_equal(tokenizer_add(tokenizer, "<new>"), 5);
	sandbox_init(&sandbox);
	assert_int_equal(tokenizer_write(tokenizer, sandbox.folder, NULL), 0);
	assert_int_equal(tokenizer_read(&again, sandbox.folder, NULL), 0);
	assert_string_equal(tokenizer_piece(again, 5), "<new>");
	tokenizer_destroy(tokenizer);
	tokenizer_destroy(again);
	sandbox_finish(&sandbox);
}

static void whoever_trains_hears_that_syllables_come_apart(void **state)
{
	(void)state;
	struct tokenizer *small = read_good("tokenizer.json", "{" BERT ", " WORDS "}");
	struct tokenizer *other = read_good("tokenizer.json", "{" UNIGRAM "}");
	assert_non_null(strstr(tokenizer_warning(small), "Hangul"));
	assert_null(tokenizer_warning(other));
	tokenizer_destroy(small);
	tokenizer_destroy(other);
}

static void what_is_not_known_is_refused_with_one_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text, *sentence;
	} cases[] = {
	        {"other.txt", "", "expected tokenizer.json, vocab.txt, vocab.json with merges.txt"},
	        {"tokenizer.json", "", "tokenizer.json: it is no JSON at byte 0 of 0"},
	        {"tokenizer.json", "{\"a\": \"\xFF\"}", "tokenizer.json: it is not in UTF-8"},
	        {"tokenizer.json", "{} more", "tokenizer.json: it is no JSON at byte 2 of 7"},
	        {"tokenizer.json", "[]", "tokenizer.json: expected an object"},
	        {"tokenizer.json", "{}", "tokenizer.json: model.type: expected BPE, Unigram or WordPiece, not nothing"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordLevel\"}}", "or WordPiece, not WordLevel"},
	        {"tokenizer.json", "{\"normalizer\": {\"type\": \"Nmt\"}}",
	                "tokenizer.json: normalizer.type: expected Bert"},
	        {"tokenizer.json", "{\"normalizer\": 5}", "or StripAccents, not nothing"},
	        {"tokenizer.json",
	                "{\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"a+\"}, \"content\": "
	                "\"\"}}",
	                "normalizer.pattern: expected a short String, or the Regex"},
	        {"tokenizer.json", "{\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}}",
	                "normalizer.precompiled_charsmap: expected a table in base64"},
	        {"tokenizer.json", "{\"pre_tokenizer\": {\"type\": \"Split\"}}", "pre_tokenizer.type: expected Bert"},
	        {"tokenizer.json", "{\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"_\"}}",
	                "expected U+2581"},
	        {"tokenizer.json", "{\"pre_tokenizer\": {\"type\": \"ByteLevel\"}, " WORDS "}",
	                "pre_tokenizer: expected anything but ByteLevel for the model WordPiece"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"BPE\"}}", "expected ByteLevel for the model BPE"},
	        {"tokenizer.json",
	                "{\"pre_tokenizer\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"dropout\": "
	                "0.1}}",
	                "model: expected no dropout"},
	        {"tokenizer.json",
	                "{\"pre_tokenizer\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"vocab\": "
	                "{\"a\": 0}}}",
	                "the vocabulary lacks the byte 0x00"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": -1}}}",
	                "vocab: expected an id of its own"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 9000000000}}}",
	                "expected an id of its own"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 1, \"b\": 1}}}",
	                "of its own below 4194304 for b"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": []}}",
	                "vocab: expected an object"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}}}",
	                "lacks the unknown token [UNK]"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"unk_id\": null, \"vocab\": [[\"a\", 0]]}}",
	                "the unknown token -1 is none of 1 pieces"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\"]]}}",
	                "model.vocab: expected a piece and its score at place 0"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\", 1e999]]}}",
	                "piece 0: its score is not a number"},
	        {"tokenizer.json", "{\"model\": {\"type\": \"Unigram\", \"byte_fallback\": true}}",
	                "expected no byte_fallback"},
	        {"tokenizer.json", "{" BERT ", " WORDS ", \"added_tokens\": [{\"id\": 7}]}",
	                "added_tokens: expected an id below"},
	        {"vocab.txt", "", "vocab.txt: it is empty"},
	        {"vocab.txt", "\xFF\n", "vocab.txt: it is not in UTF-8"},
	        {"vocab.txt", "a\n", "vocab.txt: the vocabulary lacks the unknown token [UNK]"},
	        {"vocab.json", "{}", "vocab.json: expected merges.txt beside it"},
	        {"sentencepiece.bpe.model", "\x0A\xFF",
	                "sentencepiece.bpe.model: it is cut or no model of SentencePiece"},
	        {"sentencepiece.bpe.model", "\x0A\x03\x0A\x01x",
	                "expected <unk>, <s> and </s> as the first three pieces"},
	        {"sentencepiece.bpe.model", "\x12\x02\x18\x02", "expected a unigram model"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {""};
		int rc;
		assert_null(read_text(cases[i].name, cases[i].text, &error, &rc));
		assert_true(rc == -EINVAL || rc == -ENOENT);
		if (!strstr(error.text, cases[i].sentence))
			print_error("case %zu: %s\n", i, error.text);
		assert_non_null(strstr(error.text, cases[i].sentence));
		assert_non_null(strstr(error.text, "/tmp/tokenizer-"));
	}
}

static void another_class_of_tokenizer_is_refused(void **state)
{
	(void)state;
	struct sandbox sandbox;
	struct tokenizer *tokenizer = NULL;
	struct error error = {""};
	static const char config[] = "{\"tokenizer_class\": \"BertJapaneseTokenizer\"}";
	static const char fast[] = "{\"tokenizer_class\": \"ElectraTokenizerFast\"}";
	sandbox_init(&sandbox);
	sandbox_copy(&sandbox, "bert-uncased", (const char *const[]){"vocab.txt", NULL});
	sandbox_write(&sandbox, "tokenizer_config.json", config, strlen(config));
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, &error), -EINVAL);
	assert_non_null(strstr(error.text, "tokenizer_class: expected BertTokenizer where there is no tokenizer.json"));
	sandbox_write(&sandbox, "tokenizer_config.json", fast, strlen(fast));
	assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
	tokenizer_destroy(tokenizer);
	sandbox_finish(&sandbox);
}

static void a_bert_tokenizer_goes_by_what_is_said_beside_it(void **state)
{
	(void)state;
	static const struct {
		const char *config, *pieces; /* of "Ab \u00E1b", a piece or the unknown one each */
	} cases[] = {
	        {"{}", "a@0-1 ##b@1-2 a@3-5 ##b@5-6"},
	        {"{\"do_lower_case\": false}", "[UNK]@0-2 [UNK]@3-6"},
	        {"{\"do_lower_case\": false, \"tokenizer_class\": \"ElectraTokenizerFast\"}", "[UNK]@0-2 [UNK]@3-6"},
	        {"{\"do_lower_case\": false, \"tokenizer_class\": \"PreTrainedTokenizerFast\"}",
	                "a@0-1 ##b@1-2 a@3-5 ##b@5-6"},
	        {"{\"strip_accents\": false, \"do_lower_case\": true}", "a@0-1 ##b@1-2 [UNK]@3-6"},
	        {"{\"strip_accents\": true, \"do_lower_case\": false}", "[UNK]@0-2 a@3-5 ##b@5-6"},
	        {"{\"strip_accents\": null, \"do_lower_case\": null}", "a@0-1 ##b@1-2 a@3-5 ##b@5-6"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sandbox sandbox;
		struct tokenizer *tokenizer = NULL;
		sandbox_init(&sandbox);
		sandbox_write(&sandbox, "tokenizer.json", "{" BERT ", " WORDS "}", strlen("{" BERT ", " WORDS "}"));
		sandbox_write(&sandbox, "tokenizer_config.json", cases[i].config, strlen(cases[i].config));
		assert_int_equal(tokenizer_read(&tokenizer, sandbox.folder, NULL), 0);
		expect_of(tokenizer, "Ab \u00E1b", cases[i].pieces);
		tokenizer_destroy(tokenizer);
		sandbox_finish(&sandbox);
	}
}

/* Whatever is left of a file, it is refused or read; nothing else happens. */
static void cut_everywhere(const char *name, const char *file, size_t step)
{
	struct sandbox sandbox;
	struct text path = TEXT_NULL;
	size_t length;
	text_printf(&path, "%s%s/%s", GOLDEN, name, file);
	char *bytes = sandbox_read(path.data, &length);
	sandbox_init(&sandbox);
	for (size_t cut = 0; cut < length; cut += step) {
		struct tokenizer *tokenizer = NULL;
		struct error error = {""};
		sandbox_write(&sandbox, file, bytes, cut);
		const int rc = tokenizer_read(&tokenizer, sandbox.folder, &error);
		assert_int_equal(rc == 0, tokenizer != NULL);
		assert_int_equal(rc == 0, *error.text == '\0');
		tokenizer_destroy(tokenizer);
	}
	memory_free(bytes);
	text_finish(&path);
	sandbox_finish(&sandbox);
}

static void files_may_be_cut_anywhere(void **state)
{
	(void)state;
	cut_everywhere("bert-uncased", "vocab.txt", 211);
	cut_everywhere("bert-uncased", "tokenizer.json", 307);
	cut_everywhere("roberta", "tokenizer.json", 401);
	cut_everywhere("xlm-roberta", "sentencepiece.bpe.model", 7919);
	cut_everywhere("xlm-roberta", "tokenizer.json", 17911);
}

/* A megabyte without a blank: ends soon, whatever it repeats. */
static void long_words_take_no_longer_than_their_length(void **state)
{
	(void)state;
	static const struct {
		const char *name, *file;
	} tokenizers[] = {{"bert-uncased", "tokenizer.json"}, {"roberta", "tokenizer.json"},
	        {"xlm-roberta", "tokenizer.json"}, {"xlm-roberta", "sentencepiece.bpe.model"}};
	static const char *const words[] = {
	        "a", "\uAC00", "e\u0301\u0316", "\u1112\u1161\u11AB", "\u4E2D", "'", "<mask"};
	enum { LENGTH = 1 << 18 };
	char *text = memory_alloc(LENGTH, 1);
	for (size_t i = 0; i < sizeof tokenizers / sizeof *tokenizers; i++) {
		struct tokenizer *tokenizer =
		        read_golden(tokenizers[i].name, (const char *const[]){tokenizers[i].file, NULL});
		for (size_t word = 0; word < sizeof words / sizeof *words; word++) {
			struct token_pieces pieces = TOKEN_PIECES_NULL;
			const size_t size = strlen(words[word]);
			for (size_t at = 0; at + size <= LENGTH; at += size)
				memcpy(text + at, words[word], size);
			assert_int_equal(tokenizer_encode(&pieces, tokenizer, text, LENGTH / size * size), 0);
			assert_true(pieces.count > 0);
			token_pieces_finish(&pieces);
		}
		tokenizer_destroy(tokenizer);
	}
	memory_free(text);
}

static void fail_each_allocation(const char *name, const char *bytes)
{
	struct sandbox sandbox;
	int rc = -ENOMEM;
	sandbox_init(&sandbox);
	sandbox_write(&sandbox, name, bytes, strlen(bytes));
	sandbox_write(&sandbox, "tokenizer_config.json", "{\"strip_accents\": true}", 23);
	sandbox_write(&sandbox, "added_tokens.json", "{\"<e>\": 40}", 11);
	for (long fault = 1; rc != 0; fault++) {
		struct tokenizer *tokenizer = NULL;
		struct token_pieces pieces = TOKEN_PIECES_NULL;
		char digest[SHA256_HEX_BYTES];
		memory_fault_after(fault);
		rc = tokenizer_read(&tokenizer, sandbox.folder, NULL);
		if (rc == 0)
			rc = tokenizer_encode(&pieces, tokenizer, "ab <e> \u00C9\u0301", 11);
		if (rc == 0)
			rc = tokenizer_add(tokenizer, "<f>") < 0 ? -ENOMEM : 0;
		if (rc == 0)
			rc = tokenizer_digest(digest, tokenizer);
		if (rc == 0)
			rc = tokenizer_write(tokenizer, sandbox.folder, NULL);
		assert_false(rc == 0 && memory_fault_happened());
		memory_fault_after(0);
		token_pieces_finish(&pieces);
		tokenizer_destroy(tokenizer);
	}
	sandbox_finish(&sandbox);
}

static void no_allocation_may_fail_unnoticed(void **state)
{
	(void)state;
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	fail_each_allocation("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nab\n##c\n");
	fail_each_allocation("tokenizer.json", "{" BERT ", " WORDS "}");
	fail_each_allocation("tokenizer.json", "{" UNIGRAM "}");
	cJSON_InitHooks(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pieces_know_the_bytes_they_come_from),
	        cmocka_unit_test(byte_pairs_stand_for_whole_characters),
	        cmocka_unit_test(unigram_pieces_take_the_blank_before_them),
	        cmocka_unit_test(malformed_bytes_count_as_replacement_characters),
	        cmocka_unit_test(special_tokens_go_by_the_files_beside),
	        cmocka_unit_test(tokens_added_by_others_are_found),
	        cmocka_unit_test(files_are_written_byte_for_byte),
	        cmocka_unit_test(added_tokens_are_there_when_it_is_read_again),
	        cmocka_unit_test(a_file_without_added_tokens_gets_them),
	        cmocka_unit_test(whoever_trains_hears_that_syllables_come_apart),
	        cmocka_unit_test(what_is_not_known_is_refused_with_one_sentence),
	        cmocka_unit_test(another_class_of_tokenizer_is_refused),
	        cmocka_unit_test(a_bert_tokenizer_goes_by_what_is_said_beside_it),
	        cmocka_unit_test(files_may_be_cut_anywhere),
	        cmocka_unit_test(long_words_take_no_longer_than_their_length),
	        cmocka_unit_test(no_allocation_may_fail_unnoticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
