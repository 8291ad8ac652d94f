/* Lists of the files that a model is spread over: {"weight_map": {tensor: file}}. */
#ifndef WORKER_PRETRAINED_SHARD_INDEX_H
#define WORKER_PRETRAINED_SHARD_INDEX_H

#include <stddef.h>

#include "worker/pretrained/mapped_file.h"

struct cJSON;

struct shard_index {
	struct cJSON *root; /* owned */
	struct cJSON *map;  /* in root: tensor → name of a file, which lies in the folder itself */
	const char **files; /* (file_count), owned: their names, each once, in order; they lie in root */
	size_t file_count;
};

/* Reads the list, which does not refer to the file afterwards. -EINVAL with a sentence for one that
 * is not as it should be or names files elsewhere; -ENOMEM. */
int shard_index_read(struct shard_index *out, const struct mapped_file *file, struct error *error);

/* Which of the files has that name, one of the map's. */
size_t shard_index_find(const struct shard_index *index, const char *file);

/* A zeroed one is fine. */
void shard_index_finish(struct shard_index *index);

#endif
