/* Trials: queued, listed, looked at. */
#ifndef SCHEMA_API_TRIAL_H
#define SCHEMA_API_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "schema/api/field.h"
#include "schema/api/trial_order.h"
#include "schema/base/clock.h"
#include "schema/study/score.h"
#include "schema/study/trial.h"

/* A point for the queue. */
struct trial_enqueue_request {
	const char *study;
	const char *params; /* JSON: parameter → value; those left out are sampled */
};
struct trial_enqueue_answer {
	int64_t number;
	LIST_OF(const char *) warnings; /* values outside of their range, or that do not count */
};

/* A stopped trial runs again, by the folds that it has not run. */
struct trial_resume_request {
	const char *study;
	int64_t number;
};
struct trial_resume_answer {
	int64_t runs; /* that are ready now */
};

/* Trials by number, after `after` (−1 = from the start), at most `limit`, of one state
 * (TRIAL_STATE_COUNT = any); or the first `limit` in another order. */
struct trial_list_request {
	const char *study;
	enum trial_state state;
	int64_t after, limit;
	enum trial_order order;
};

/* One line of a list. */
struct trial_summary {
	int64_t number; /* in the study */
	int64_t id;     /* Optuna's trial_id, in the file */
	enum trial_state state;
	LIST_OF(double) values; /* per objective, NAN where there is none */
	const char *params;     /* JSON: those that are active; alone in an answer, with the constants */
	struct walltime started, completed;
	double duration_s;           /* NAN if not started */
	int64_t last_step;           /* of the reports; −1 */
	double last_value;           /* NAN */
	double sd;                   /* over folds, NAN */
	double violation;            /* of the constraints, summed up; 0 = feasible, NAN unless COMPLETE */
	const char *worker, *reason; /* "" if none */
	const char *defaults;        /* whose defaults it has, or "" */
};
struct trial_list_answer {
	LIST_OF(struct trial_summary) trials; /* in the order asked for */
	const char *constants;                /* JSON: parameters that are the same in all of them */
	int64_t next;                         /* `after` of the next page; −1: there is none */
};

/* One attempt at a fold. */
struct run_summary {
	int64_t id, fold, repeat, attempt; /* as in struct run_record */
	enum run_state state;
	double value; /* of the first objective, NAN */
	struct walltime started, completed;
	const char *worker, *reason;
	LIST_OF(struct report) reports;
	struct run_metrics metrics;    /* final ones, as told */
	const struct run_usage *usage; /* as told, or NULL */
	struct run_tables tables;
};

/* What it took of the budget, in whole trials and in runs. */
struct trial_cost {
	double trials, runs;
};

/* All that is known of a trial. */
struct trial_request {
	const char *study;
	int64_t number;
	int64_t first_report; /* a page of its reports from this one on; −1: all, or so many as there is room for */
};
struct trial_detail {
	struct trial_summary summary;
	LIST_OF(struct run_summary) runs; /* the latest attempt of each fold first */
	int64_t report_count;             /* of all runs */
	int64_t next_report;              /* `first_report` of the next page; −1: there is none */
	const struct trial_cost *cost;    /* NULL before its end, and where another program ran it */
	const char *sampler_note; /* why the sampler chose the point, if it chooses among others; JSON, or NULL */
};

extern const struct shape trial_summary_shape; /* of one line of a list */
extern const struct shape trial_enqueue_request_shape, trial_enqueue_answer_shape, trial_resume_request_shape,
        trial_resume_answer_shape, trial_list_request_shape, trial_list_answer_shape, trial_request_shape,
        trial_detail_shape;

#endif
