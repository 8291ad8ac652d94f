/* A tensor of a pretrained folder, as it lies in its file, and the list of all of them. */
#ifndef WORKER_PRETRAINED_WEIGHT_H
#define WORKER_PRETRAINED_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

/* Kinds of numbers by their name in safetensors. Only the first four can be read. */
enum weight_kind {
	WEIGHT_F32,
	WEIGHT_F16,
	WEIGHT_BF16,
	WEIGHT_F64,
	WEIGHT_I64,
	WEIGHT_I32,
	WEIGHT_I16,
	WEIGHT_I8,
	WEIGHT_U64,
	WEIGHT_U32,
	WEIGHT_U16,
	WEIGHT_U8,
	WEIGHT_BOOL,
	WEIGHT_F8_E4M3,
	WEIGHT_F8_E5M2,
};

enum { WEIGHT_DIMS_MAX = 4, WEIGHT_NAME_MAX = 255 };

struct weight {
	const char *name; /* weight_name_is_fine */
	enum weight_kind kind;
	size_t dims, shape[WEIGHT_DIMS_MAX];
	size_t strides[WEIGHT_DIMS_MAX]; /* numbers from one index to the next; those of a matrix that was
	                                    turned are not in order */
	const unsigned char *data;       /* little-endian, aligned to nothing; borrowed from the mapped file */
};

struct weight_list {
	struct weight *items; /* (count), owned: in the order of the files */
	size_t count, capacity;
	size_t *by_name; /* (count), owned: items in order of their names; NULL before weight_list_index */
	struct arena names;
};

/* "F32", and the kind of such a name, or -1. */
const char *weight_kind_name(enum weight_kind kind);
int weight_kind_find(const char *name);

/* Bytes of one number. */
size_t weight_kind_bytes(enum weight_kind kind);

/* How many numbers it has: 1 without dimensions. */
size_t weight_count(const struct weight *weight);

/* Sets the strides of numbers that lie one after the other. */
void weight_set_strides(struct weight *weight);

/* The product of the shape, if that many numbers of this kind can be. */
bool weight_shape_count(size_t *out, const struct weight *weight);

/* How many numbers there are from the first to the last one by the strides, if no two share a
 * place and they can be counted. */
bool weight_span(size_t *out, const struct weight *weight);

/* Converts all of it to float (weight_count), in row-major order. False, and nothing is written,
 * when it is of another kind than F32, F16, BF16 and F64. */
bool weight_read(float *out, const struct weight *weight);

/* Converts whole numbers that lie one after the other to int64_t (weight_count). False, and nothing
 * is written, when it is of another kind than I64, I32, I16 and I8. */
bool weight_read_whole(int64_t *out, const struct weight *weight);

/* True for a name that can be shown and kept: UTF-8 without quotes, backslashes and control
 * characters, up to WEIGHT_NAME_MAX bytes. */
bool weight_name_is_fine(const char *name, size_t length);

/* Adds a tensor of this file (for sentences) whose name has `length` bytes and is copied. -EINVAL
 * with a sentence for a name that is not fine; -ENOMEM. */
int weight_list_add(
        struct weight_list *list, const struct weight *weight, size_t length, const char *file, struct error *error);

/* Once all are in: no name may stand twice (-EINVAL with a sentence); -ENOMEM. */
int weight_list_index(struct weight_list *list, const char *folder, struct error *error);

/* The tensor of that name, or NULL. */
const struct weight *weight_list_find(const struct weight_list *list, const char *name);

/* A zeroed one is fine. */
void weight_list_finish(struct weight_list *list);

#endif
