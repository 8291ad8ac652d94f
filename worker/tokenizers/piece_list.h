/* The pieces of a vocabulary: how each id is written, and which id a text has. */
#ifndef WORKER_TOKENIZERS_PIECE_LIST_H
#define WORKER_TOKENIZERS_PIECE_LIST_H

#include "schema/base/arena.h"
#include "worker/tokenizers/piece_trie.h"

/* More than any vocabulary has; an id beyond is a mistake in a file. */
enum { PIECES_MAX = 1 << 22 };

struct piece_list {
	struct arena arena;
	const char **texts; /* (count) by id, in the arena; NULL = no piece has that id; owned */
	size_t count, capacity;
	struct piece_trie trie;
};

#define PIECE_LIST_NULL ((struct piece_list){0})

/* Frees all; a zeroed list is fine. */
void piece_list_finish(struct piece_list *list);

/* Gives the id (0 ≤ id < PIECES_MAX) this text; of pieces that are written alike the later one is
 * found. 0, -EEXIST when the id has one already, -ENOMEM. */
int piece_list_put(struct piece_list *list, int id, const char *text);

/* The id of the text, or PIECE_NONE. */
int piece_list_find(const struct piece_list *list, const char *text);

#endif
