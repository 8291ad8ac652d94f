/* What all live studies share: the file, the clock, the leases and the ways to find a run. Built
 * anew from the file at every start, after a failed commit, and when another program wrote to the
 * file (recovery.h). */
#ifndef DAEMON_STUDIES_CONTEXT_H
#define DAEMON_STUDIES_CONTEXT_H

#include "daemon/studies/index.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/figures.h"
#include "daemon/studies/lease.h"
#include "schema/base/list.h"

struct run;
struct study;
struct study_job;

struct context {
	struct store *store;                               /* borrowed */
	struct clock *clock;                               /* borrowed */
	struct event_queue *events;                        /* borrowed */
	struct run_figures *figures;                       /* borrowed; of this turn */
	int (*work)(void *context, struct study_job *job); /* see study_table_options; NULL = nobody takes jobs */
	void *work_context;
	struct leases leases;
	struct index runs;   /* run id → struct run, of all studies */
	struct index asks;   /* key of session and request → leased struct run */
	struct list studies; /* struct study::member, in creation order; owned */
	int64_t last_run_id; /* the greatest id seen: a smaller one that is unknown existed once */
	uint64_t serve_count;
};

/* An empty one: no studies. All but `out` are borrowed. 0 or -ENOMEM. */
int context_create(
        struct context **out, struct store *store, struct clock *clock, struct event_queue *events, int64_t lease_ms);

/* The clock's two times. */
struct monotime context_now(const struct context *context);
struct walltime context_date(const struct context *context);

#endif
