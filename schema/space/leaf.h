/* The active parameters and the constants of one point as one sorted list: what the JSON and the
 * command line walk. */
#ifndef SCHEMA_SPACE_LEAF_H
#define SCHEMA_SPACE_LEAF_H

#include "schema/space/space.h"

struct leaf {
	const char *const *path;
	size_t path_length;
	const struct param *param;     /* NULL for a constant */
	double value;                  /* internal, of the parameter */
	const struct choice *constant; /* NULL for a parameter */
};

/* Lists the leaves of `values` (NULL = only the constants) sorted by path, so that members of one
 * nested object are neighbours. 0 or -ENOMEM. Free *out with memory_free; names are borrowed from
 * the space. */
int leaves_create(struct leaf **out, size_t *count, const struct space *space, const double *values);

/* Append the leaf's value as JSON / as a command line gets it. */
void leaf_append_json(const struct leaf *leaf, struct text *out);
void leaf_append_text(const struct leaf *leaf, struct text *out);

/* The number of leaves from the first on that share its path up to and with `depth`. */
size_t leaf_group(const struct leaf *leaves, size_t count, size_t depth);

/* Appends `count` sorted leaves as one JSON object, leaving out the first `depth` path elements. */
void leaves_append_json(const struct leaf *leaves, size_t count, size_t depth, struct text *out);

#endif
