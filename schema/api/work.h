/* Work: asked for, reported on, ended. */
#ifndef SCHEMA_API_WORK_H
#define SCHEMA_API_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/api/field.h"
#include "schema/api/hello.h"
#include "schema/api/kept_models.h"
#include "schema/study/score.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* ---- trial.ask ---- */

/* A worker wants a run. */
struct ask_request {
	const char *study;                       /* NULL: any study that wants workers, fairly */
	LIST_OF(const char *) commands;          /* programs this worker may run; none = anything */
	bool repeats;                            /* it knows runs that repeat a trial; an older one would fail them */
	const char *worker, *session, *software; /* not on the wire, as all that follows: the connection knows it */
	struct hello_machine machine;
	const char *key; /* request id within the session: a repeated ask gets the same run */
	int64_t holder;  /* who asks: 0 = the user of the daemon's machine, else a token's id; likewise below */
};

/* Why there is none, the most hopeful first. */
enum wait_reason { WAIT_NOTHING, WAIT_WAITING, WAIT_BUDGET, WAIT_PAUSED, WAIT_FINISHED };
extern const struct words wait_reason_words;

/* A file of the study: where it lies on the daemon's machine. */
struct run_file {
	const char *name, *path;
	const char *sha256; /* "" = not hashed */
	int64_t size_bytes;
};

/* A variable to set. */
struct run_variable {
	const char *name, *value;
};

/* How the program is heard. */
struct run_report_rule {
	enum report_kind kind;
	const char *source; /* a format, a pattern, a path; or "" */
	const char *metric; /* the one that pruning looks at */
};

/* What it may use. */
struct run_resources {
	int64_t threads;   /* 0 = as many as the worker gives a run */
	int64_t memory_mb; /* 0 = no limit */
	double minutes;    /* 0 = no limit */
};

/* A run under a lease. */
struct assigned_run {
	int64_t id;
	const char *study;
	int64_t trial_id, number, fold, folds, attempt, lease;
	int64_t repeat; /* 0 = of the trial itself; else on another split, and `fold` is counted on: repeat · folds + … */
	double expires_s;
	const char *params;            /* JSON, with constants */
	int64_t seed;                  /* below 2^53, of (study seed, number, fold) */
	LIST_OF(const char *) command; /* argv */
	LIST_OF(struct run_file) files;
	struct run_report_rule report;
	struct run_resources resources;
	LIST_OF(const char *) metrics, constraints; /* of the objectives; the metrics that are bounded */
	LIST_OF(struct run_variable) env;
	bool wandb;                     /* the program wants the stand-in for W&B's client */
	const struct kept_models *keep; /* NULL = all that there are */
	bool checkpoint_follows;        /* what it keeps to go on from is to be brought to the daemon */
	int64_t checkpoint_attempt;     /* an attempt that was lost, and what it kept to go on from; paths are "" */
	LIST_OF(struct run_file) checkpoint;
};

/* The fold as its program has it, from 0 to folds − 1. */
int64_t assigned_run_fold(const struct assigned_run *run);

struct ask_answer {
	const struct assigned_run *run; /* NULL: none now */
	double retry_s;                 /* when to ask again; NAN with a run */
	enum wait_reason reason;
};

/* ---- trial.report, trial.tell ---- */

/* Whose run it is. */
struct lease_claim {
	int64_t run_id, lease;
};

/* What a holder is told. */
enum stop_reason { STOP_NONE, STOP_PRUNED, STOP_CANCELLED, STOP_LOST };
extern const struct words stop_reason_words;

/* A value at a step. */
struct report_request {
	struct lease_claim claim;
	int64_t step;
	struct given_number value; /* not given: find the pruning metric in metrics */
	struct run_metrics metrics;
	int64_t holder; /* not on the wire */
};
struct report_answer {
	enum stop_reason stop;
};

/* Everything that was said of one metric, also in reports that did not arrive. */
struct metric_range {
	const char *name;
	double least, greatest; /* NAN while none of its values is a number */
	double last;            /* at the greatest step; may be NAN */
};

/* The end of a run. */
struct tell_request {
	struct lease_claim claim;
	enum run_state state;      /* RUN_COMPLETE, RUN_PRUNED, RUN_FAILED, RUN_LOST (handed back) */
	struct given_number value; /* of the only objective */
	LIST_OF(double) values;    /* per objective; neither: the result rule looks at the reports and metrics */
	struct run_metrics metrics;
	LIST_OF(struct metric_range) heard;
	const struct run_tables *tables; /* or NULL */
	const struct run_usage *usage;   /* or NULL */
	const char *reason;              /* "" if none */
	bool by_signal;                  /* a failed run whose program died by a signal counts as lost: retried */
	bool uncounted;                  /* a lost run costs no retry: its program had not really begun */
	int64_t holder;                  /* not on the wire */
};
struct tell_answer {
	enum trial_state trial;
};

extern const struct shape ask_request_shape, ask_answer_shape, assigned_run_shape, report_request_shape,
        report_answer_shape, tell_request_shape, tell_answer_shape;
extern const struct shape lease_claim_shape;

#endif
