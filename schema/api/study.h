/* Studies: made, looked at, moved from state to state. */
#ifndef SCHEMA_API_STUDY_H
#define SCHEMA_API_STUDY_H

#include <stddef.h>
#include <stdint.h>

#include "schema/api/field.h"
#include "schema/api/kept_models.h"
#include "schema/base/clock.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* Which study is meant. */
struct study_request {
	const char *study;
};

enum if_exists { IF_EXISTS_ERROR, IF_EXISTS_RESUME };
extern const struct words if_exists_words;

/* A study file to be made a study, or to go on with. */
struct study_create_request {
	const char *spec; /* JSON of the whole file */
	enum if_exists if_exists;
	const char *from;     /* a study whose trials a new one knows; NULL = none */
	bool adopt;           /* another program has the study in the file */
	const char *defaults; /* JSON, parameter → value: what the study's program does by itself; NULL = not known … */
	const char *defaults_of; /* … and whose they are; "" with NULL */
};

/* A study that another program has in the file. */
struct foreign_study {
	const char *name;
	int64_t trial_count;
};

/* A key of the study file with the value it had and the one it has. */
struct changed_key {
	const char *path, *from, *to;
};
struct study_create_answer {
	LIST_OF(const char *) warnings; /* "path: sentence" */
	const char *study;
	bool created;                           /* false: it was there and goes on */
	enum study_state state;                 /* finished: with nothing left to do */
	const char *reason;                     /* why it is finished, or "" */
	LIST_OF(struct changed_key) changes;    /* what it goes on with */
	int64_t inherited_count, offered_count; /* trials of `from` that it knows, of so many complete ones */
};

/* The best trial so far; of several objectives the one of the front that is first by the first. */
struct best_trial {
	int64_t number;
	double value;       /* of the first objective */
	double violation;   /* of the constraints, summed up; 0 = feasible */
	const char *params; /* JSON */
};

/* A limit of a study's budget. */
struct budget_limit {
	const char *name; /* "trials", "runs", "seconds" */
	double used, total;
};

/* What is said of each study of a list. */
struct study_headline {
	const char *name;
	enum study_state state;
	const char *reason;            /* why it has that state, or "" */
	LIST_OF(const char *) metrics; /* of the objectives */
	LIST_OF(enum direction) directions;
	int64_t counts[TRIAL_STATE_COUNT];
	const struct best_trial *best;    /* it keeps the constraints; NULL if none */
	const struct best_trial *nearest; /* where complete trials all break them, the one that does so least */
	struct walltime created;
	int64_t budget_trials;               /* 0 = no limit */
	LIST_OF(struct budget_limit) budget; /* all limits that are set */
	int64_t imported_count;              /* finished trials that were not run here: no part of the budget */
};
struct study_list_request {
	int64_t from; /* how many to pass over, where the page before this one ended */
};
struct study_list_answer {
	LIST_OF(struct study_headline) studies; /* in the order of their creation */
	LIST_OF(struct foreign_study) foreign;  /* behind them, not served here, by name */
	int64_t next;                           /* where the next page begins; −1 = this is the last */
};

/* A worker that the study has or had. */
struct worker_summary {
	const char *name;
	int64_t running_count, finished_count;
	double idle_s;              /* since the last sign of life */
	int64_t threads, memory_mb; /* of its machine; 0 = not known */
	double load;                /* of its machine over a minute, as it said last; NAN = not known */
	const char *fetching;       /* the file of a run that it brings there, "" = none … */
	int64_t percent;            /* … and how much of it is there */
};

/* All that is said of one study. */
struct study_summary {
	struct study_headline headline;
	LIST_OF(int64_t) front;                 /* several objectives: numbers of the Pareto front */
	LIST_OF(struct worker_summary) workers; /* whoever has had a run of it */
	int64_t connected_workers;              /* to the daemon, for whatever study */
	LIST_OF(const char *) warnings;         /* run-time lints */
	double running_s, eta_s;                /* eta NAN when unknown */
	const char *sampler_note;               /* what the sampler says of itself, or "" */
	const char *spec;                       /* the study file as JSON */
	const struct kept_models *keep;         /* NULL = all that there are */
};

/* Its new state. */
struct study_state_answer {
	enum study_state state;
};
struct study_delete_answer {
	const char *state; /* "deleted" */
};

/* How much of the outcome each parameter decides. */
struct importance_request {
	const char *study, *method;
	const char *metric; /* NULL: the only one, or the Pareto front of all */
};
struct parameter_share {
	const char *name;
	double share; /* they sum to 1; NAN = cannot be judged */
};
struct importance_answer {
	const char *method;
	const char *metric;                         /* "" = the front */
	int64_t trial_count;                        /* complete ones, which it rests on */
	LIST_OF(struct parameter_share) parameters; /* falling, NAN last */
};

extern const struct shape study_request_shape, study_list_request_shape, study_create_request_shape,
        study_create_answer_shape, study_list_answer_shape, study_summary_shape, study_state_answer_shape,
        study_delete_answer_shape, importance_request_shape, importance_answer_shape;

#endif
