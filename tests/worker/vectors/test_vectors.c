/* Vectors of words: from word2vec's text and from folders, and what is wrong with either. */
#include <math.h>

#include "schema/base/memory.h"
#include "tests/worker/vectors/vector_sandbox.h"

/* Two numbers a word: in each place the mean is 1 and the mean of squares about it 1. */
static const char plain[] = "sea 0 2\nShip 2 0\nsky 0 0\nair 2 2\n";

static void expect_mean(const struct vectors *vectors, const char *text, const float *expected)
{
	float mean[8] = {7};
	assert_true(vectors->width <= 8);
	assert_int_equal(vectors_mean(mean, vectors, text, strlen(text)), expected ? 1 : 0);
	for (size_t i = 0; i < vectors->width; i++)
		assert_float_equal(mean[i], (expected ? expected[i] : 0), 1e-6);
}

static void words_have_the_vectors_of_the_file(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(plain);
	assert_int_equal(vectors->width, 2);
	assert_int_equal(vectors->count, 4);
	expect_mean(vectors, "sea", (const float[]){-1, 1});
	expect_mean(vectors, "ship", (const float[]){1, -1}); /* capital letters count as small ones */
	expect_mean(vectors, "Sea, sky", (const float[]){-1, 0});
	expect_mean(vectors, "land", NULL);
	expect_mean(vectors, "", NULL);
	vectors_destroy(vectors);
}

static void a_heading_and_blanks_at_the_end_do_no_harm(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read("4 2\r\nsea 0 2 \r\nship 2 0 \r\n\r\nsky 0 0\r\nair 2 2");
	assert_int_equal(vectors->count, 4);
	expect_mean(vectors, "air", (const float[]){1, 1});
	vectors_destroy(vectors);
}

static void what_is_no_single_word_is_passed_over(void **state)
{
	(void)state;
	struct vectors *vectors = vector_sandbox_read(
	        "sea 0 2\nnew york 5 5\nnew_york 5 5\n\xFF 5 5\nSEA 5 5\nship 2 0\nsky 0 0\nair 2 2\n");
	assert_int_equal(vectors->count, 4);
	expect_mean(vectors, "sea", (const float[]){-1, 1}); /* the first of two counts */
	vectors_destroy(vectors);
}

static void only_the_first_are_read(void **state)
{
	(void)state;
	struct vector_sandbox sandbox;
	struct vectors *vectors = NULL, *all = vector_sandbox_read(plain);
	vector_sandbox_init(&sandbox);
	vector_sandbox_write(sandbox.file, plain, strlen(plain));
	assert_int_equal(vectors_file_read(&vectors, sandbox.file, 2, NULL), 0);
	assert_int_equal(vectors->count, 2);
	assert_string_not_equal(vectors->digest, all->digest);
	vectors_destroy(vectors);
	vectors_destroy(all);
	vector_sandbox_finish(&sandbox);
}

static void a_damaged_file_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *sentence;
	} cases[] = {
	        {"\n", "line 1: expected a word and 1 to 4096 numbers"},
	        {"3 0\n", "line 1: expected a word and 1 to 4096 numbers"},
	        {"3 99999999999\n", "line 1: expected a word and 1 to 4096 numbers"},
	        {"4 2\n", "line 1: expected at least one word"},
	        {"a 1 2\nb 1\n", "line 2: expected a word and as many numbers as before"},
	        {"a 1 2\nb 1 x\n", "line 2: expected numbers behind the word"},
	        {"a 1 nan\n", "line 1: expected numbers behind the word"},
	        {"a 1 1e40\n", "line 1: expected numbers behind the word"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vector_sandbox sandbox;
		struct vectors *vectors = NULL;
		struct error error = {""};
		vector_sandbox_init(&sandbox);
		vector_sandbox_write(sandbox.file, cases[i].text, strlen(cases[i].text));
		assert_int_equal(vectors_file_read(&vectors, sandbox.file, 100, &error), -EINVAL);
		assert_null(vectors);
		if (!strstr(error.text, cases[i].sentence))
			print_error("case %zu: %s\n", i, error.text);
		assert_non_null(strstr(error.text, cases[i].sentence));
		assert_non_null(strstr(error.text, sandbox.file));
		vector_sandbox_finish(&sandbox);
	}
}

struct tensor_bytes {
	const char *name, *kind, *shape; /* "F32", "4,2" */
	const void *data;
	size_t bytes;
};

/* A safetensors file of tensors, ended by one without a name, and a tokenizer beside it. */
static void write_tensors(const struct vector_sandbox *sandbox, const struct tensor_bytes *tensors)
{
	char header[512] = "", path[96], data[256];
	size_t length = 0, size = 0;
	for (; tensors->name; tensors++) {
		assert_true(size + tensors->bytes <= sizeof data);
		length += (size_t)snprintf(header + length, sizeof header - length,
		        "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}", length ? "," : "{",
		        tensors->name, tensors->kind, tensors->shape, size, size + tensors->bytes);
		memcpy(data + size, tensors->data, tensors->bytes);
		size += tensors->bytes;
	}
	header[length++] = '}';
	const uint64_t header_bytes = length;
	char bytes[sizeof header_bytes + sizeof header + sizeof data];
	memcpy(bytes, &header_bytes, 8);
	memcpy(bytes + 8, header, length);
	memcpy(bytes + 8 + length, data, size);
	snprintf(path, sizeof path, "%s/model.safetensors", sandbox->folder);
	vector_sandbox_write(path, bytes, 8 + length + size);
	snprintf(path, sizeof path, "%s/vocab.txt", sandbox->folder);
	vector_sandbox_write(path, "[UNK]\nsea\n##man\nship\n", 21);
}

/* Of one table (count, 2). */
static void write_folder(const struct vector_sandbox *sandbox, const char *name, const float *values, size_t count)
{
	char shape[32];
	snprintf(shape, sizeof shape, "%zu,2", count);
	write_tensors(sandbox, (const struct tensor_bytes[]){{name, "F32", shape, values, 8 * count}, {0}});
}

static const float table[] = {0, 2, 2, 0, 0, 0, 2, 2};

static void a_folder_has_vectors_of_pieces(void **state)
{
	(void)state;
	static const char *const names[] = {
	        "embeddings", "bert.embeddings.word_embeddings.weight", "0.embedding.weight"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct vector_sandbox sandbox;
		struct vectors *vectors = NULL;
		struct error error = {""};
		vector_sandbox_init(&sandbox);
		write_folder(&sandbox, names[i], table, 4);
		vectors_file_read(&vectors, sandbox.folder, 1, &error);
		assert_string_equal(error.text, "");
		assert_int_equal(vectors->count, 4);
		assert_int_equal(vectors->words.count, 2); /* sea and ship; the other pieces are none */
		expect_mean(vectors, "ship", (const float[]){1, 1});
		expect_mean(vectors, "Seaman", (const float[]){0, -1});
		expect_mean(vectors, "land", NULL);
		vectors_destroy(vectors);
		vector_sandbox_finish(&sandbox);
	}
}

static const float shared[] = {0, 2, 1, 0, 1, 1}, weights[] = {1, 2, 0, 2};
static const int64_t places[] = {0, 1, 0, 2};
#define SHARED                                                                                                         \
	{"embeddings", "F32", "3,2", shared, sizeof shared},                                                           \
	{                                                                                                              \
		"weights", "F32", "4", weights, sizeof weights                                                         \
	}

static void pieces_may_share_vectors_and_have_weights_and_few_bits(void **state)
{
	(void)state;
	static const int32_t short_places[] = {0, 1, 0, 2};
	static const signed char bits[] = {0, 127, 64, 0, 64, 64};
	const struct tensor_bytes variants[][4] = {
	        {SHARED, {"mapping", "I64", "4", places, sizeof places}},
	        {SHARED, {"mapping", "I32", "4", short_places, sizeof short_places}},
	        {{"embeddings", "I8", "3,2", bits, sizeof bits}, {"weights", "F32", "4", weights, sizeof weights},
	                {"mapping", "I64", "4", places, sizeof places}},
	};
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		struct vector_sandbox sandbox;
		struct vectors *vectors = NULL;
		struct error error = {""};
		float mean[2];
		vector_sandbox_init(&sandbox);
		write_tensors(&sandbox, variants[i]);
		vectors_file_read(&vectors, sandbox.folder, 1, &error);
		assert_string_equal(error.text, "");
		assert_int_equal(vectors->count, 4);
		assert_int_equal(vectors_mean(mean, vectors, "ship", 4), 1);
		for (size_t j = 0; j < 2; j++)
			assert_true(fabsf(mean[j] - 1) < 0.02F);
		vectors_destroy(vectors);
		vector_sandbox_finish(&sandbox);
	}
}

static void places_of_shared_vectors_that_are_none_are_refused(void **state)
{
	(void)state;
	static const int64_t beyond[] = {0, 1, 3, 2}, below[] = {0, 1, -1, 2};
	static const struct {
		struct tensor_bytes tensors[4];
		const char *sentence;
	} cases[] = {
	        {{SHARED, {"mapping", "I64", "4", beyond, sizeof beyond}}, "mapping: piece 2 has vector 3 of 3"},
	        {{SHARED, {"mapping", "I64", "4", below, sizeof below}}, "mapping: piece 2 has vector -1 of 3"},
	        {{SHARED, {"mapping", "F32", "4", weights, sizeof weights}}, "mapping: expected whole numbers"},
	        {{SHARED, {"mapping", "I64", "3", places, 24}}, "weights: expected a number for each of 3 vectors"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vector_sandbox sandbox;
		struct vectors *vectors = NULL;
		struct error error = {""};
		vector_sandbox_init(&sandbox);
		write_tensors(&sandbox, cases[i].tensors);
		assert_int_equal(vectors_file_read(&vectors, sandbox.folder, 1, &error), -EINVAL);
		assert_non_null(strstr(error.text, cases[i].sentence));
		vector_sandbox_finish(&sandbox);
	}
}

static void a_folder_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	static const float broken[] = {0, 2, 2, 0, 0, 0, 2, INFINITY};
	static const struct {
		const char *name;
		const float *values;
		size_t count;
		const char *sentence;
	} cases[] = {
	        {"classifier.weight", table, 4, "expected a table of vectors"},
	        {"embeddings", table, 3, "its tokenizer has 4 pieces, its table only 3 vectors"},
	        {"embeddings", broken, 4, "embeddings holds what is no number"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vector_sandbox sandbox;
		struct vectors *vectors = NULL;
		struct error error = {""};
		vector_sandbox_init(&sandbox);
		write_folder(&sandbox, cases[i].name, cases[i].values, cases[i].count);
		assert_int_equal(vectors_file_read(&vectors, sandbox.folder, 1, &error), -EINVAL);
		assert_non_null(strstr(error.text, cases[i].sentence));
		vector_sandbox_finish(&sandbox);
	}
}

static void no_allocation_may_fail_unnoticed(void **state)
{
	(void)state;
	struct vector_sandbox sandbox;
	vector_sandbox_init(&sandbox);
	vector_sandbox_write(sandbox.file, plain, strlen(plain));
	write_tensors(
	        &sandbox, (const struct tensor_bytes[]){SHARED, {"mapping", "I64", "4", places, sizeof places}, {0}});
	for (int folder = 0; folder < 2; folder++) {
		int rc = -ENOMEM;
		for (long fault = 1; rc == -ENOMEM; fault++) {
			struct vectors *vectors = NULL;
			float mean[2];
			memory_fault_after(fault);
			rc = vectors_file_read(&vectors, folder ? sandbox.folder : sandbox.file, 100, NULL);
			if (rc == 0)
				rc = vectors_mean(mean, vectors, "sea ship", 8);
			assert_true(rc == -ENOMEM || !memory_fault_happened());
			memory_fault_after(0);
			vectors_destroy(vectors);
		}
		assert_int_equal(rc, 1);
	}
	vector_sandbox_finish(&sandbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words_have_the_vectors_of_the_file),
	        cmocka_unit_test(a_heading_and_blanks_at_the_end_do_no_harm),
	        cmocka_unit_test(what_is_no_single_word_is_passed_over),
	        cmocka_unit_test(only_the_first_are_read),
	        cmocka_unit_test(a_damaged_file_is_refused_with_its_line),
	        cmocka_unit_test(a_folder_has_vectors_of_pieces),
	        cmocka_unit_test(pieces_may_share_vectors_and_have_weights_and_few_bits),
	        cmocka_unit_test(places_of_shared_vectors_that_are_none_are_refused),
	        cmocka_unit_test(a_folder_that_does_not_fit_is_refused),
	        cmocka_unit_test(no_allocation_may_fail_unnoticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
