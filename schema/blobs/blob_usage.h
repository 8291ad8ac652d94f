/* How many blobs a store has and how many bytes they take, looked at again and again: folders that
 * have not changed since are not read anew. */
#ifndef SCHEMA_BLOBS_BLOB_USAGE_H
#define SCHEMA_BLOBS_BLOB_USAGE_H

#include "schema/base/clock.h"
#include "schema/blobs/blob_store.h"

enum { BLOB_USAGE_FOLDERS = 256 };

/* One of the store's folders when it was read; a blob in it never changes. */
struct blob_usage_folder {
	int64_t changed_ns; /* its date then; 0 = it is to be read */
	int64_t bytes, count;
};

/* Zeroed at first. */
struct blob_usage {
	struct blob_usage_folder folders[BLOB_USAGE_FOLDERS];
	int64_t bytes, count; /* of whole blobs, all folders together */
};

/* Brings it up to what is there. 0, or a negative errno, and what could be read is counted. */
int blob_usage_measure(struct blob_usage *usage, const struct blob_store *store, struct walltime now);

#endif
