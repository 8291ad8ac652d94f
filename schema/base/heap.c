#include "schema/base/heap.h"

#include <assert.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void heap_finish(struct heap *heap)
{
	memory_free(heap->nodes);
	*heap = HEAP_NULL;
}

int heap_reserve(struct heap *heap)
{
	return array_reserve(heap->nodes, &heap->capacity, heap->count + 1);
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	return a->key < b->key || (a->key == b->key && a->serial < b->serial);
}

static void place(struct heap *heap, size_t index, struct heap_node *node)
{
	heap->nodes[index - 1] = node;
	node->index = index;
}

static void sift_up(struct heap *heap, struct heap_node *node)
{
	size_t at = node->index;
	for (; at > 1 && before(node, heap->nodes[at / 2 - 1]); at /= 2)
		place(heap, at, heap->nodes[at / 2 - 1]);
	place(heap, at, node);
}

static void sift_down(struct heap *heap, struct heap_node *node)
{
	size_t at = node->index;
	for (;;) {
		size_t child = at * 2;
		if (child > heap->count)
			break;
		if (child < heap->count && before(heap->nodes[child], heap->nodes[child - 1]))
			child++;
		if (!before(heap->nodes[child - 1], node))
			break;
		place(heap, at, heap->nodes[child - 1]);
		at = child;
	}
	place(heap, at, node);
}

int heap_insert(struct heap *heap, struct heap_node *node)
{
	int rc = heap_reserve(heap);
	if (rc < 0)
		return rc;
	assert(node->index == 0);
	node->serial = heap->next_serial++;
	place(heap, ++heap->count, node);
	sift_up(heap, node);
	return 0;
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	size_t hole = node->index;
	if (hole == 0)
		return;
	assert(hole <= heap->count && heap->nodes[hole - 1] == node);
	node->index = 0;
	struct heap_node *last = heap->nodes[--heap->count];
	if (last == node)
		return;
	place(heap, hole, last);
	sift_up(heap, last);
	sift_down(heap, last);
}

void heap_move(struct heap *heap, struct heap_node *node, int64_t key)
{
	assert(node->index > 0 && heap->nodes[node->index - 1] == node);
	node->key = key;
	node->serial = heap->next_serial++;
	sift_up(heap, node);
	sift_down(heap, node);
}

struct heap_node *heap_first(const struct heap *heap)
{
	return heap->count ? heap->nodes[0] : NULL;
}
