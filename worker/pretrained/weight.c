#include "worker/pretrained/weight.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "schema/base/words.h"

static const char *const kind_names[] = {[WEIGHT_F32] = "F32",
        [WEIGHT_F16] = "F16",
        [WEIGHT_BF16] = "BF16",
        [WEIGHT_F64] = "F64",
        [WEIGHT_I64] = "I64",
        [WEIGHT_I32] = "I32",
        [WEIGHT_I16] = "I16",
        [WEIGHT_I8] = "I8",
        [WEIGHT_U64] = "U64",
        [WEIGHT_U32] = "U32",
        [WEIGHT_U16] = "U16",
        [WEIGHT_U8] = "U8",
        [WEIGHT_BOOL] = "BOOL",
        [WEIGHT_F8_E4M3] = "F8_E4M3",
        [WEIGHT_F8_E5M2] = "F8_E5M2"};
static const struct words kinds = WORDS(kind_names);

static const unsigned char kind_bytes[] = {[WEIGHT_F32] = 4,
        [WEIGHT_F16] = 2,
        [WEIGHT_BF16] = 2,
        [WEIGHT_F64] = 8,
        [WEIGHT_I64] = 8,
        [WEIGHT_I32] = 4,
        [WEIGHT_I16] = 2,
        [WEIGHT_I8] = 1,
        [WEIGHT_U64] = 8,
        [WEIGHT_U32] = 4,
        [WEIGHT_U16] = 2,
        [WEIGHT_U8] = 1,
        [WEIGHT_BOOL] = 1,
        [WEIGHT_F8_E4M3] = 1,
        [WEIGHT_F8_E5M2] = 1};

const char *weight_kind_name(enum weight_kind kind)
{
	return words_name(&kinds, (int)kind);
}

int weight_kind_find(const char *name)
{
	return words_find(&kinds, name);
}

size_t weight_kind_bytes(enum weight_kind kind)
{
	return kind_bytes[kind];
}

size_t weight_count(const struct weight *weight)
{
	size_t count = 1;
	for (size_t i = 0; i < weight->dims; i++)
		count *= weight->shape[i];
	return count;
}

void weight_set_strides(struct weight *weight)
{
	size_t stride = 1;
	for (size_t i = weight->dims; i-- > 0;) {
		weight->strides[i] = stride;
		stride *= weight->shape[i];
	}
}

bool weight_shape_count(size_t *out, const struct weight *weight)
{
	const size_t most = PTRDIFF_MAX / kind_bytes[weight->kind];
	size_t count = 1;
	bool empty = false;
	for (size_t i = 0; i < weight->dims; i++) {
		empty = empty || weight->shape[i] == 0;
		if (!empty && weight->shape[i] > most / count)
			return false;
		count *= empty ? 1 : weight->shape[i];
	}
	*out = empty ? 0 : count;
	return true;
}

/* The dimension with the smallest stride that is at least `least` among those of several rows and
 * not yet `used`; WEIGHT_DIMS_MAX when there is none. */
static size_t next_dimension(const struct weight *weight, unsigned used)
{
	size_t best = WEIGHT_DIMS_MAX;
	for (size_t i = 0; i < weight->dims; i++)
		if (!(used & 1u << i) && weight->shape[i] > 1 &&
		        (best == WEIGHT_DIMS_MAX || weight->strides[i] < weight->strides[best]))
			best = i;
	return best;
}

bool weight_span(size_t *out, const struct weight *weight)
{
	const size_t most = PTRDIFF_MAX / kind_bytes[weight->kind];
	size_t count, span = 1, dim;
	if (!weight_shape_count(&count, weight))
		return false;
	if (count == 0) {
		*out = 0;
		return true;
	}
	for (unsigned used = 0; (dim = next_dimension(weight, used)) < WEIGHT_DIMS_MAX; used |= 1u << dim) {
		if (weight->strides[dim] < span || weight->strides[dim] > (most - span) / (weight->shape[dim] - 1))
			return false;
		span += (weight->shape[dim] - 1) * weight->strides[dim];
	}
	*out = span;
	return true;
}

static uint64_t little_endian(const unsigned char *bytes, size_t count)
{
	uint64_t value = 0;
	for (size_t i = count; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static float float_of_bits(uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static float read_f32(const unsigned char *bytes)
{
	return float_of_bits((uint32_t)little_endian(bytes, 4));
}

static float read_bf16(const unsigned char *bytes)
{
	return float_of_bits((uint32_t)little_endian(bytes, 2) << 16);
}

/* IEEE 754 binary16: 5 bits of exponent, of which 0 is for what is smaller than 2^-14 and 31 for
 * what is no number. */
static float read_f16(const unsigned char *bytes)
{
	const uint32_t half = (uint32_t)little_endian(bytes, 2), sign = (half & 0x8000u) << 16;
	const uint32_t exponent = half >> 10 & 31, fraction = half & 0x3ffu;
	if (exponent == 31)
		return float_of_bits(sign | 0x7f800000u | fraction << 13);
	if (exponent > 0)
		return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
	const float small = (float)fraction * 0x1p-24f;
	return sign ? -small : small;
}

static float read_f64(const unsigned char *bytes)
{
	const uint64_t bits = little_endian(bytes, 8);
	double value;
	memcpy(&value, &bits, sizeof value);
	return (float)value;
}

typedef float number_reader(const unsigned char *bytes);
static number_reader *const readers[] = {
        [WEIGHT_F32] = read_f32, [WEIGHT_F16] = read_f16, [WEIGHT_BF16] = read_bf16, [WEIGHT_F64] = read_f64};

/* The same as the readers, a row at a time, where the compiler can see what is done. */
static void read_row(float *out, const unsigned char *bytes, size_t count, enum weight_kind kind)
{
	if (kind == WEIGHT_F32)
		for (size_t i = 0; i < count; i++)
			out[i] = read_f32(bytes + 4 * i);
	else if (kind == WEIGHT_F16)
		for (size_t i = 0; i < count; i++)
			out[i] = read_f16(bytes + 2 * i);
	else if (kind == WEIGHT_BF16)
		for (size_t i = 0; i < count; i++)
			out[i] = read_bf16(bytes + 2 * i);
	else
		for (size_t i = 0; i < count; i++)
			out[i] = read_f64(bytes + 8 * i);
}

/* Where the number at `index` (row-major) lies, in numbers from the first. */
static size_t place_of(const struct weight *weight, size_t index)
{
	size_t place = 0;
	for (size_t i = weight->dims; i-- > 0; index /= weight->shape[i])
		place += index % weight->shape[i] * weight->strides[i];
	return place;
}

bool weight_read(float *out, const struct weight *weight)
{
	if (weight->kind >= sizeof readers / sizeof *readers)
		return false;
	const size_t count = weight_count(weight), bytes = kind_bytes[weight->kind];
	const size_t row = weight->dims ? weight->shape[weight->dims - 1] : 1;
	const size_t stride = weight->dims ? weight->strides[weight->dims - 1] : 1;
	for (size_t at = 0; at < count; at += row) {
		const unsigned char *from = weight->data + place_of(weight, at) * bytes;
		if (stride == 1 || row == 1)
			read_row(out + at, from, row, weight->kind);
		else
			for (size_t i = 0; i < row; i++)
				out[at + i] = readers[weight->kind](from + i * stride * bytes);
	}
	return true;
}

bool weight_read_whole(int64_t *out, const struct weight *weight)
{
	const size_t count = weight_count(weight), bytes = kind_bytes[weight->kind];
	struct weight plain = *weight;
	weight_set_strides(&plain);
	if (weight->kind < WEIGHT_I64 || weight->kind > WEIGHT_I8 ||
	        memcmp(plain.strides, weight->strides, weight->dims * sizeof *plain.strides) != 0)
		return false;
	assert(bytes >= 1 && bytes <= 8);
	const unsigned unused = 64 - 8 * (unsigned)bytes;
	for (size_t i = 0; i < count; i++)
		out[i] = (int64_t)(little_endian(weight->data + i * bytes, bytes) << unused) >> unused;
	return true;
}

bool weight_name_is_fine(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f || name[i] == '"' || name[i] == '\\')
			return false;
	return length > 0 && length <= WEIGHT_NAME_MAX && utf8_valid(name, length);
}

int weight_list_add(
        struct weight_list *list, const struct weight *weight, size_t length, const char *file, struct error *error)
{
	assert(!list->by_name);
	if (!weight_name_is_fine(weight->name, length))
		return error_set(error, -EINVAL, "%s: tensor %zu has a name that is none", file, list->count + 1);
	if (array_reserve(list->items, &list->capacity, list->count + 1) < 0)
		return error_no_memory(error);
	const char *name = arena_strndup(&list->names, weight->name, length);
	if (!name)
		return error_no_memory(error);
	list->items[list->count] = *weight;
	list->items[list->count++].name = name;
	return 0;
}

/* What qsort needs to see of the list. */
struct named {
	const char *name;
	size_t item;
};

static int compare_names(const void *left, const void *right)
{
	return strcmp(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static int check_names(const struct named *sorted, size_t count, const char *folder, struct error *error)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
			return error_set(error, -EINVAL, "%s: there are two tensors %.100s", folder, sorted[i].name);
	return 0;
}

int weight_list_index(struct weight_list *list, const char *folder, struct error *error)
{
	assert(!list->by_name);
	struct named *sorted = memory_alloc(list->count, sizeof *sorted);
	size_t *by_name = memory_alloc(list->count, sizeof *by_name);
	int rc = sorted && by_name ? 0 : error_no_memory(error);
	for (size_t i = 0; rc == 0 && i < list->count; i++)
		sorted[i] = (struct named){list->items[i].name, i};
	if (rc == 0) {
		qsort(sorted, list->count, sizeof *sorted, compare_names);
		rc = check_names(sorted, list->count, folder, error);
	}
	for (size_t i = 0; rc == 0 && i < list->count; i++)
		by_name[i] = sorted[i].item;
	memory_free(sorted);
	if (rc == 0)
		list->by_name = by_name;
	else
		memory_free(by_name);
	return rc;
}

const struct weight *weight_list_find(const struct weight_list *list, const char *name)
{
	assert(list->by_name || list->count == 0);
	size_t low = 0, high = list->count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct weight *weight = &list->items[list->by_name[middle]];
		const int order = strcmp(name, weight->name);
		if (order == 0)
			return weight;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void weight_list_finish(struct weight_list *list)
{
	memory_free(list->items);
	memory_free(list->by_name);
	arena_finish(&list->names);
	*list = (struct weight_list){0};
}
