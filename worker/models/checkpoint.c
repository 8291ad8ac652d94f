#include "worker/models/checkpoint.h"

#include <errno.h>
#include <limits.h>
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
static void print_header(struct text *out, const struct parameters *parameters, const struct checkpoint_sizes *sizes)
{
	const size_t features = sizes->features;
	size_t offset = 0;
	text_printf(out, "{\"__metadata__\":{\"tokens\":\"%zu\",\"features\":\"%zu\"", sizes->tokens, features);
	if (sizes->merges)
		text_printf(out, ",\"merges\":\"%zu\"", sizes->merges);
	if (sizes->note_length)
		text_printf(out, ",\"note\":\"%.*s\"", (int)sizes->note_length, sizes->note);
	text_append(out, "}");
	print_entry(out, "vocabulary", (const size_t[]){sizes->tokens, 0}, 8, &offset);
	print_entry(out, "features.keys", (const size_t[]){features, 0}, 8, &offset);
	if (sizes->merges)
		print_entry(out, "merges", (const size_t[]){sizes->merges, 0}, 8, &offset);
	print_entry(out, "features.rarity", (const size_t[]){features, 0}, 4, &offset);
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		print_entry(out, tensor->name, (const size_t[]){tensor->rows, tensor->columns}, 4, &offset);
	}
	text_append(out, "}");
	while (!out->failed && out->length % 8)
		text_append(out, " ");
}

static void print_keys(struct text *out, const struct vocabulary *vocabulary)
{
	for (size_t i = 0; i < vocabulary->count; i++)
		bytes_put_u64(out, vocabulary->keys[i]);
}

void checkpoint_print(struct text *out, const struct checkpoint *checkpoint)
{
	const struct lexicon *lexicon = checkpoint->lexicon;
	const struct vocabulary *features = &checkpoint->encoder->vocabulary;
	const char *note = checkpoint->note ? checkpoint->note : "";
	const struct checkpoint_sizes sizes = {
	        lexicon->names.count, features->count, lexicon->merges.count, note, strlen(note)};
	struct text header = TEXT_NULL;
	print_header(&header, checkpoint->parameters, &sizes);
	bytes_put_u64(out, header.length);
	text_append_bytes(out, text_string(&header), header.length);
	print_keys(out, &lexicon->names);
	print_keys(out, features);
	print_keys(out, &lexicon->merges);
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

/* The note, up to its quote; it has no escapes. */
static void get_note(struct checkpoint_sizes *sizes, struct bytes *bytes)
{
	sizes->note = bytes->at;
	while (bytes->at < bytes->end && *bytes->at != '"' && *bytes->at != '\\' && (unsigned char)*bytes->at >= ' ')
		bytes->at++;
	sizes->note_length = (size_t)(bytes->at - sizes->note);
}

int checkpoint_sizes(struct checkpoint_sizes *out, const char *data, size_t length)
{
	struct bytes bytes = {data, data + length, false};
	struct checkpoint_sizes sizes = {.note = ""};
	bytes_get_u64(&bytes);
	if (!expect(&bytes, "{\"__metadata__\":{\"tokens\":\""))
		return -EINVAL;
	sizes.tokens = get_count(&bytes);
	if (!expect(&bytes, "\",\"features\":\""))
		return -EINVAL;
	sizes.features = get_count(&bytes);
	if (expect(&bytes, "\",\"merges\":\""))
		sizes.merges = get_count(&bytes);
	if (expect(&bytes, "\",\"note\":\""))
		get_note(&sizes, &bytes);
	/* A short file cannot ask for much memory. */
	if (!expect(&bytes, "\"}") || sizes.tokens > length / 8 || sizes.features > length / 12 ||
	        sizes.merges > length / 8 || sizes.note_length > INT_MAX)
		return -EINVAL;
	*out = sizes;
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

static int get_rarity(struct encoder *encoder, struct bytes *bytes, size_t count)
{
	if (count == 0)
		return 0;
	encoder->rarity = memory_alloc(count, sizeof *encoder->rarity);
	if (!encoder->rarity)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (feature_group_of(encoder->vocabulary.keys[i]) >= FEATURE_GROUPS)
			return -EINVAL;
		encoder->rarity[i] = bytes_get_float(bytes);
	}
	return 0;
}

static int get_tensors(struct lexicon *lexicon, struct encoder *encoder, struct parameters *parameters,
        struct bytes *bytes, const struct checkpoint_sizes *sizes)
{
	int result = get_keys(&lexicon->names, bytes, sizes->tokens);
	if (result == 0)
		result = get_keys(&encoder->vocabulary, bytes, sizes->features);
	if (result == 0)
		result = get_keys(&lexicon->merges, bytes, sizes->merges);
	if (result == 0)
		result = get_rarity(encoder, bytes, sizes->features);
	if (result < 0)
		return result;
	for (size_t i = 0; i < parameters->count; i++)
		parameters->values[i] = (real)bytes_get_float(bytes);
	return bytes->short_of || bytes->at != bytes->end ? -EINVAL : 0;
}

int checkpoint_read(struct lexicon *lexicon, struct encoder *encoder, struct parameters *parameters, const char *data,
        size_t length)
{
	struct bytes bytes = {data, data + length, false};
	struct checkpoint_sizes sizes;
	struct text header = TEXT_NULL;
	int result = checkpoint_sizes(&sizes, data, length);
	if (result < 0)
		return result;
	/* The header of such a network can only be this one. */
	print_header(&header, parameters, &sizes);
	if (header.failed)
		result = -ENOMEM;
	else if (bytes_get_u64(&bytes) != header.length || !expect(&bytes, header.data))
		result = -EINVAL;
	else
		result = get_tensors(lexicon, encoder, parameters, &bytes, &sizes);
	text_finish(&header);
	return result;
}
