/* The search space: W&B's parameter specifications, `fixed`, and conditions between parameters. */
#ifndef SCHEMA_STUDY_PARAMETER_KEYS_H
#define SCHEMA_STUDY_PARAMETER_KEYS_H

#include "schema/study/keys.h"

/* Readers of the larger keys, one file each. */
void read_parameters(struct reader *reader, const struct key *key, const struct node *value);
void read_fixed(struct reader *reader, const struct key *key, const struct node *value);

/* After the keys: conditions between parameters; then the space is frozen. */
void finish_parameters(struct reader *reader);

#endif
