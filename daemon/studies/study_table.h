/* All live studies and what people and workers may do with them: the daemon's core. It knows no
 * socket and no libuv: time comes from a clock, the next deadline leaves as a number, answers leave
 * as structs. Every function here runs between study_table_begin and study_table_commit (one
 * transaction per loop turn) unless it says "reads". */
#ifndef DAEMON_STUDIES_STUDY_TABLE_H
#define DAEMON_STUDIES_STUDY_TABLE_H

#include "daemon/studies/job.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table_options.h"
#include "schema/base/arena.h"
#include "schema/base/clock.h"
#include "schema/base/error.h"

struct store;
struct study_table;

/* Builds the table from the file (borrowed, like the clock): every live study is as it was, its
 * random streams included. Leases found in the file stay valid for one full lease time from now. 0,
 * -EIO, -ENOMEM with a sentence. */
int study_table_create(struct study_table **out, struct store *store, struct clock *clock,
        const struct study_table_options *options, struct error *error);
void study_table_destroy(struct study_table *table);

/* Opens the turn's transaction (nothing if open already): 0, STUDIES_BUSY, -EIO. Commit sends the
 * events; when it fails, memory is rebuilt from the file, nothing may be acknowledged, and the
 * sentence says why. */
int study_table_begin(struct study_table *table, struct error *error);
int study_table_commit(struct study_table *table, struct error *error);

/* When there is something due (lease expiry, time budget, run limit, polling for other writers), in
 * monotonic ms; and doing it. Tick opens the transaction itself when it has something to write; the
 * caller commits. */
struct monotime study_table_next_deadline(const struct study_table *table);
int study_table_tick(struct study_table *table, struct error *error);

/* Begins to write down how long studies have been running, which ticks do now and then: for the end
 * of the daemon. Outcomes as of study_table_begin; the caller commits. */
int study_table_save_times(struct study_table *table, struct error *error);

/* ---- jobs: suggestions and importance jobs that take too long for the loop ---- */

/* Takes a job back, on the loop's thread and between turns, whether it ran or not; it is gone then.
 * The caller now repeats whatever was answered STUDIES_LATER. Every job must be taken back before
 * the table is destroyed. */
void study_table_take_back(struct study_table *table, struct study_job *job);

#endif
