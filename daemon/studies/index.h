/* From a number to a thing: a sorted array. Ids only grow, so most insertions are appends. */
#ifndef DAEMON_STUDIES_INDEX_H
#define DAEMON_STUDIES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_entry {
	int64_t key;
	void *item; /* borrowed */
};

struct index {
	struct index_entry *entries; /* owned, sorted by key; equal keys in the order they came */
	size_t count, capacity;
};

/* Frees the array, not the items; a zeroed index is fine. */
void index_finish(struct index *index);

/* Adds an item behind those of an equal key. 0 or -ENOMEM (unchanged). */
int index_insert(struct index *index, int64_t key, void *item);

/* The place of the first entry whose key is not below `key`; `count` when there is none. */
size_t index_place(const struct index *index, int64_t key);

/* The first item of that key, or NULL. */
void *index_find(const struct index *index, int64_t key);

/* Takes out this item of this key; one that is not there is fine. */
void index_remove(struct index *index, int64_t key, const void *item);

/* Takes out every item for which `leaves` is true, in one pass. */
void index_filter(struct index *index, bool (*leaves)(const void *item, const void *context), const void *context);

/* A key for names: FNV-1a (Fowler, Noll, Vo), never negative. Different texts may share one. */
int64_t index_text_key(const char *text);

#endif
