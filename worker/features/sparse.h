/* Rows of few non-zero columns (compressed sparse rows). */
#ifndef WORKER_FEATURES_SPARSE_H
#define WORKER_FEATURES_SPARSE_H

#include <stddef.h>
#include <stdint.h>

struct sparse {
	size_t *starts;    /* (rows + 1) where each row begins in the two arrays below; owned */
	uint32_t *columns; /* (starts[rows]), owned */
	float *values;     /* likewise */
	size_t rows, row_capacity, capacity;
};

#define SPARSE_NULL ((struct sparse){0})

/* Frees the arrays; a zeroed matrix is fine. */
void sparse_finish(struct sparse *sparse);

/* Adds an empty last row. 0 or -ENOMEM. */
int sparse_add_row(struct sparse *sparse);

/* Adds an entry to the last row. 0 or -ENOMEM. */
int sparse_add(struct sparse *sparse, uint32_t column, float value);

#endif
