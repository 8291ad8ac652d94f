#include "worker/pretrained/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/json_parse.h"

enum { LENGTH_BYTES = 8, HEADER_BYTES_MAX = 100000000 }; /* as the format's own reader */

#define METADATA "__metadata__"

/* Where a tensor's bytes are among the data. */
struct extent {
	size_t begin, end;
};

struct layout {
	const struct mapped_file *file;
	size_t data;            /* where they begin in the file */
	struct extent *extents; /* (count), owned: of the tensors, in the header's order */
	size_t count;
};

static int complain(const struct layout *layout, struct error *error, const char *name, const char *sentence)
{
	return error_set(error, -EINVAL, "%s: tensor %.100s: %s", layout->file->path, name, sentence);
}

static bool whole_number(size_t *out, const cJSON *item)
{
	if (!cJSON_IsNumber(item) || item->valuestring || item->valuedouble < 0 || item->valuedouble > 0x1p53)
		return false;
	*out = (size_t)item->valuedouble;
	return true;
}

static bool read_shape(struct weight *out, const cJSON *shape)
{
	const cJSON *size;
	out->dims = 0;
	if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > WEIGHT_DIMS_MAX)
		return false;
	cJSON_ArrayForEach (size, shape)
		if (!whole_number(&out->shape[out->dims++], size))
			return false;
	return true;
}

static bool read_extent(struct extent *out, const cJSON *offsets)
{
	return cJSON_IsArray(offsets) && cJSON_GetArraySize(offsets) == 2 &&
	       whole_number(&out->begin, offsets->child) && whole_number(&out->end, offsets->child->next);
}

/* One tensor of the header; it has these three members and no other. */
static int read_entry(struct weight *out, struct layout *layout, const cJSON *entry, struct error *error)
{
	const cJSON *kind = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
	struct extent *extent = &layout->extents[layout->count];
	size_t count;
	*out = (struct weight){.name = entry->string};
	if (!weight_name_is_fine(entry->string, strlen(entry->string)))
		return error_set(error, -EINVAL, "%s: a tensor has a name that is none", layout->file->path);
	if (!cJSON_IsObject(entry) || cJSON_GetArraySize(entry) != 3 || !cJSON_IsString(kind))
		return complain(layout, error, entry->string, "dtype, shape and data_offsets were expected");
	if (weight_kind_find(kind->valuestring) < 0)
		return complain(layout, error, entry->string, "its dtype is not known here");
	out->kind = (enum weight_kind)weight_kind_find(kind->valuestring);
	if (!read_shape(out, cJSON_GetObjectItemCaseSensitive(entry, "shape")))
		return complain(layout, error, entry->string, "its shape is not up to four sizes");
	if (!read_extent(extent, cJSON_GetObjectItemCaseSensitive(entry, "data_offsets")))
		return complain(layout, error, entry->string, "its data_offsets are not two offsets");
	const size_t bytes = weight_kind_bytes(out->kind);
	if (!weight_shape_count(&count, out) || extent->begin > extent->end ||
	        extent->end - extent->begin != count * bytes)
		return complain(layout, error, entry->string, "its shape and its data_offsets do not agree");
	if (extent->end > layout->file->length - layout->data)
		return complain(layout, error, entry->string, "the file ends before it does");
	weight_set_strides(out);
	out->data = layout->file->bytes + layout->data + extent->begin;
	layout->count++;
	return 0;
}

static int compare_extents(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;
	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

/* One after the other, without a hole, up to the end of the file. */
static int check_extents(const struct layout *layout, struct error *error)
{
	size_t end = 0;
	qsort(layout->extents, layout->count, sizeof *layout->extents, compare_extents);
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->extents[i].begin != end)
			return error_set(error, -EINVAL, "%s: its tensors %s at byte %zu of the data",
			        layout->file->path, layout->extents[i].begin < end ? "overlap" : "leave a hole", end);
		end = layout->extents[i].end;
	}
	const size_t length = layout->file->length - layout->data;
	if (end != length)
		return error_set(
		        error, -EINVAL, "%s: %zu bytes follow the last tensor", layout->file->path, length - end);
	return 0;
}

static int read_entries(struct weight_list *out, struct layout *layout, const cJSON *header, struct error *error)
{
	const cJSON *entry;
	struct weight weight;
	int rc = 0;
	cJSON_ArrayForEach (entry, header) {
		if (strcmp(entry->string, METADATA) == 0)
			continue;
		rc = read_entry(&weight, layout, entry, error);
		if (rc == 0)
			rc = weight_list_add(out, &weight, strlen(weight.name), layout->file->path, error);
		if (rc < 0)
			return rc;
	}
	return check_extents(layout, error);
}

static int read_header(struct weight_list *out, struct layout *layout, const cJSON *header, struct error *error)
{
	if (!cJSON_IsObject(header))
		return error_set(error, -EINVAL, "%s: its header is no JSON object", layout->file->path);
	layout->extents = memory_alloc((size_t)cJSON_GetArraySize(header), sizeof *layout->extents);
	int rc = layout->extents ? read_entries(out, layout, header, error) : error_no_memory(error);
	memory_free(layout->extents);
	return rc;
}

/* Bytes of the header, or 0 when the file has none. */
static size_t header_length(const struct mapped_file *file)
{
	uint64_t length = 0;
	if (file->length < LENGTH_BYTES)
		return 0;
	for (size_t i = LENGTH_BYTES; i-- > 0;)
		length = length << 8 | file->bytes[i];
	return length > HEADER_BYTES_MAX || length > file->length - LENGTH_BYTES ? 0 : (size_t)length;
}

int safetensors_read(struct weight_list *out, const struct mapped_file *file, struct error *error)
{
	const size_t length = header_length(file);
	struct layout layout = {.file = file, .data = LENGTH_BYTES + length};
	cJSON *header = NULL;
	if (length == 0)
		return error_set(error, -EINVAL, "%s is no file of safetensors, or was cut off", file->path);
	int rc = json_read(&header, (const char *)file->bytes + LENGTH_BYTES, length, error);
	if (rc == -EINVAL)
		error_prefix(error, rc, file->path);
	if (rc == 0)
		rc = read_header(out, &layout, header, error);
	cJSON_Delete(header);
	return rc;
}
