/* From a number to a thing: a sorted array. Ids only grow, so most insertions are appends. */
#ifndef DAEMON_STUDIES_CATALOG_H
#define DAEMON_STUDIES_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_entry {
	int64_t key;
	void *item; /* borrowed */
};

struct catalog {
	struct catalog_entry *entries; /* owned, sorted by key; equal keys in the order they came */
	size_t count, capacity;
};

/* Frees the array, not the items; a zeroed catalog is fine. */
void catalog_finish(struct catalog *catalog);

/* Adds an item behind those of an equal key. 0 or -ENOMEM (unchanged). */
int catalog_insert(struct catalog *catalog, int64_t key, void *item);

/* The place of the first entry whose key is not below `key`; `count` when there is none. */
size_t catalog_place(const struct catalog *catalog, int64_t key);

/* The first item of that key, or NULL. */
void *catalog_find(const struct catalog *catalog, int64_t key);

/* Takes out this item of this key; one that is not there is fine. */
void catalog_remove(struct catalog *catalog, int64_t key, const void *item);

/* Takes out every item for which `leaves` is true, in one pass. */
void catalog_filter(
        struct catalog *catalog, bool (*leaves)(const void *item, const void *context), const void *context);

/* A key for names: FNV-1a (Fowler, Noll, Vo), never negative. Different texts may share one. */
int64_t catalog_text_key(const char *text);

#endif
