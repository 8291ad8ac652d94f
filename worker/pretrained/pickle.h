/* Pickles of tensors (Python's pickle, protocol 2, as torch.save writes it), read by a machine
 * that records what they describe and runs nothing. Of the format's opcodes it knows those that
 * such files have; with any other, or with the name of any function but the few of pickle_call.h,
 * the file is refused. */
#ifndef WORKER_PRETRAINED_PICKLE_H
#define WORKER_PRETRAINED_PICKLE_H

#include "worker/pretrained/mapped_file.h"
#include "worker/pretrained/pickle_heap.h"

/* A pickle is smaller: that of a thousand tensors has a hundred times less. */
#define PICKLE_BYTES_MAX ((size_t)8 << 20)

struct pickle {
	const struct mapped_file *file;
	size_t at, end;          /* in the file: where it begins and may not go beyond */
	struct pickle_heap heap; /* what it described so far; several pickles may share it */
};

/* Reads one pickle; `at` moves behind it. -EINVAL with a sentence that names the place in the file
 * and the opcode or function; -ENOMEM. */
int pickle_read(struct pickle_value *out, struct pickle *pickle, struct error *error);

/* Frees the heap. A zeroed one is fine. */
void pickle_finish(struct pickle *pickle);

#endif
