#include "worker/models/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

/* Adds one tensor to the header and moves the offset behind it. */
static void print_entry(struct text *out, const char *name, const size_t shape[2], size_t item_bytes, size_t *offset)
{
	const size_t end = *offset + shape[0] * (shape[1] ? shape[1] : 1) * item_bytes;
	text_printf(out, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%zu", name, item_bytes == 8 ? "U64" : "F32", shape[0]);
	if (shape[1])
		text_printf(out, ",%zu", shape[1]);
	text_printf(out, "],\"data_offsets\":[%zu,%zu]}", *offset, end);
	*offset = end;
}

/* The header, filled with spaces so that the tensors begin at a multiple of eight. */
static void print_header(struct text *out, const struct parameters *parameters, size_t tokens, size_t features)
{
	size_t offset = 0;
	text_printf(out, "{\"__metadata__\":{\"tokens\":\"%zu\",\"features\":\"%zu\"}", tokens, features);
	print_entry(out, "vocabulary", (const size_t[]){tokens, 0}, 8, &offset);
	print_entry(out, "features.keys", (const size_t[]){features, 0}, 8, &offset);
	print_entry(out, "features.rarity", (const size_t[]){features, 0}, 4, &offset);
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		print_entry(out, tensor->name, (const size_t[]){tensor->rows, tensor->columns}, 4, &offset);
	}
	text_append(out, "}");
	while (!out->failed && out->length % 8)
		text_append(out, " ");
}

void checkpoint_print(struct text *out, const struct checkpoint *checkpoint)
{
	const struct vocabulary *vocabulary = checkpoint->vocabulary, *features = &checkpoint->encoder->vocabulary;
	struct text header = TEXT_NULL;
	print_header(&header, checkpoint->parameters, vocabulary->count, features->count);
	bytes_put_u64(out, header.length);
	text_append_bytes(out, text_string(&header), header.length);
	for (size_t i = 0; i < vocabulary->count; i++)
		bytes_put_u64(out, vocabulary->keys[i]);
	for (size_t i = 0; i < features->count; i++)
		bytes_put_u64(out, features->keys[i]);
	for (size_t i = 0; i < features->count; i++)
		bytes_put_float(out, checkpoint->encoder->rarity[i]);
	for (size_t i = 0; i < checkpoint->parameters->count; i++)
		bytes_put_float(out, (float)checkpoint->values[i]);
	out->failed |= header.failed;
	text_finish(&header);
}

static bool expect(struct bytes *bytes, const char *words)
{
	const size_t length = strlen(words);
	if ((size_t)(bytes->end - bytes->at) < length || memcmp(bytes->at, words, length) != 0)
		return false;
	bytes->at += length;
	return true;
}

static size_t get_count(struct bytes *bytes)
{
	size_t count = 0;
	for (; bytes->at < bytes->end && *bytes->at >= '0' && *bytes->at <= '9' && count < UINT32_MAX; bytes->at++)
		count = 10 * count + (size_t)(*bytes->at - '0');
	return count;
}

int checkpoint_sizes(size_t *tokens, size_t *features, const char *data, size_t length)
{
	struct bytes bytes = {data, data + length, false};
	bytes_get_u64(&bytes);
	if (!expect(&bytes, "{\"__metadata__\":{\"tokens\":\""))
		return -EINVAL;
	const size_t token_count = get_count(&bytes);
	if (!expect(&bytes, "\",\"features\":\""))
		return -EINVAL;
	const size_t feature_count = get_count(&bytes);
	/* A short file cannot ask for much memory. */
	if (!expect(&bytes, "\"}") || token_count > length / 8 || feature_count > length / 12)
		return -EINVAL;
	*tokens = token_count;
	*features = feature_count;
	return 0;
}

static int get_keys(struct vocabulary *out, struct bytes *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t column;
		if (vocabulary_add(&column, out, bytes_get_u64(bytes)) < 0)
			return -ENOMEM;
		if (column != i)
			return -EINVAL;
	}
	return 0;
}

static int get_tensors(struct vocabulary *vocabulary, struct encoder *encoder, struct parameters *parameters,
        struct bytes *bytes, const size_t counts[2])
{
	int result = get_keys(vocabulary, bytes, counts[0]);
	if (result == 0)
		result = get_keys(&encoder->vocabulary, bytes, counts[1]);
	if (result < 0)
		return result;
	encoder->rarity = memory_alloc(counts[1], sizeof *encoder->rarity);
	if (counts[1] && !encoder->rarity)
		return -ENOMEM;
	for (size_t i = 0; i < counts[1]; i++) {
		if (feature_group_of(encoder->vocabulary.keys[i]) >= FEATURE_GROUPS)
			return -EINVAL;
		encoder->rarity[i] = bytes_get_float(bytes);
	}
	for (size_t i = 0; i < parameters->count; i++)
		parameters->values[i] = (real)bytes_get_float(bytes);
	return bytes->short_of || bytes->at != bytes->end ? -EINVAL : 0;
}

int checkpoint_read(struct vocabulary *vocabulary, struct encoder *encoder, struct parameters *parameters,
        const char *data, size_t length)
{
	struct bytes bytes = {data, data + length, false};
	size_t counts[2];
	struct text header = TEXT_NULL;
	int result = checkpoint_sizes(&counts[0], &counts[1], data, length);
	if (result < 0)
		return result;
	/* The header of such a network can only be this one. */
	print_header(&header, parameters, counts[0], counts[1]);
	if (header.failed)
		result = -ENOMEM;
	else if (bytes_get_u64(&bytes) != header.length || !expect(&bytes, header.data))
		result = -EINVAL;
	else
		result = get_tensors(vocabulary, encoder, parameters, &bytes, counts);
	text_finish(&header);
	return result;
}
