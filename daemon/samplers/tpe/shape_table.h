/* Kernels of one discrete dimension share few shapes (mu, sigma), and candidates share few cells:
 * their log masses are computed once per pair and kept, where enough are wanted. Shape 0 is the
 * prior. */
#ifndef DAEMON_SAMPLERS_TPE_SHAPE_TABLE_H
#define DAEMON_SAMPLERS_TPE_SHAPE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/space/param.h"

/* ln mass of one cell under every shape. */
struct shape_row {
	double x; /* the cell's value; NAN = unused */
	size_t filled, capacity;
	double *log_mass; /* (shape_count) */
};

struct shape_table {
	const struct param *param; /* borrowed */
	double low, high;          /* modelled range: widened by half a step, then ln for log parameters */
	size_t shape_count, shape_capacity;
	double *mus, *sigmas;     /* (shape_count) */
	double *log_range_masses; /* (shape_count) ln of the mass inside the modelled range */
	size_t bucket_count;      /* power of two */
	uint32_t *buckets;        /* (bucket_count) shape index + 1; 0 = empty */
	size_t row_count;
	struct shape_row *rows; /* (row_count) direct-mapped by cell */
};

/* An empty table holding the prior's shape only. 0 or -ENOMEM. */
int shape_table_init(struct shape_table *table, const struct param *param, double low, double high);
void shape_table_finish(struct shape_table *table);

/* Index of the shape (added when new) in *out. 0 or -ENOMEM. */
int shape_table_find(uint32_t *out, struct shape_table *table, double mu, double sigma);

/* Forgets all shapes but the prior, so that unused ones do not accumulate; indices from before are
 * void. */
void shape_table_clear(struct shape_table *table);

struct shape_list {
	const uint32_t *items; /* (count) */
	size_t count;
};

/* Fills out (shapes->count) with the ln mass of the cell at value `x`, relative to the range's,
 * under each of these shapes. 0 or -ENOMEM. */
int shape_table_masses(double *out, struct shape_table *table, double x, const struct shape_list *shapes);

#endif
