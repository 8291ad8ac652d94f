/* What a pickle of tensors may name and call. Each has a meaning of its own here; nothing else is
 * known, and nothing is run. */
#ifndef WORKER_PRETRAINED_PICKLE_CALL_H
#define WORKER_PRETRAINED_PICKLE_CALL_H

#include "worker/pretrained/pickle_heap.h"

/* "module\nname\n" of the pickle. -EINVAL for one that is not known. */
int pickle_global(struct pickle_value *out, const char *names, size_t length);

/* What the call gives: an empty OrderedDict, or a tensor over a storage, which it does not leave.
 * -EINVAL with what is wrong as half a sentence in *complaint; -ENOMEM. */
int pickle_call(
        struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value call[2], const char **complaint);

/* The storage that a persistent id means. Likewise. */
int pickle_persistent(
        struct pickle_value *out, struct pickle_heap *heap, const struct pickle_value *id, const char **complaint);

#endif
