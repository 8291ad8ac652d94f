#include "worker/pretrained/shard_index.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/json_parse.h"

enum { SHARDS_MAX = 1000 };

/* A file of the folder itself. */
static bool is_plain_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && !strstr(name, "..");
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int check_members(const cJSON *map, const char *path, struct error *error)
{
	const cJSON *item;
	if (!cJSON_IsObject(map) || !map->child)
		return error_set(error, -EINVAL, "%s: weight_map, which says where each tensor is, was expected", path);
	cJSON_ArrayForEach (item, map)
		if (!cJSON_IsString(item) || !is_plain_name(item->valuestring))
			return error_set(error, -EINVAL,
			        "%s: weight_map has something else than the name of a file in its folder", path);
	return 0;
}

static int list_files(struct shard_index *index, const char *path, struct error *error)
{
	const cJSON *item;
	const char **files = memory_alloc((size_t)cJSON_GetArraySize(index->map), sizeof *files);
	size_t all = 0, count = 0;
	if (!files)
		return error_no_memory(error);
	index->files = files;
	cJSON_ArrayForEach (item, index->map)
		files[all++] = item->valuestring;
	qsort(files, all, sizeof *files, compare_names);
	for (size_t i = 0; i < all; i++)
		if (count == 0 || strcmp(files[count - 1], files[i]) != 0)
			files[count++] = files[i];
	index->file_count = count;
	if (count > SHARDS_MAX)
		return error_set(error, -EINVAL, "%s: it lists more than %d files", path, SHARDS_MAX);
	return 0;
}

static int read_list(struct shard_index *index, const struct mapped_file *file, struct error *error)
{
	int rc = json_read(&index->root, (const char *)file->bytes, file->length, error);
	if (rc < 0)
		return rc == -EINVAL ? error_prefix(error, rc, file->path) : rc;
	index->map = cJSON_GetObjectItemCaseSensitive(index->root, "weight_map");
	rc = check_members(index->map, file->path, error);
	return rc < 0 ? rc : list_files(index, file->path, error);
}

int shard_index_read(struct shard_index *out, const struct mapped_file *file, struct error *error)
{
	struct shard_index index = {0};
	int rc = read_list(&index, file, error);
	if (rc < 0)
		shard_index_finish(&index);
	else
		*out = index;
	return rc;
}

size_t shard_index_find(const struct shard_index *index, const char *file)
{
	const char **found = bsearch(&file, index->files, index->file_count, sizeof *index->files, compare_names);
	assert(found);
	return (size_t)(found - index->files);
}

void shard_index_finish(struct shard_index *index)
{
	cJSON_Delete(index->root);
	memory_free(index->files);
	*index = (struct shard_index){0};
}
