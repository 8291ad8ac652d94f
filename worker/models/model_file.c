#include "worker/models/model_file.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "schema/base/memory.h"

/* The file's own tables, which precede the tensors. */
struct tables {
	struct model_file_sizes sizes;
	uint64_t *tokens, *features, *merges;
	float *rarity;
};

static void print_metadata(struct text *out, const struct model_file_sizes *sizes)
{
	text_printf(out, "\"tokens\":\"%zu\",\"features\":\"%zu\"", sizes->tokens, sizes->features);
	if (sizes->merges)
		text_printf(out, ",\"merges\":\"%zu\"", sizes->merges);
	if (sizes->note_length)
		text_printf(out, ",\"note\":\"%.*s\"", (int)sizes->note_length, sizes->note);
}

static void list_all(
        struct arrays *out, struct text *metadata, const struct tables *tables, const struct arrays *tensors)
{
	const size_t tokens[2] = {tables->sizes.tokens, 0}, features[2] = {tables->sizes.features, 0},
	             merges[2] = {tables->sizes.merges, 0};
	print_metadata(metadata, &tables->sizes);
	arrays_add(out, "vocabulary", ARRAY_COUNT, tables->tokens, tokens);
	arrays_add(out, "features.keys", ARRAY_COUNT, tables->features, features);
	if (merges[0])
		arrays_add(out, "merges", ARRAY_COUNT, tables->merges, merges);
	arrays_add(out, "features.rarity", ARRAY_FLOAT, tables->rarity, features);
	for (size_t i = 0; i < tensors->count; i++) {
		const struct array *tensor = &tensors->items[i];
		arrays_add(out, tensor->name, tensor->kind, tensor->data, tensor->shape);
	}
	out->failed |= tensors->failed || metadata->failed;
}

void model_file_print(struct text *out, const struct model_file *model_file)
{
	const struct vocabulary *names = &model_file->inventory->names, *merges = &model_file->inventory->merges,
	                        *features = &model_file->encoder->vocabulary;
	const char *note = model_file->note ? model_file->note : "";
	const struct tables tables = {{names->count, features->count, merges->count, note, strlen(note)}, names->keys,
	        features->keys, merges->keys, model_file->encoder->rarity};
	struct arrays all = ARRAYS_NULL;
	struct text metadata = TEXT_NULL;
	list_all(&all, &metadata, &tables, model_file->tensors);
	arrays_print(out, &all, text_string(&metadata));
	arrays_finish(&all);
	text_finish(&metadata);
}

int model_file_sizes(struct model_file_sizes *out, const char *file, size_t length)
{
	const char *at = NULL;
	struct model_file_sizes sizes = {.note = ""};
	if (!arrays_metadata_number(&sizes.tokens, &at, "\"tokens\":\"", file, length) ||
	        !arrays_metadata_number(&sizes.features, &at, "\",\"features\":\"", file, length))
		return -EINVAL;
	arrays_metadata_number(&sizes.merges, &at, "\",\"merges\":\"", file, length);
	sizes.note_length = arrays_metadata_text(&sizes.note, &at, "\",\"note\":\"", file, length);
	/* A short file cannot ask for much memory. */
	if (sizes.tokens > length / 8 || sizes.features > length / 12 || sizes.merges > length / 8 ||
	        sizes.note_length > INT_MAX)
		return -EINVAL;
	*out = sizes;
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

static int take_tables(const struct model_file *model_file, const struct tables *tables)
{
	const struct model_file_sizes *sizes = &tables->sizes;
	for (size_t i = 0; i < sizes->features; i++)
		if (feature_group_of(tables->features[i]) >= FEATURE_GROUPS)
			return -EINVAL;
	int rc = add_keys(&model_file->inventory->names, tables->tokens, sizes->tokens);
	if (rc == 0)
		rc = add_keys(&model_file->inventory->merges, tables->merges, sizes->merges);
	return rc < 0 ? rc : add_keys(&model_file->encoder->vocabulary, tables->features, sizes->features);
}

/* Room for what the sizes say; the rarities stay with the encoder. */
static int make_tables(struct tables *tables, struct encoder *encoder)
{
	tables->tokens = memory_alloc(tables->sizes.tokens, sizeof *tables->tokens);
	tables->features = memory_alloc(tables->sizes.features, sizeof *tables->features);
	tables->merges = memory_alloc(tables->sizes.merges, sizeof *tables->merges);
	tables->rarity = encoder->rarity = memory_alloc(tables->sizes.features, sizeof *tables->rarity);
	return tables->tokens && tables->features && tables->merges && tables->rarity ? 0 : -ENOMEM;
}

int model_file_read(const struct model_file *model_file, const char *file, size_t length)
{
	struct tables tables = {0};
	assert(model_file->inventory->names.count == 0 && model_file->encoder->vocabulary.count == 0);
	struct arrays all = ARRAYS_NULL;
	struct text metadata = TEXT_NULL;
	int rc = model_file_sizes(&tables.sizes, file, length);
	if (rc < 0)
		return rc;
	rc = make_tables(&tables, model_file->encoder);
	list_all(&all, &metadata, &tables, model_file->tensors);
	if (rc == 0 && all.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = arrays_read(&all, text_string(&metadata), file, length);
	if (rc == 0)
		rc = take_tables(model_file, &tables);
	arrays_finish(&all);
	text_finish(&metadata);
	memory_free(tables.tokens);
	memory_free(tables.features);
	memory_free(tables.merges);
	return rc;
}
