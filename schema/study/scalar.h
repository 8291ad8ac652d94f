/* What a plain scalar means: YAML 1.1 as PyYAML's resolver has it, because W&B's files were written
 * against that. */
#ifndef SCHEMA_STUDY_SCALAR_H
#define SCHEMA_STUDY_SCALAR_H

#include "schema/study/node.h"

/* Reads a plain scalar as PyYAML 6 does, but 1e-5 as a number: fills kind, number and
 * text_to_python from node->text. Returns a sentence's end ("is read as true") when somebody could
 * be surprised, else NULL. */
const char *node_resolve_plain(struct node *node);

#endif
