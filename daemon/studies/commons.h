/* What all live studies share: the file, the clock, the leases and the ways to find a run. Built anew from the file at every start,
 * after a failed commit, and when another program wrote to the file (recovery.h). */
#ifndef DAEMON_STUDIES_COMMONS_H
#define DAEMON_STUDIES_COMMONS_H

#include "daemon/storage/store.h"
#include "daemon/studies/catalog.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/lease.h"
#include "schema/base/list.h"

struct run;
struct study;
struct study_job;

struct commons {
	struct store *store;                               /* borrowed */
	struct clock *clock;                               /* borrowed */
	struct event_queue *events;                        /* borrowed */
	int (*work)(void *context, struct study_job *job); /* see study_table_options; NULL = nobody takes jobs */
	void *work_context;
	struct leases leases;
	struct catalog runs; /* run id → struct run, of all studies */
	struct catalog asks; /* key of session and request → leased struct run */
	struct list studies; /* struct study::member, in creation order; owned */
	int64_t last_run_id; /* the greatest id seen: a smaller one that is unknown existed once */
	uint64_t serve_count;
};

/* An empty one: no studies. All but `out` are borrowed. 0 or -ENOMEM. */
int commons_create(
        struct commons **out, struct store *store, struct clock *clock, struct event_queue *events, int64_t lease_ms);

/* Frees it with all its studies; NULL is fine. */
void commons_destroy(struct commons *commons);

/* The study of that name / that id in the file, or NULL. */
struct study *commons_study(const struct commons *commons, const char *name);
struct study *commons_study_by_id(const struct commons *commons, int64_t id);

/* The leased run that this request was given before, or NULL. Empty keys are never repeated. */
struct run *commons_asked(const struct commons *commons, const char *session, const char *key);

/* Forgets the study's runs and frees the study. Leases end. */
void commons_drop(struct commons *commons, struct study *study);

/* Turns a storage outcome into an error: the table read the file under the write lock, so rows that are gone or finished now mean
 * that memory is not the file, -ESTALE. Negative codes and 0 pass. */
int commons_check(int rc);

/* The clock's two times. */
struct monotime commons_now(const struct commons *commons);
struct walltime commons_date(const struct commons *commons);

#endif
