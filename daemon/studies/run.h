/* One run of a trial: a fold on a worker. A lost run stays for its old number's sake; a new one, attempt + 1, takes its place. */
#ifndef DAEMON_STUDIES_RUN_H
#define DAEMON_STUDIES_RUN_H

#include "daemon/storage/store_trial.h"
#include "daemon/studies/curve.h"
#include "daemon/studies/workers.h"
#include "daemon/studies/study_table.h"
#include "schema/base/heap.h"
#include "schema/base/list.h"

struct trial;

struct run {
	struct run_record record;
	struct trial *trial;     /* it belongs to */
	struct run *previous;    /* the attempt before, owned; or NULL */
	struct worker *worker;   /* who holds or held it; NULL before */
	char *session, *ask_key; /* of the request that got it; owned, NULL unless leased */
	char *reason;            /* owned; NULL = none */
	struct curve curve;      /* its reports, while the trial is not finished */
	int64_t last_step;       /* −1 = no report */
	struct heap_node lease;  /* context::leases */
	struct list_link ready;  /* study::ready */
	double outcomes[];       /* (objectives + constraints of the study): what counts so far, NAN = nothing */
};

/* A run as the record says; the trial takes it as the latest attempt of its fold. 0 or -ENOMEM. */
int run_create(struct run **out, struct trial *trial, const struct run_record *record);

/* Frees the run and the attempts before it; NULL is fine. */
void run_destroy(struct run *run);

/* What the holder is told: "" go on, else "pruned", "cancelled", "lost". */
const char *run_stop(const struct run *run);

/* The value of the metric that pruning looks at in a report; false when the report does not have it. */
bool run_measures(const struct run *run, const struct report_request *report, double *value);

/* The metric that outcome `index` is: objectives first, then constraints. */
const char *run_outcome_name(const struct run *run, size_t index);

/* Notes the outcomes that a report or a final message carries: each counts as the study's result rule says (`final`: at once). */
void run_note(struct run *run, int64_t step, size_t metric_count, const struct metric_value *metrics, bool final);

/* The same for the metric that pruning looks at. */
void run_note_value(struct run *run, int64_t step, double value);

/* Gives the run to the worker that asked: fencing number, lease, row in the file. 0 or an error. */
int run_lease(struct run *run, const struct ask *ask);

/* Ends the run: state, reason (NULL = none) and value go to the file, the lease is over. 0 or an error. */
int run_end(struct run *run, enum run_state state, const char *reason);

/* The newest attempt of this fold that had started at `date`, or the oldest. */
const struct run *run_at(const struct run *run, struct walltime date);

/* The value any attempt of this fold reported at the step, the newest first. */
bool run_reported(const struct run *run, int64_t step, double *value);

#endif
