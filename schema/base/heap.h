/* Binary min-heap of elements that know their own place, so that removal from the middle is cheap
 * (leases, deadlines). */
#ifndef SCHEMA_BASE_HEAP_H
#define SCHEMA_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embed in the element. `index` is the heap's business. */
struct heap_node {
	int64_t key;     /* smallest first */
	uint64_t serial; /* set on insert: equal keys leave in the order they came */
	size_t index;    /* 1-based place in the heap; 0 = in no heap */
};

struct heap {
	struct heap_node **nodes; /* owned array of borrowed elements */
	size_t count, capacity;
	uint64_t next_serial;
};

#define HEAP_NULL ((struct heap){0})

/* Frees the array (not the elements); a zeroed heap is fine. */
void heap_finish(struct heap *heap);

/* Makes room for one more element, so that the next heap_insert cannot fail. 0 or -ENOMEM. */
int heap_reserve(struct heap *heap);

/* Inserts an element that is in no heap, ordered by node->key. 0 or -ENOMEM (unchanged). */
int heap_insert(struct heap *heap, struct heap_node *node);

/* Takes the element out; one that is in no heap is fine. */
void heap_remove(struct heap *heap, struct heap_node *node);

/* Gives the element (in the heap) a new key. Never fails. */
void heap_move(struct heap *heap, struct heap_node *node, int64_t key);

/* The smallest element, or NULL; it stays in the heap. */
struct heap_node *heap_first(const struct heap *heap);

#endif
