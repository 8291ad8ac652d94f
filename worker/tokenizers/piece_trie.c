#include "worker/tokenizers/piece_trie.h"

#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

struct trie_edge {
	uint32_t from, to; /* to = TRIE_NOWHERE: free */
	unsigned char byte;
};

void piece_trie_finish(struct piece_trie *trie)
{
	memory_free(trie->edges);
	memory_free(trie->ids);
	*trie = PIECE_TRIE_NULL;
}

static size_t find_slot(const struct piece_trie *trie, uint32_t from, unsigned char byte)
{
	const uint64_t key = ((uint64_t)from << 8 | byte) * UINT64_C(0x9E3779B97F4A7C15);
	const size_t mask = trie->edge_slots - 1;
	size_t slot = (size_t)(key >> 32) & mask;
	while (trie->edges[slot].to && (trie->edges[slot].from != from || trie->edges[slot].byte != byte))
		slot = (slot + 1) & mask;
	return slot;
}

/* Doubles the slots, so that at most half of them are taken: a tree has an edge less than nodes. */
static int grow_edges(struct piece_trie *trie)
{
	struct piece_trie grown = *trie;
	grown.edge_slots = trie->edge_slots ? 2 * trie->edge_slots : 1024;
	grown.edges = memory_alloc(grown.edge_slots, sizeof *grown.edges);
	if (!grown.edges)
		return -ENOMEM;
	for (size_t i = 0; i < trie->edge_slots; i++) {
		const struct trie_edge *edge = &trie->edges[i];
		if (edge->to)
			grown.edges[find_slot(&grown, edge->from, edge->byte)] = *edge;
	}
	memory_free(trie->edges);
	*trie = grown;
	return 0;
}

static int add_node(struct piece_trie *trie)
{
	if (trie->nodes > UINT32_MAX / 2 || array_reserve(trie->ids, &trie->capacity, trie->nodes + 1) < 0)
		return -ENOMEM;
	if (2 * trie->nodes >= trie->edge_slots && grow_edges(trie) < 0)
		return -ENOMEM;
	trie->ids[trie->nodes++] = PIECE_NONE;
	return 0;
}

int piece_trie_add(struct piece_trie *trie, const char *bytes, size_t length, int id)
{
	uint32_t node = TRIE_ROOT;
	if (trie->nodes == 0 && add_node(trie) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++) {
		uint32_t next = piece_trie_step(trie, node, (unsigned char)bytes[i]);
		if (next == TRIE_NOWHERE) {
			if (add_node(trie) < 0)
				return -ENOMEM;
			next = (uint32_t)(trie->nodes - 1);
			trie->edges[find_slot(trie, node, (unsigned char)bytes[i])] =
			        (struct trie_edge){node, next, (unsigned char)bytes[i]};
		}
		node = next;
	}
	trie->ids[node] = id;
	return 0;
}

uint32_t piece_trie_step(const struct piece_trie *trie, uint32_t node, unsigned char byte)
{
	return trie->edge_slots ? trie->edges[find_slot(trie, node, byte)].to : TRIE_NOWHERE;
}

uint32_t piece_trie_walk(const struct piece_trie *trie, const char *bytes, size_t length)
{
	uint32_t node = TRIE_ROOT;
	for (size_t i = 0; i < length; i++) {
		node = piece_trie_step(trie, node, (unsigned char)bytes[i]);
		if (node == TRIE_NOWHERE)
			break;
	}
	return node;
}

int piece_trie_id(const struct piece_trie *trie, uint32_t node)
{
	return node < trie->nodes ? trie->ids[node] : PIECE_NONE;
}
