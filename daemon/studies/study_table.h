/* All live studies and what people and workers may do with them: the daemon's core. It knows no socket and no libuv: time comes
 * from a clock, the next deadline leaves as a number, answers leave as structs. Every function here runs between
 * study_table_begin and study_table_commit (one transaction per loop turn) unless it says "reads". */
#ifndef DAEMON_STUDIES_STUDY_TABLE_H
#define DAEMON_STUDIES_STUDY_TABLE_H

#include "daemon/storage/store_report.h"
#include "daemon/storage/store_scores.h"
#include "schema/base/arena.h"
#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "schema/study/study_file.h"
#include "schema/study/trial.h"

struct study_table;
struct study_job;

/* Positive outcomes; each comes with a sentence in the struct error. */
enum {
	STUDIES_NOT_FOUND = 1, /* no such study, trial or run */
	STUDIES_EXISTS,        /* a study of that name with another spec */
	STUDIES_SPEC_WRONG,    /* complaints say why */
	STUDIES_LEASE_LOST,    /* the lease number is not the run's live one */
	STUDIES_NOT_A_NUMBER,  /* a value is missing or not a number where one is needed */
	STUDIES_NOT_RUNNING,   /* the study's state does not allow it */
	STUDIES_BAD_REQUEST,   /* an argument is wrong (unknown parameter, negative step, …) */
	STUDIES_BUSY,          /* another program holds the file's lock: nothing done, try again */
	STUDIES_LATER,         /* a job is under way: nothing answered, ask the same again when one was taken back */
};

/* Something happened: for `watch`. Strings are borrowed for the call. Sent only after commit. */
struct study_event {
	const char *study;
	const char *kind; /* "started", "reported", "finished", "lost", "state", "warning", "deleted" */
	int64_t number;   /* of the trial, −1 if none */
	int64_t fold;
	int64_t step;       /* −1 if none */
	double value;       /* NAN if none */
	const char *state;  /* of the trial or study after it; "" if none */
	const char *worker; /* "" if none */
	const char *text;   /* "" or one sentence */
};

struct study_table_options {
	int64_t lease_ms; /* how long a lease lives without renewal */
	/* Takes a job, to run it on another thread and give it back from the loop (below), never from within this call. 0, or a negative
	 * errno when it is not taken. NULL: nobody takes jobs, everything is worked out on the spot. */
	int (*work)(void *context, struct study_job *job);
	void (*on_event)(void *context, const struct study_event *event);
	void *context;
};

/* Builds the table from the file (borrowed, like the clock): every live study is as it was, its random streams included. Leases
 * found in the file stay valid for one full lease time from now. 0, -EIO, -ENOMEM with a sentence. */
int study_table_create(struct study_table **out, struct store *store, struct clock *clock,
        const struct study_table_options *options, struct error *error);
void study_table_destroy(struct study_table *table);

/* Opens the turn's transaction (nothing if open already): 0, STUDIES_BUSY, -EIO. Commit sends the events; when it fails, memory
 * is rebuilt from the file, nothing may be acknowledged, and the sentence says why. */
int study_table_begin(struct study_table *table, struct error *error);
int study_table_commit(struct study_table *table, struct error *error);

/* When there is something due (lease expiry, time budget, run limit, polling for other writers), in monotonic ms; and doing
 * it. Tick opens the transaction itself when it has something to write; the caller commits. */
struct monotime study_table_next_deadline(const struct study_table *table);
int study_table_tick(struct study_table *table, struct error *error);

/* ---- jobs: suggestions and importance jobs that take too long for the loop ---- */

/* Does the work. On any thread, at most once; it touches nothing but what the job was lent. */
void study_job_run(struct study_job *job);

/* True for one that may take a second; others take some hundredths. */
bool study_job_is_long(const struct study_job *job);

/* Takes a job back, on the loop's thread and between turns, whether it ran or not; it is gone then. The caller now repeats whatever was
 * answered STUDIES_LATER. Every job must be taken back before the table is destroyed. */
void study_table_take_back(struct study_table *table, struct study_job *job);

/* ---- studies ---- */

/* Creates a study from a spec (consumed on success). An existing study with the same json is resumed when `resume`, with *created
 * false (a stopped or paused one runs again; a finished one stays finished unless its budget grew). 0, STUDIES_EXISTS,
 * STUDIES_SPEC_WRONG. */
int study_table_add(
        struct study_table *table, struct study_spec *spec, bool resume, bool *created, struct error *error);

/* Moves a study to a state: paused (hands out nothing, running go on), running, stopped (running trials are told "cancelled").
 * 0, STUDIES_NOT_FOUND, STUDIES_NOT_RUNNING for a move that is not allowed. *out is the new state. */
int study_table_set_state(struct study_table *table, const char *name, enum study_state state, enum study_state *out,
        struct error *error);

/* Deletes a study and all it has; live leases are lost. */
int study_table_delete(struct study_table *table, const char *name, struct error *error);

/* Reads. A study as people see it; strings borrowed until the next call that writes. */
struct worker_summary {
	const char *name;
	int64_t running_count, finished_count;
	double idle_s; /* since the last sign of life */
};
struct study_summary {
	const struct study_spec *spec;
	enum study_state state;
	const char *reason;
	int64_t counts[TRIAL_STATE_COUNT];
	int64_t best_number; /* −1 if none; of several objectives the first front's first */
	double best_value;
	const double *best_point;
	size_t front_count;      /* several objectives: the Pareto front */
	const int64_t *front;    /* (front_count) trial numbers; in `arena` */
	double running_s, eta_s; /* eta NAN when unknown */
	size_t worker_count;
	const struct worker_summary *workers; /* in `arena` */
	const char *sampler_note;             /* what the sampler says of itself, or "" */
	size_t warning_count;
	const char *const *warnings; /* run-time lints */
	struct walltime created;
};
int study_table_get(struct study_table *table, const char *name, struct study_summary *out, struct arena *arena,
        struct error *error);
/* Names in creation order; in `arena`. */
int study_table_names(struct study_table *table, const char ***names, size_t *count, struct arena *arena);

/* ---- work ---- */

struct ask {
	const char *study; /* NULL: any study that wants workers, fairly */
	const char *worker, *session, *software;
	const char *key; /* request id within the session: a repeated ask gets the same run */
	size_t command_count;
	const char *const *commands; /* programs this worker may run; count 0 = anything */
};

struct assignment {
	int64_t run_id, lease;
	int64_t trial_id, number, fold, folds, attempt;
	double expires_s;
	uint64_t seed; /* of the run, derived from (study seed, number, fold) */
	const struct study_spec *spec;
	const char *params_json; /* in `arena`, like argv */
	size_t argv_length;
	char *const *argv;
	const char *retry_reason; /* NULL when a run was given; else "paused", "budget", "finished", "waiting" */
	double retry_s;
};

/* Hands out the next run under a lease, or says when to ask again. 0, STUDIES_NOT_FOUND, STUDIES_LATER, -ENOMEM, … */
int study_table_ask(struct study_table *table, const struct ask *ask, struct assignment *out, struct arena *arena,
        struct error *error);

/* "" = go on, else "pruned", "cancelled", "lost" (static). */
struct report_request {
	int64_t run_id, lease, step;
	double value;   /* NAN allowed: also when the metric is missing */
	bool has_value; /* false: find the pruning metric in metrics */
	size_t metric_count;
	const struct metric_value *metrics;
};
int study_table_report(
        struct study_table *table, const struct report_request *report, const char **stop, struct error *error);

struct tell_request {
	int64_t run_id, lease;
	enum run_state state; /* RUN_COMPLETE, RUN_PRUNED, RUN_FAILED, RUN_LOST (handed back) */
	size_t value_count;   /* 0: the result rule looks at the reports and metrics */
	const double *values;
	size_t metric_count;
	const struct metric_value *metrics;
	const struct run_tables *tables; /* or NULL */
	const char *reason;              /* "" if none */
	bool by_signal;                  /* a failed run whose program died by a signal counts as lost: retried */
};
/* *state is the trial's state after it. */
int study_table_tell(
        struct study_table *table, const struct tell_request *tell, enum trial_state *state, struct error *error);

/* Renews leases; answers which are lost and which should stop. */
struct lease_claim {
	int64_t run_id, lease;
	const char *stop; /* out: "" go on, "pruned", "cancelled", "lost" */
};
int study_table_renew(
        struct study_table *table, struct lease_claim *claims, size_t count, double *expires_s, struct error *error);

/* ---- trials ---- */

/* Queues a point (NAN = to be sampled). */
int study_table_enqueue(
        struct study_table *table, const char *study, const double *point, int64_t *number, struct error *error);

/* Reads. Trials by number, after `after` (−1 = from the start), at most `limit`, of one state (TRIAL_STATE_COUNT = any). */
struct trial_summary {
	struct trial_record record;  /* arrays borrowed until the next write */
	double last_value;           /* last reported; NAN */
	int64_t last_step;           /* −1 */
	const char *worker, *reason; /* "" if none */
	double duration_s;           /* NAN if not started */
	double sd;                   /* over folds, NAN */
	double violation;            /* of the constraints, summed up; 0 = feasible, NAN unless COMPLETE */
};
int study_table_trials(struct study_table *table, const char *study, enum trial_state state, int64_t after,
        size_t limit, struct trial_summary **out, size_t *count, struct arena *arena, struct error *error);

struct run_summary {
	struct run_record record;
	const char *worker, *reason;
	size_t report_count;
	const struct report *reports; /* with metrics; in `arena` */
	struct run_metrics metrics;   /* final ones, as told */
	struct run_tables tables;
};
struct trial_detail {
	struct trial_summary summary;
	const struct study_spec *spec;
	const char *
	        sampler_note; /* why the sampler chose the point, if it chooses among others; JSON text, in `arena`; or NULL */
	size_t run_count;
	struct run_summary *runs; /* in `arena` */
};
/* Reads. Everything known of one trial. */
int study_table_trial(struct study_table *table, const char *study, int64_t number, struct trial_detail *out,
        struct arena *arena, struct error *error);

struct importance_job; /* on how much each parameter decides */
struct importance_request {
	const char *study, *method;
	const char *metric; /* NULL: the only one, or the Pareto front of all */
	/* What this question has begun: NULL at first, the same when it is repeated, then for study_importance_job_destroy, whatever the
	 * answer. NULL: it is to be answered on the spot. */
	struct importance_job **importance;
};

/* Forgets an importance job, under way or not; NULL is fine. */
void study_importance_job_destroy(struct importance_job *importance);

struct parameter_share {
	const char *name;
	double share; /* they sum to 1; NAN = cannot be judged */
};
struct importance_summary {
	const char *metric; /* "" = the front */
	size_t trial_count; /* complete ones, which it rests on */
	size_t count;
	const struct parameter_share *shares; /* (count), falling, NAN last; in `arena` */
};
/* Reads. How much of the outcome each parameter decides (daemon/samplers/importance/importance.h). 0, STUDIES_NOT_FOUND, STUDIES_LATER,
 * STUDIES_BAD_REQUEST for an unknown method or metric, or for no metric where the method needs one. */
int study_table_importance(struct study_table *table, const struct importance_request *request,
        struct importance_summary *out, struct arena *arena, struct error *error);

#endif
