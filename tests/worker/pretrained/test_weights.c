/* Weights of pretrained folders: however they lie there, they are the same numbers, and what does
 * not lie there as it should is refused. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tests/worker/pretrained/files.h"
#include "worker/pretrained/safetensors.h"
#include "worker/pretrained/torch_file.h"
#include "worker/pretrained/weights.h"

typedef int file_reader(struct weight_list *out, const struct mapped_file *file, struct error *error);

/* The numbers of every tensor, whatever comes of them. */
static void read_all(const struct weight_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const size_t count = weight_count(&list->items[i]);
		float *numbers = malloc((count ? count : 1) * sizeof *numbers);
		assert_non_null(numbers);
		weight_read(numbers, &list->items[i]);
		free(numbers);
	}
}

static void assert_same(const struct weight *a, const struct weight *b)
{
	float left[64], right[64];
	assert_non_null(b);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->dims, b->dims);
	assert_memory_equal(a->shape, b->shape, sizeof a->shape);
	assert_true(weight_count(a) <= 64);
	assert_int_equal(weight_read(left, a), a->kind != WEIGHT_I64);
	assert_int_equal(weight_read(right, b), b->kind != WEIGHT_I64);
	if (a->kind != WEIGHT_I64)
		assert_memory_equal(left, right, weight_count(a) * sizeof *left);
}

static void the_three_forms_of_a_state_are_the_same_numbers(void **state)
{
	(void)state;
	static const char *const others[] = {PRETRAINED_GOLDEN "/archive", PRETRAINED_GOLDEN "/legacy"};
	struct weights plain, other;
	assert_int_equal(weights_open(&plain, PRETRAINED_GOLDEN "/plain", NULL), 0);
	assert_int_equal(plain.list.count, 14);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(weights_open(&other, others[i], NULL), 0);
		assert_int_equal(other.list.count, plain.list.count);
		for (size_t j = 0; j < plain.list.count; j++)
			assert_same(&plain.list.items[j], weight_list_find(&other.list, plain.list.items[j].name));
		weights_close(&other);
	}
	weights_close(&plain);
}

static void tensors_come_in_the_order_of_the_file(void **state)
{
	(void)state;
	struct weights weights;
	assert_int_equal(weights_open(&weights, PRETRAINED_GOLDEN "/archive", NULL), 0);
	assert_string_equal(weights.list.items[0].name, "embeddings.position_ids");
	assert_string_equal(weights.list.items[9].name, "encoder.layer.0.LayerNorm.gamma");
	assert_string_equal(weights.list.items[13].name, "lm_head.decoder.weight");
	assert_null(weight_list_find(&weights.list, "lm_head.decoder.bias"));
	weights_close(&weights);
}

/* By the definition, not as it is computed. */
static double half_value(unsigned bits)
{
	const unsigned exponent = bits >> 10 & 31, fraction = bits & 1023;
	const double size = exponent ? ldexp(1024 + fraction, (int)exponent - 25) : ldexp(fraction, -24);
	return bits & 0x8000 ? -size : size;
}

static void every_half_is_read_as_it_is_defined(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 65536; bits++) {
		const unsigned char bytes[2] = {(unsigned char)bits, (unsigned char)(bits >> 8)};
		const struct weight half = {.kind = WEIGHT_F16, .data = bytes};
		float value;
		assert_true(weight_read(&value, &half));
		if ((bits & 0x7c00) != 0x7c00)
			assert_true((double)value == half_value(bits) && !!signbit(value) == (bits > 0x7fff));
		else
			assert_true(bits & 0x3ff ? isnan(value) : isinf(value) && (value < 0) == (bits > 0x7fff));
	}
}

static void a_short_float_is_the_upper_half_of_a_float(void **state)
{
	(void)state;
	const unsigned char bytes[] = {0x80, 0x3f, 0x49, 0xc0};
	const struct weight weight = {.kind = WEIGHT_BF16, .dims = 1, .shape = {2}, .strides = {1}, .data = bytes};
	float values[2];
	assert_true(weight_read(values, &weight));
	assert_true(values[0] == 1.0f && values[1] == -3.140625f);
}

/* Two shards of one tensor each, and the list of them. */
static void put_shards(const struct test_folder *folder, const char *map)
{
	struct text first = TEXT_NULL, second = TEXT_NULL, index = TEXT_NULL;
	safetensors_print(&first, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
	safetensors_print(&second, "{\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4);
	text_printf(&index, "{\"metadata\":{\"total_size\":8},\"weight_map\":%s}", map);
	put_file(folder, "one.safetensors", first.data, first.length);
	put_file(folder, "two.safetensors", second.data, second.length);
	put_text(folder, "model.safetensors.index.json", index.data);
	text_finish(&first);
	text_finish(&second);
	text_finish(&index);
}

static void shards_are_one_model(void **state)
{
	(void)state;
	const struct test_folder folder = make_folder();
	struct weights weights;
	put_shards(&folder, "{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"}");
	assert_int_equal(weights_open(&weights, folder.path, NULL), 0);
	assert_int_equal(weights.file_count, 2);
	assert_int_equal(weight_list_find(&weights.list, "a")->kind, WEIGHT_F32);
	assert_int_equal(weight_list_find(&weights.list, "b")->kind, WEIGHT_F16);
	weights_close(&weights);
	remove_folder(&folder);
}

static void lists_of_shards_that_are_wrong_are_refused(void **state)
{
	(void)state;
	static const char *const maps[][2] = {
	        {"{\"a\":\"../one.safetensors\"}", "something else than the name of a file"},
	        {"{\"a\":\"/one.safetensors\"}", "something else than the name of a file"},
	        {"{\"a\":\"..\"}", "something else than the name of a file"},
	        {"{\"a\":\"\"}", "something else than the name of a file"},
	        {"{\"a\":3}", "something else than the name of a file"},
	        {"{}", "weight_map, which says"},
	        {"[]", "weight_map, which says"},
	        {"{\"a\":\"one.safetensors\",\"b\":\"one.safetensors\"}", "listed for one.safetensors is not in it"},
	        {"{\"a\":\"two.safetensors\",\"b\":\"one.safetensors\"}", "is not in it"},
	        {"{\"a\":\"one.safetensors\",\"b\":\"three.safetensors\"}", "three.safetensors: No such file"},
	        {"{\"a\":\"one.safetensors\"", "JSON: expected"},
	};
	const struct test_folder folder = make_folder();
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		struct weights weights = {0};
		struct error error = {""};
		put_shards(&folder, maps[i][0]);
		assert_int_equal(weights_open(&weights, folder.path, &error), -EINVAL);
		assert_non_null(strstr(error.text, maps[i][1]));
	}
	remove_folder(&folder);
}

static void a_tensor_of_two_shards_is_refused(void **state)
{
	(void)state;
	const struct test_folder folder = make_folder();
	struct weights weights = {0};
	struct error error = {""};
	struct text again = TEXT_NULL;
	put_shards(&folder, "{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"}");
	safetensors_print(&again, "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4);
	put_file(&folder, "one.safetensors", again.data, again.length);
	assert_int_equal(weights_open(&weights, folder.path, &error), -EINVAL);
	assert_non_null(strstr(error.text, "there are two tensors b"));
	text_finish(&again);
	remove_folder(&folder);
}

static void what_is_no_folder_of_weights_is_said_so(void **state)
{
	(void)state;
	const struct test_folder folder = make_folder();
	struct weights weights = {0};
	struct error error = {""};
	assert_int_equal(weights_open(&weights, folder.path, &error), -ENOENT);
	assert_non_null(strstr(error.text, "has neither model.safetensors nor pytorch_model.bin"));
	put_text(&folder, "model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
	assert_int_equal(weights_open(&weights, folder.path, &error), -EINVAL);
	assert_non_null(strstr(error.text, "git lfs pull"));
	put_text(&folder, "model.safetensors", "");
	assert_int_equal(weights_open(&weights, folder.path, &error), -EINVAL);
	assert_non_null(strstr(error.text, "is empty"));
	remove_folder(&folder);
}

static void a_digest_tells_files_apart(void **state)
{
	(void)state;
	struct weights weights;
	char digest[SHA256_HEX_BYTES], other[SHA256_HEX_BYTES];
	assert_int_equal(weights_open(&weights, PRETRAINED_GOLDEN "/plain", NULL), 0);
	weights_digest(digest, &weights);
	sha256_hex(other, weights.files[0].bytes, weights.files[0].length);
	assert_string_equal(digest, other);
	weights_close(&weights);
	assert_int_equal(weights_open(&weights, PRETRAINED_GOLDEN "/legacy", NULL), 0);
	weights_digest(other, &weights);
	assert_string_not_equal(digest, other);
	weights_close(&weights);
}

static const struct {
	const char *name;
	file_reader *read;
} forms[] = {{"plain/model.safetensors", safetensors_read}, {"archive/pytorch_model.bin", torch_file_read},
        {"legacy/pytorch_model.bin", torch_file_read}};
enum { FORMS = sizeof forms / sizeof *forms };

static void a_file_that_was_cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		struct mapped_file whole = golden_file(forms[i].name);
		for (size_t length = 0; length < whole.length; length++) {
			struct mapped_file cut = file_of(whole.bytes, length);
			struct weight_list list = {0};
			struct error error = {""};
			assert_int_equal(forms[i].read(&list, &cut, &error), -EINVAL);
			assert_non_null(strstr(error.text, "file"));
			weight_list_finish(&list);
			free_file(&cut);
		}
		free_file(&whole);
	}
}

/* Refused or not: what is read afterwards lies in the file. */
static void a_file_with_a_changed_byte_does_no_harm(void **state)
{
	(void)state;
	static const unsigned char changes[] = {0x01, 0x80, 0xff};
	for (size_t i = 0; i < FORMS * sizeof changes; i++) {
		struct mapped_file file = golden_file(forms[i % FORMS].name);
		unsigned char *bytes = (unsigned char *)(uintptr_t)file.bytes;
		for (size_t at = 0; at < file.length; at++) {
			struct weight_list list = {0};
			bytes[at] ^= changes[i / FORMS];
			if (forms[i % FORMS].read(&list, &file, NULL) == 0)
				read_all(&list);
			bytes[at] ^= changes[i / FORMS];
			weight_list_finish(&list);
		}
		free_file(&file);
	}
}

static void without_memory_nothing_is_opened(void **state)
{
	(void)state;
	static const char *const folders[] = {
	        PRETRAINED_GOLDEN "/plain", PRETRAINED_GOLDEN "/archive", PRETRAINED_GOLDEN "/legacy"};
	cJSON_InitHooks(&(cJSON_Hooks){memory_hook_malloc, memory_free});
	for (size_t i = 0; i < 3; i++) {
		int rc = -ENOMEM;
		for (long n = 1; rc < 0; n++) {
			struct weights weights = {0};
			memory_fault_after(n);
			rc = weights_open(&weights, folders[i], NULL);
			assert_int_equal(rc, memory_fault_happened() ? -ENOMEM : 0);
			memory_fault_after(0);
			weights_close(&weights);
		}
	}
	cJSON_InitHooks(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_three_forms_of_a_state_are_the_same_numbers),
	        cmocka_unit_test(tensors_come_in_the_order_of_the_file),
	        cmocka_unit_test(every_half_is_read_as_it_is_defined),
	        cmocka_unit_test(a_short_float_is_the_upper_half_of_a_float),
	        cmocka_unit_test(shards_are_one_model),
	        cmocka_unit_test(lists_of_shards_that_are_wrong_are_refused),
	        cmocka_unit_test(a_tensor_of_two_shards_is_refused),
	        cmocka_unit_test(what_is_no_folder_of_weights_is_said_so),
	        cmocka_unit_test(a_digest_tells_files_apart),
	        cmocka_unit_test(a_file_that_was_cut_off_anywhere_is_refused),
	        cmocka_unit_test(a_file_with_a_changed_byte_does_no_harm),
	        cmocka_unit_test(without_memory_nothing_is_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
