#include "worker/network/arrays.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

_Static_assert(sizeof(size_t) == 8, "counts are kept as 64-bit numbers");

#define HEADER_START "{\"__metadata__\":{"
#define LENGTH_BYTES 8

static const struct {
	const char *name;
	size_t bytes;
} kinds[] = {
        [ARRAY_BYTE] = {"U8", 1}, [ARRAY_FLOAT] = {"F32", 4}, [ARRAY_DOUBLE] = {"F64", 8}, [ARRAY_COUNT] = {"U64", 8}};

void arrays_finish(struct arrays *arrays)
{
	memory_free(arrays->items);
	*arrays = ARRAYS_NULL;
}

void arrays_add(struct arrays *arrays, const char *name, enum array_kind kind, void *data, const size_t shape[2])
{
	arrays->failed = arrays->failed || array_reserve(arrays->items, &arrays->capacity, arrays->count + 1) < 0;
	if (arrays->failed)
		return;
	assert(strlen(name) < sizeof arrays->items->name && !strchr(name, '"'));
	struct array *array = &arrays->items[arrays->count++];
	*array = (struct array){.kind = kind, .shape = {shape[0], shape[1]}, .data = data};
	snprintf(array->name, sizeof array->name, "%s", name);
}

static size_t bytes_of(const struct array *array)
{
	return array->shape[0] * (array->shape[1] ? array->shape[1] : 1) * kinds[array->kind].bytes;
}

size_t arrays_bytes(const struct arrays *arrays)
{
	size_t sum = 0;
	for (size_t i = 0; i < arrays->count; i++)
		sum += bytes_of(&arrays->items[i]);
	return sum;
}

/* The header, filled with spaces so that the arrays begin at a multiple of eight. */
static void print_header(struct text *out, const struct arrays *arrays, const char *metadata)
{
	size_t offset = 0;
	text_printf(out, HEADER_START "%s}", metadata);
	for (size_t i = 0; i < arrays->count; i++) {
		const struct array *array = &arrays->items[i];
		const size_t end = offset + bytes_of(array);
		text_printf(out, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%zu", array->name, kinds[array->kind].name,
		        array->shape[0]);
		if (array->shape[1])
			text_printf(out, ",%zu", array->shape[1]);
		text_printf(out, "],\"data_offsets\":[%zu,%zu]}", offset, end);
		offset = end;
	}
	text_append(out, "}");
	while (!out->failed && out->length % 8)
		text_append(out, " ");
	out->failed |= arrays->failed;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__

/* Files are little-endian: here the bytes of each item are reversed. */
static void swap_bytes(char *bytes, size_t length, size_t item_bytes)
{
	for (char *item = bytes; item < bytes + length; item += item_bytes)
		for (size_t i = 0; i < item_bytes / 2; i++) {
			const char byte = item[i];
			item[i] = item[item_bytes - 1 - i];
			item[item_bytes - 1 - i] = byte;
		}
}

static int write_data(struct sink *out, const struct array *array)
{
	char piece[4096];
	const size_t length = bytes_of(array);
	int rc = 0;
	for (size_t at = 0, count; rc == 0 && at < length; at += count) {
		count = length - at < sizeof piece ? length - at : sizeof piece;
		memcpy(piece, (const char *)array->data + at, count);
		swap_bytes(piece, count, kinds[array->kind].bytes);
		rc = out->put(out, piece, count);
	}
	return rc;
}

#else

static void swap_bytes(char *bytes, size_t length, size_t item_bytes)
{
	(void)bytes;
	(void)length;
	(void)item_bytes;
}

static int write_data(struct sink *out, const struct array *array)
{
	return out->put(out, array->data, bytes_of(array));
}

#endif

static int write_header(struct sink *out, const struct text *header)
{
	uint64_t length = header->length;
	const struct array first = {.kind = ARRAY_COUNT, .shape = {1, 0}, .data = &length};
	int rc = header->failed ? -ENOMEM : write_data(out, &first);
	return rc == 0 ? out->put(out, text_string(header), header->length) : rc;
}

int arrays_write(struct sink *out, const struct arrays *arrays, const char *metadata)
{
	struct text header = TEXT_NULL;
	print_header(&header, arrays, metadata);
	int rc = write_header(out, &header);
	for (size_t i = 0; rc == 0 && i < arrays->count; i++)
		rc = write_data(out, &arrays->items[i]);
	text_finish(&header);
	return rc;
}

void arrays_print(struct text *out, const struct arrays *arrays, const char *metadata)
{
	struct text_sink sink = text_sink(out);
	out->failed |= arrays_write(&sink.sink, arrays, metadata) < 0;
}

static uint64_t read_length(const char *file)
{
	uint64_t length = 0;
	for (size_t i = LENGTH_BYTES; i-- > 0;)
		length = length << 8 | (unsigned char)file[i];
	return length;
}

/* A file of these arrays has exactly this header. */
static int check_header(const struct text *header, const struct arrays *arrays, struct source *file)
{
	const size_t begin = LENGTH_BYTES + header->length;
	if (header->failed)
		return -ENOMEM;
	if (file->length != begin + arrays_bytes(arrays))
		return -EINVAL;
	char *found = memory_alloc(begin, 1);
	if (!found)
		return -ENOMEM;
	int rc = file->read(file, found, 0, begin);
	if (rc == 0 && (read_length(found) != header->length ||
	                       memcmp(found + LENGTH_BYTES, header->data, header->length) != 0))
		rc = -EINVAL;
	memory_free(found);
	return rc;
}

/* A file that has become shorter since its length was taken is an accident: arrays are filled. */
static int fill(const struct arrays *arrays, struct source *file, size_t at)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < arrays->count; i++) {
		const struct array *array = &arrays->items[i];
		const size_t count = bytes_of(array);
		rc = file->read(file, array->data, at, count);
		swap_bytes(array->data, rc == 0 ? count : 0, kinds[array->kind].bytes);
		at += count;
	}
	return rc == -EINVAL ? -EIO : rc;
}

int arrays_load(const struct arrays *arrays, const char *metadata, struct source *file)
{
	struct text header = TEXT_NULL;
	print_header(&header, arrays, metadata);
	int rc = check_header(&header, arrays, file);
	if (rc == 0)
		rc = fill(arrays, file, LENGTH_BYTES + header.length);
	text_finish(&header);
	return rc;
}

int arrays_read(const struct arrays *arrays, const char *metadata, const char *file, size_t length)
{
	struct bytes_source bytes = bytes_source(file, length);
	return arrays_load(arrays, metadata, &bytes.source);
}

static bool skip(const char **at, const char *words, const char *end)
{
	const size_t length = strlen(words);
	if ((size_t)(end - *at) < length || memcmp(*at, words, length) != 0)
		return false;
	*at += length;
	return true;
}

bool arrays_metadata_number(size_t *out, const char **at, const char *prefix, const char *file, size_t length)
{
	const char *here = *at ? *at : file + LENGTH_BYTES, *end = file + length;
	if (length < LENGTH_BYTES || (!*at && !skip(&here, HEADER_START, end)) || !skip(&here, prefix, end))
		return false;
	size_t number = 0;
	for (; here < end && *here >= '0' && *here <= '9' && number < UINT32_MAX; here++)
		number = 10 * number + (size_t)(*here - '0');
	*at = here;
	*out = number;
	return true;
}

size_t arrays_metadata_text(const char **out, const char **at, const char *prefix, const char *file, size_t length)
{
	const char *end = file + length;
	assert(*at && *at <= end);
	if (!skip(at, prefix, end))
		return 0;
	*out = *at;
	while (*at < end && **at != '"' && **at != '\\' && (unsigned char)**at >= ' ')
		++*at;
	return (size_t)(*at - *out);
}
