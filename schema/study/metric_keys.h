/* Objectives and constraints. */
#ifndef SCHEMA_STUDY_METRIC_KEYS_H
#define SCHEMA_STUDY_METRIC_KEYS_H

#include "schema/study/keys.h"

/* Readers of the larger keys, one file each. */
void read_metric(struct reader *reader, const struct key *key, const struct node *value);
void read_metrics(struct reader *reader, const struct key *key, const struct node *value);
void read_constraints(struct reader *reader, const struct key *key, const struct node *value);

/* The keys of `prune_metric` where it is a map. */
extern const struct key prune_metric_keys[];

/* Reader of `prune_metric`, a name or a map. */
void read_prune_metric(struct reader *reader, const struct key *key, const struct node *value);

/* After all keys: which way is better for the metric that pruners look at. */
void finish_prune_metric(struct reader *reader);

/* After all keys: warns where kre-train would give the objective of another epoch than is meant. */
void check_selection(struct reader *reader);

#endif
