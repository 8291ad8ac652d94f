/* Names to numbers: an open-addressed hash table of 64-bit keys, numbered as they come. A name's
 * number is its column. */
#ifndef WORKER_TEXT_VOCABULARY_H
#define WORKER_TEXT_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

struct vocabulary {
	uint64_t *keys;  /* (count) by column number, owned */
	uint32_t *slots; /* (slot_count, a power of two) column number + 1; 0 = free; owned */
	size_t count, capacity, slot_count;
};

#define VOCABULARY_NULL ((struct vocabulary){0})
#define VOCABULARY_ABSENT UINT32_MAX

/* Frees the tables; a zeroed vocabulary is fine. */
void vocabulary_finish(struct vocabulary *vocabulary);

/* Prefetches the memory where the key will soon be looked up. */
void vocabulary_fetch(const struct vocabulary *vocabulary, uint64_t key);

/* The key's column, a new one when it has none. 0 or -ENOMEM (unchanged). */
int vocabulary_add(uint32_t *out, struct vocabulary *vocabulary, uint64_t key);

/* The key's column, or VOCABULARY_ABSENT. */
uint32_t vocabulary_find(const struct vocabulary *vocabulary, uint64_t key);

#endif
