/* Samplers and pruners with their options, by the tables of method.h. */
#ifndef SCHEMA_STUDY_METHOD_KEYS_H
#define SCHEMA_STUDY_METHOD_KEYS_H

#include "schema/study/keys.h"

/* Readers of the larger keys, one file each. */
void read_method(struct reader *reader, const struct key *key, const struct node *value);
void read_sampler(struct reader *reader, const struct key *key, const struct node *value);
void read_pruner(struct reader *reader, const struct key *key, const struct node *value);
void read_early_terminate(struct reader *reader, const struct key *key, const struct node *value);

#endif
