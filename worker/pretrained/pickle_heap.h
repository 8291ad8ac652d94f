/* What a pickle of tensors can consist of, as data: nothing here is ever run. Everything but
 * numbers and texts lies in a heap and is meant by its index, so that a value may be in several
 * places; only as much is ever made as the pickle has bytes. */
#ifndef WORKER_PRETRAINED_PICKLE_HEAP_H
#define WORKER_PRETRAINED_PICKLE_HEAP_H

#include <stdint.h>

#include "worker/pretrained/weight.h"

enum pickle_kind {
	PICKLE_MARK, /* on the stack, below the items of a tuple */
	PICKLE_NONE,
	PICKLE_BOOL,   /* number */
	PICKLE_INT,    /* number */
	PICKLE_LONG,   /* bytes: an integer of more than 64 bits, little-endian */
	PICKLE_TEXT,   /* bytes */
	PICKLE_GLOBAL, /* number, as pickle_call.h counts them */
	PICKLE_TUPLE,  /* index of a box */
	PICKLE_LIST,
	PICKLE_DICT,
	PICKLE_STORAGE, /* index */
	PICKLE_TENSOR,  /* index */
};

struct pickle_value {
	enum pickle_kind kind;
	uint32_t length; /* of bytes */
	union {
		int64_t number;
		const unsigned char *bytes; /* (length), in the file */
		size_t index;
	};
};

/* An item of a box; dicts have keys. */
struct pickle_item {
	struct pickle_value key, value;
	size_t next; /* index + 1, 0 = the last one */
};

struct pickle_box {
	size_t first, last; /* index + 1 of items, 0 = none */
	size_t count;
};

/* Numbers that tensors are made of; they lie elsewhere in the file, under this key. */
struct pickle_storage {
	struct pickle_value key; /* a text */
	enum weight_kind kind;
	size_t count; /* numbers */
};

struct pickle_tensor {
	struct weight weight; /* without name and data */
	size_t storage;       /* index */
	size_t offset;        /* of the first number in the storage */
};

struct pickle_heap {
	struct pickle_item *items; /* (item_count), owned, like the others */
	struct pickle_box *boxes;
	struct pickle_storage *storages;
	struct pickle_tensor *tensors;
	size_t item_count, item_capacity, box_count, box_capacity;
	size_t storage_count, storage_capacity, tensor_count, tensor_capacity;
};

/* A zeroed heap is empty. */
void pickle_heap_finish(struct pickle_heap *heap);

/* A new empty tuple, list or dict. 0 or -ENOMEM. */
int pickle_box_make(struct pickle_value *out, struct pickle_heap *heap, enum pickle_kind kind);

/* Adds an item at the end of a box; key is NULL but for dicts. 0 or -ENOMEM. */
int pickle_box_add(struct pickle_heap *heap, const struct pickle_value *box, const struct pickle_value *key,
        const struct pickle_value *value);

/* The items of a box one by one: the first one, the one behind; NULL = no more. Valid until the
 * heap changes. */
const struct pickle_item *pickle_box_first(const struct pickle_heap *heap, const struct pickle_value *box);
const struct pickle_item *pickle_box_next(const struct pickle_heap *heap, const struct pickle_item *item);

/* Copies the first `most` values of a box; returns how many it has. */
size_t pickle_box_values(
        struct pickle_value *out, size_t most, const struct pickle_heap *heap, const struct pickle_value *box);

/* Keeps a storage or a tensor. 0 or -ENOMEM. */
int pickle_storage_make(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_storage *storage);
int pickle_tensor_make(struct pickle_value *out, struct pickle_heap *heap, const struct pickle_tensor *tensor);

/* True when the value is this text. */
bool pickle_is_text(const struct pickle_value *value, const char *text);

#endif
