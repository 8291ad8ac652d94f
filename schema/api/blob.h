/* Files by their content, in chunks: what workers fetch, and what is brought to the daemon. */
#ifndef SCHEMA_API_BLOB_H
#define SCHEMA_API_BLOB_H

#include <stdint.h>

#include "schema/api/field.h"

#define BLOB_CHUNK_BYTES ((int64_t)256 << 10) /* the most that one call moves */

/* Which bytes of which file. */
struct blob_get_request {
	const char *sha256;
	int64_t offset;
	int64_t length; /* at most BLOB_CHUNK_BYTES */
};
struct blob_get_answer {
	int64_t size_bytes; /* of the whole */
	const char *data;   /* base64; of fewer bytes at the end */
};

/* Bytes of a file, in their order. */
struct blob_put_request {
	const char *sha256;
	int64_t size_bytes;    /* of the whole */
	int64_t offset;        /* where they belong */
	const char *data;      /* base64, "" = how far is it? */
	int64_t run_id, lease; /* of a worker, who may bring what was wanted of that run; 0 = none */
};
struct blob_put_answer {
	int64_t offset; /* how many bytes are there: where the next ones belong */
	bool done;      /* it is there, whole and checked */
};

extern const struct shape blob_get_request_shape, blob_get_answer_shape, blob_put_request_shape, blob_put_answer_shape;

#endif
