/* A search space: parameters in name order, their conditions, and the constants that travel with
 * every trial. */
#ifndef SCHEMA_SPACE_SPACE_H
#define SCHEMA_SPACE_SPACE_H

#include "schema/base/arena.h"
#include "schema/space/param.h"

struct constant {
	const char *name;
	size_t path_length;
	const char *const *path; /* as in struct param */
	struct choice value;
};

struct space {
	struct arena arena; /* owns everything below */
	size_t count;
	struct param *params; /* (count), sorted by name (byte order) once frozen */
	size_t *order;        /* (count), parents before children, otherwise by name; set by space_freeze */
	size_t constant_count;
	struct constant *constants; /* (constant_count), sorted by name */
};

/* An empty space on the heap / frees one (NULL is fine). -ENOMEM. */
int space_create(struct space **out);
void space_destroy(struct space *space);

/* As in struct param. */
struct param_range {
	double low, high, step;
	bool log;
};

/* Add one parameter before space_freeze; names and choices are copied. Bounds are as in struct
 * param; a stepped high is lowered to the grid (decimal arithmetic on the printed numbers, as
 * Optuna does). The prior is uniform or, with `log`, log-uniform; set others through the returned
 * param. NULL when out of memory. The pointer is valid until the next add. */
struct param *space_add_float(struct space *space, const char *name, const struct param_range *range);
struct param *space_add_int(struct space *space, const char *name, const struct param_range *range);
struct param *space_add_categorical(struct space *space, const char *name, const struct choice *choices, size_t count);

/* Adds a constant (value copied). 0 or -ENOMEM. */
int space_add_constant(struct space *space, const char *name, const struct choice *value);

/* Declares that `child` exists only where `parent` (by name) has one of `values` (internal,
 * copied). 0, -ENOMEM, or -EINVAL when a name is unknown. Before space_freeze. */
int space_add_condition(struct space *space, const char *child, const char *parent, const double *values, size_t count);

/* Sorts by name, resolves conditions to indices, orders parents before children. 0; -EINVAL with a
 * sentence for a duplicate name or a circle; -ENOMEM. */
int space_freeze(struct space *space, struct error *error);

/* Index of the parameter called `name`, or -1. */
long space_find(const struct space *space, const char *name);

#endif
