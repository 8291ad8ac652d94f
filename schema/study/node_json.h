/* Walking a tree of nodes by name, and the tree as JSON. */
#ifndef SCHEMA_STUDY_NODE_JSON_H
#define SCHEMA_STUDY_NODE_JSON_H

#include "schema/study/node.h"

/* The node as JSON; numbers that JSON can carry keep their spelling. NULL when out of memory; free
 * with cJSON_Delete. */
struct cJSON *node_to_json(const struct node *node);

#endif
