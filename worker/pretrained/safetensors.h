/* Files of safetensors (huggingface/safetensors, format 0.3): the length of a JSON header (u64,
 * little-endian), the header, the numbers. */
#ifndef WORKER_PRETRAINED_SAFETENSORS_H
#define WORKER_PRETRAINED_SAFETENSORS_H

#include "worker/pretrained/mapped_file.h"
#include "worker/pretrained/weight.h"

/* Adds the file's tensors in the order of its header; they lie in the mapped file. As the
 * format's own reader does it wants every byte behind the header to be of one tensor. -EINVAL with
 * a sentence for any other file; -ENOMEM. */
int safetensors_read(struct weight_list *out, const struct mapped_file *file, struct error *error);

#endif
