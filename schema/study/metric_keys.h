/* Objectives and constraints. */
#ifndef SCHEMA_STUDY_METRIC_KEYS_H
#define SCHEMA_STUDY_METRIC_KEYS_H

#include "schema/study/keys.h"

/* Readers of the larger keys, one file each. */
void read_metric(struct reader *reader, const struct key *key, const struct node *value);
void read_metrics(struct reader *reader, const struct key *key, const struct node *value);
void read_constraints(struct reader *reader, const struct key *key, const struct node *value);

#endif
