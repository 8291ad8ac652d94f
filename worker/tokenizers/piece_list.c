#include "worker/tokenizers/piece_list.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void piece_list_finish(struct piece_list *list)
{
	arena_finish(&list->arena);
	memory_free(list->texts);
	piece_trie_finish(&list->trie);
	*list = PIECE_LIST_NULL;
}

int piece_list_put(struct piece_list *list, int id, const char *text)
{
	assert(id >= 0 && id < PIECES_MAX);
	const size_t length = strlen(text);
	if (array_reserve(list->texts, &list->capacity, (size_t)id + 1) < 0)
		return -ENOMEM;
	while (list->count <= (size_t)id)
		list->texts[list->count++] = NULL;
	if (list->texts[id])
		return -EEXIST;
	list->texts[id] = arena_strndup(&list->arena, text, length);
	if (!list->texts[id] || (length > 0 && piece_trie_add(&list->trie, text, length, id) < 0))
		return -ENOMEM;
	return 0;
}

int piece_list_find(const struct piece_list *list, const char *text)
{
	return *text ? piece_trie_id(&list->trie, piece_trie_walk(&list->trie, text, strlen(text))) : PIECE_NONE;
}
