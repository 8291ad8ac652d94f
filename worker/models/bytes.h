/* Numbers as little-endian bytes: the form of saved models. */
#ifndef WORKER_MODELS_BYTES_H
#define WORKER_MODELS_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/text.h"

struct bytes {
	const char *at, *end; /* borrowed */
	bool short_of;        /* something was asked for behind the end; zeros were given */
};

/* Append eight bytes; four bytes of an IEEE single. */
void bytes_put_u64(struct text *out, uint64_t value);
void bytes_put_float(struct text *out, float value);

/* Read them back and move on. */
uint64_t bytes_get_u64(struct bytes *bytes);
float bytes_get_float(struct bytes *bytes);

#endif
