/* Walking a tree of nodes by name, and the tree as JSON. */
#ifndef SCHEMA_STUDY_NODE_JSON_H
#define SCHEMA_STUDY_NODE_JSON_H

#include "schema/study/node.h"

/* The member of a map, or NULL; NULL too when `map` is no map. */
const struct node *node_find(const struct node *map, const char *key);

/* "parameters.lr.values[2]", in the arena; NULL when out of memory. */
const char *node_path(const struct node *node, struct arena *arena);

/* The node as JSON; numbers that JSON can carry keep their spelling. NULL when out of memory; free with cJSON_Delete. */
struct cJSON *node_to_json(const struct node *node);

#endif
