#include "worker/pretrained/pickle_heap.h"

#include <assert.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void pickle_heap_finish(struct pickle_heap *heap)
{
	memory_free(heap->items);
	memory_free(heap->boxes);
	memory_free(heap->storages);
	memory_free(heap->tensors);
	*heap = (struct pickle_heap){0};
}

static struct pickle_value value_at(enum pickle_kind kind, size_t index)
{
	return (struct pickle_value){.kind = kind, .index = index};
}

int pickle_box_make(struct pickle_value *out, struct pickle_heap *heap, enum pickle_kind kind)
{
	if (array_reserve(heap->boxes, &heap->box_capacity, heap->box_count + 1) < 0)
		return -ENOMEM;
	heap->boxes[heap->box_count] = (struct pickle_box){0};
	*out = value_at(kind, heap->box_count++);
	return 0;
}

static struct pickle_box *box_of(const struct pickle_heap *heap, const struct pickle_value *value)
{
	assert(value->kind == PICKLE_TUPLE || value->kind == PICKLE_LIST || value->kind == PICKLE_DICT);
	assert(value->index < heap->box_count);
	return &heap->boxes[value->index];
}

int pickle_box_add(struct pickle_heap *heap, const struct pickle_value *box, const struct pickle_value *key,
        const struct pickle_value *value)
{
	if (array_reserve(heap->items, &heap->item_capacity, heap->item_count + 1) < 0)
		return -ENOMEM;
	const struct pickle_value none = {.kind = PICKLE_NONE};
	struct pickle_box *into = box_of(heap, box);
	heap->items[heap->item_count++] = (struct pickle_item){key ? *key : none, *value, 0};
	if (into->last)
		heap->items[into->last - 1].next = heap->item_count;
	else
		into->first = heap->item_count;
	into->last = heap->item_count;
	into->count++;
	return 0;
}

const struct pickle_item *pickle_box_first(const struct pickle_heap *heap, const struct pickle_value *box)
{
	const size_t first = box_of(heap, box)->first;
	return first ? &heap->items[first - 1] : NULL;
}

const struct pickle_item *pickle_box_next(const struct pickle_heap *heap, const struct pickle_item *item)
{
	return item->next ? &heap->items[item->next - 1] : NULL;
}

size_t pickle_box_values(
        struct pickle_value *out, size_t most, const struct pickle_heap *heap, const struct pickle_value *box)
{
	const struct pickle_item *item = pickle_box_first(heap, box);
	for (size_t i = 0; item && i < most; i++, item = pickle_box_next(heap, item))
		out[i] = item->value;
	return box_of(heap, box)->count;
}

int pickle_storage_make(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_storage *storage)
{
	if (array_reserve(heap->storages, &heap->storage_capacity, heap->storage_count + 1) < 0)
		return -ENOMEM;
	heap->storages[heap->storage_count] = *storage;
	*out = value_at(PICKLE_STORAGE, heap->storage_count++);
	return 0;
}

int pickle_tensor_make(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_tensor *tensor)
{
	if (array_reserve(heap->tensors, &heap->tensor_capacity, heap->tensor_count + 1) < 0)
		return -ENOMEM;
	heap->tensors[heap->tensor_count] = *tensor;
	*out = value_at(PICKLE_TENSOR, heap->tensor_count++);
	return 0;
}

bool pickle_is_text(const struct pickle_value *value, const char *text)
{
	return value->kind == PICKLE_TEXT && value->length == strlen(text) &&
	       memcmp(value->bytes, text, value->length) == 0;
}
