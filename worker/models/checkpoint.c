#include "worker/models/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"

#define METADATA_BYTES 80

/* The file's own tables, in front of the tensors. */
struct tables {
	uint64_t *tokens, *features;
	float *rarity;
	size_t token_count, feature_count;
};

static void list_all(
        struct arrays *out, char metadata[METADATA_BYTES], const struct tables *tables, const struct arrays *tensors)
{
	const size_t tokens[2] = {tables->token_count, 0}, features[2] = {tables->feature_count, 0};
	snprintf(metadata, METADATA_BYTES, "\"tokens\":\"%zu\",\"features\":\"%zu\"", tokens[0], features[0]);
	arrays_add(out, "vocabulary", ARRAY_COUNT, tables->tokens, tokens);
	arrays_add(out, "features.keys", ARRAY_COUNT, tables->features, features);
	arrays_add(out, "features.rarity", ARRAY_FLOAT, tables->rarity, features);
	for (size_t i = 0; i < tensors->count; i++) {
		const struct array *tensor = &tensors->items[i];
		arrays_add(out, tensor->name, tensor->kind, tensor->data, tensor->shape);
	}
	out->failed |= tensors->failed;
}

void checkpoint_print(struct text *out, const struct checkpoint *checkpoint)
{
	const struct vocabulary *vocabulary = checkpoint->vocabulary, *features = &checkpoint->encoder->vocabulary;
	const struct tables tables = {
	        vocabulary->keys, features->keys, checkpoint->encoder->rarity, vocabulary->count, features->count};
	struct arrays all = ARRAYS_NULL;
	char metadata[METADATA_BYTES];
	list_all(&all, metadata, &tables, checkpoint->tensors);
	arrays_print(out, &all, metadata);
	arrays_finish(&all);
}

int checkpoint_sizes(size_t *tokens, size_t *features, const char *file, size_t length)
{
	const char *at = NULL;
	size_t token_count, feature_count;
	if (!arrays_metadata_number(&token_count, &at, "\"tokens\":\"", file, length) ||
	        !arrays_metadata_number(&feature_count, &at, "\",\"features\":\"", file, length))
		return -EINVAL;
	/* A short file cannot ask for much memory. */
	if (token_count > length / 8 || feature_count > length / 12)
		return -EINVAL;
	*tokens = token_count;
	*features = feature_count;
	return 0;
}

static int add_keys(struct vocabulary *out, const uint64_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t column;
		if (vocabulary_add(&column, out, keys[i]) < 0)
			return -ENOMEM;
		if (column != i)
			return -EINVAL;
	}
	return 0;
}

static int take_tables(const struct checkpoint *checkpoint, const struct tables *tables)
{
	for (size_t i = 0; i < tables->feature_count; i++)
		if (feature_group_of(tables->features[i]) >= FEATURE_GROUPS)
			return -EINVAL;
	int result = add_keys(checkpoint->vocabulary, tables->tokens, tables->token_count);
	return result < 0 ? result
	                  : add_keys(&checkpoint->encoder->vocabulary, tables->features, tables->feature_count);
}

int checkpoint_read(const struct checkpoint *checkpoint, const char *file, size_t length)
{
	struct tables tables = {0};
	struct arrays all = ARRAYS_NULL;
	char metadata[METADATA_BYTES];
	int result = checkpoint_sizes(&tables.token_count, &tables.feature_count, file, length);
	if (result < 0)
		return result;
	tables.tokens = memory_alloc(tables.token_count, sizeof *tables.tokens);
	tables.features = memory_alloc(tables.feature_count, sizeof *tables.features);
	tables.rarity = checkpoint->encoder->rarity = memory_alloc(tables.feature_count, sizeof *tables.rarity);
	list_all(&all, metadata, &tables, checkpoint->tensors);
	if (!tables.tokens || !tables.features || !tables.rarity || all.failed)
		result = -ENOMEM;
	if (result == 0)
		result = arrays_read(&all, metadata, file, length);
	if (result == 0)
		result = take_tables(checkpoint, &tables);
	arrays_finish(&all);
	memory_free(tables.tokens);
	memory_free(tables.features);
	return result;
}
