#include "worker/pretrained/weights.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "worker/pretrained/safetensors.h"
#include "worker/pretrained/shard_index.h"
#include "worker/pretrained/torch_file.h"

typedef int file_reader(struct weight_list *out, const struct mapped_file *file, struct error *error);

static int open_shards(struct weights *weights, const char *folder, const char *name, struct error *error);
static int open_alone(struct weights *weights, const char *folder, const char *name, struct error *error);

/* In the order in which they are looked for. */
static const struct {
	const char *name;
	int (*open)(struct weights *weights, const char *folder, const char *name, struct error *error);
} places[] = {
        {"model.safetensors", open_alone},
        {"model.safetensors.index.json", open_shards},
        {"pytorch_model.bin", open_alone},
        {"pytorch_model.bin.index.json", open_shards},
};

static bool is_safetensors(const char *name)
{
	static const char end[] = ".safetensors";
	const size_t length = strlen(name);
	return length >= sizeof end - 1 && strcmp(name + length - (sizeof end - 1), end) == 0;
}

static int open_alone(struct weights *weights, const char *folder, const char *name, struct error *error)
{
	if (array_reserve(weights->files, &weights->file_capacity, weights->file_count + 1) < 0)
		return error_no_memory(error);
	struct mapped_file *file = &weights->files[weights->file_count];
	int rc = mapped_file_open(file, folder, name, error);
	if (rc < 0)
		return rc;
	weights->file_count++;
	return (is_safetensors(name) ? safetensors_read : torch_file_read)(&weights->list, file, error);
}

/* Every tensor that the index lists is in the file it names. */
static int check_shards(
        const struct weights *weights, const struct shard_index *index, const char *folder, struct error *error)
{
	const cJSON *item;
	cJSON_ArrayForEach (item, index->map) {
		const struct weight *weight = weight_list_find(&weights->list, item->string);
		const struct mapped_file *file = &weights->files[shard_index_find(index, item->valuestring)];
		if (!weight || weight->data < file->bytes || weight->data > file->bytes + file->length)
			return error_set(error, -EINVAL, "%s: a tensor that is listed for %.100s is not in it", folder,
			        item->valuestring);
	}
	return 0;
}

static int open_shards(struct weights *weights, const char *folder, const char *name, struct error *error)
{
	struct mapped_file file = {0};
	struct shard_index index = {0};
	int rc = mapped_file_open(&file, folder, name, error);
	if (rc == 0)
		rc = shard_index_read(&index, &file, error);
	mapped_file_close(&file);
	for (size_t i = 0; rc == 0 && i < index.file_count; i++) {
		rc = open_alone(weights, folder, index.files[i], error);
		rc = rc == -ENOENT ? -EINVAL : rc; /* a shard that is missing is no reason to look elsewhere */
	}
	if (rc == 0)
		rc = weight_list_index(&weights->list, folder, error);
	if (rc == 0)
		rc = check_shards(weights, &index, folder, error);
	shard_index_finish(&index);
	return rc;
}

static int open_any(struct weights *weights, const char *folder, struct error *error)
{
	int rc = -ENOENT;
	for (size_t i = 0; rc == -ENOENT && i < sizeof places / sizeof *places; i++)
		rc = places[i].open(weights, folder, places[i].name, error);
	if (rc == -ENOENT)
		return error_set(error, rc,
		        "%s has neither model.safetensors nor pytorch_model.bin, in one file or listed in an "
		        ".index.json",
		        folder);
	if (rc == 0 && !weights->list.by_name)
		rc = weight_list_index(&weights->list, folder, error);
	return rc;
}

int weights_open(struct weights *out, const char *folder, struct error *error)
{
	struct weights weights = {0};
	int rc = open_any(&weights, folder, error);
	if (rc < 0)
		weights_close(&weights);
	else
		*out = weights;
	return rc;
}

void weights_close(struct weights *weights)
{
	for (size_t i = 0; i < weights->file_count; i++)
		mapped_file_close(&weights->files[i]);
	memory_free(weights->files);
	weight_list_finish(&weights->list);
	*weights = (struct weights){0};
}

void weights_digest(char out[SHA256_HEX_BYTES], const struct weights *weights)
{
	struct sha256 all;
	sha256_init(&all);
	for (size_t i = 0; i < weights->file_count; i++) {
		sha256_hex(out, weights->files[i].bytes, weights->files[i].length);
		sha256_add(&all, out, strlen(out));
	}
	if (weights->file_count != 1)
		sha256_read(out, &all);
}
