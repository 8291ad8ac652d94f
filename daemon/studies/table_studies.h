/* Studies, asked of the table: add, move, delete, enqueue. */
#ifndef DAEMON_STUDIES_TABLE_STUDIES_H
#define DAEMON_STUDIES_TABLE_STUDIES_H

#include "daemon/studies/study_table.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* Creates a study from a spec (consumed on success). An existing study with the same json is
 * resumed when `resume`, with *created false (a stopped or paused one runs again; a finished one
 * stays finished unless its budget grew). 0, STUDIES_EXISTS, STUDIES_SPEC_WRONG. */
int study_table_add(
        bool *created, struct study_table *table, struct study_spec *spec, bool resume, struct error *error);

/* Moves a study to a state: paused (hands out nothing, running go on), running, stopped (running
 * trials are told "cancelled"). 0, STUDIES_NOT_FOUND, STUDIES_NOT_RUNNING for a move that is not
 * allowed. *out is the new state. */
int study_table_set_state(enum study_state *out, struct study_table *table, const char *name, enum study_state state,
        struct error *error);

/* Deletes a study and all it has; live leases are lost. */
int study_table_delete(struct study_table *table, const char *name, struct error *error);

/* Names in creation order; in `arena`. */
int study_table_names(const char ***names, size_t *count, struct study_table *table, struct arena *arena);

/* Queues a point (NAN = to be sampled). */
int study_table_enqueue(
        int64_t *number, struct study_table *table, const char *study, const double *point, struct error *error);

#endif
