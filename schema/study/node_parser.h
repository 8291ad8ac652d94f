/* A YAML document, read into a tree of nodes. */
#ifndef SCHEMA_STUDY_NODE_PARSER_H
#define SCHEMA_STUDY_NODE_PARSER_H

#include "schema/study/complaints.h"
#include "schema/study/node.h"

/* Parses one YAML document into `arena`. Everything wrong with it, down to duplicate keys and
 * characters that no file may carry, is added to `complaints`. 0 with *out set (complaints may be
 * there); -ENOMEM; STUDY_FILE_WRONG when there is no tree at all. */
int node_parse(struct node **out, struct arena *arena, const char *text, size_t length, struct complaints *complaints);

#endif
