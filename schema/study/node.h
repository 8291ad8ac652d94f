/* A YAML document as a tree with places: what the readers of study files walk. Aliases are
 * expanded, merge keys merged. */
#ifndef SCHEMA_STUDY_NODE_H
#define SCHEMA_STUDY_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"

enum node_kind { NODE_NULL, NODE_FLAG, NODE_INTEGER, NODE_NUMBER, NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	size_t line, column;       /* 1-based */
	const struct node *parent; /* NULL for the root */
	const char *key;           /* in a map, else NULL */
	size_t index;              /* in a list */
	const char *text;          /* scalars: as written; texts: the value */
	double number;             /* integers, numbers; flags 0 or 1 */
	bool text_to_python;       /* a number that W&B's reader takes for text: 1e-5 */
	size_t count;              /* of a list or map */
	struct node *items;        /* (count); of a map: sorted by key */
};

/* The member of a map, null or not, or NULL; NULL too when `map` is no map. */
const struct node *node_find_key(const struct node *map, const char *key);

/* The same, but a key without a value counts as left out. */
const struct node *node_find(const struct node *map, const char *key);

/* "parameters.lr.values[2]", in the arena; NULL when out of memory. */
const char *node_path(const struct node *node, struct arena *arena);

#endif
