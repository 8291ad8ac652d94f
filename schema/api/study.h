/* Studies as people see them. */
#ifndef SCHEMA_API_STUDY_H
#define SCHEMA_API_STUDY_H

#include <stddef.h>
#include <stdint.h>
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* A worker that the study has or had. */
struct worker_summary {
	const char *name;
	int64_t running_count, finished_count;
	double idle_s; /* since the last sign of life */
};

/* Strings are borrowed until the next change of the study. */
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

/* How much of the outcome each parameter decides. */
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

#endif
