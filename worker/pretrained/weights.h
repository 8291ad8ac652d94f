/* The weights of a pretrained folder in Hugging Face's layout. */
#ifndef WORKER_PRETRAINED_WEIGHTS_H
#define WORKER_PRETRAINED_WEIGHTS_H

#include "schema/base/sha256.h"
#include "worker/pretrained/mapped_file.h"
#include "worker/pretrained/weight.h"

struct weights {
	struct weight_list list;
	struct mapped_file *files; /* (file_count), owned: those with tensors, in the order of their names */
	size_t file_count, file_capacity;
};

/* Finds model.safetensors, or model.safetensors.index.json and the shards it lists, or
 * pytorch_model.bin, or pytorch_model.bin.index.json and its shards, in this order, and maps the
 * files read-only: they must stay as they are until the weights are closed. -ENOENT when the
 * folder has none of them; -EINVAL for files that are not what they should be; another -errno; all
 * with a sentence. */
int weights_open(struct weights *out, const char *folder, struct error *error);

/* A zeroed one is fine. */
void weights_close(struct weights *weights);

/* What the files hold, as one digest: that of the file, or that of the shards' digests. */
void weights_digest(char out[SHA256_HEX_BYTES], const struct weights *weights);

#endif
