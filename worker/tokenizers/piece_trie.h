/* A trie of byte strings with an id each, its edges in one open-addressed table: a step costs the
 * same however many pieces begin alike. */
#ifndef WORKER_TOKENIZERS_PIECE_TRIE_H
#define WORKER_TOKENIZERS_PIECE_TRIE_H

#include <stddef.h>
#include <stdint.h>

struct trie_edge;

struct piece_trie {
	struct trie_edge *edges; /* (edge_slots, a power of two), owned */
	int *ids;                /* (nodes) PIECE_NONE where no string ends; owned */
	size_t edge_slots, nodes, capacity;
};

#define PIECE_TRIE_NULL ((struct piece_trie){0})

enum { PIECE_NONE = -1 };

/* Where walks begin, and what a step that leads nowhere gives. */
enum { TRIE_ROOT = 0, TRIE_NOWHERE = 0 };

/* Frees the tables; a zeroed trie is fine. */
void piece_trie_finish(struct piece_trie *trie);

/* Adds the string, or changes the id of one that is there. 0 or -ENOMEM. */
int piece_trie_add(struct piece_trie *trie, const char *bytes, size_t length, int id);

/* The node that the byte leads to, or TRIE_NOWHERE. */
uint32_t piece_trie_step(const struct piece_trie *trie, uint32_t node, unsigned char byte);

/* The node that these bytes lead to; TRIE_NOWHERE also for no bytes. */
uint32_t piece_trie_walk(const struct piece_trie *trie, const char *bytes, size_t length);

/* The id of the string that ends at the node, or PIECE_NONE. */
int piece_trie_id(const struct piece_trie *trie, uint32_t node);

#endif
