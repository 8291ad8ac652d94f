/* Learning curves of all trials of a study, as the pruners see them. Rows are trials in the order
 * they were met. */
#ifndef DAEMON_PRUNERS_CURVES_H
#define DAEMON_PRUNERS_CURVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/pruners/verdict.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct trial_curve {
	int64_t number;
	enum trial_state state;
	double final_value; /* NAN until COMPLETE */
	size_t count, capacity;
	int64_t *steps;         /* (count) rising */
	double *values;         /* (count) */
	double best;            /* over all values, NAN ignored; NAN when there is none */
	struct verdict verdict; /* the last one given */
};

/* Values of COMPLETE trials at one step. */
struct step_values {
	int64_t step;
	size_t trial_count; /* NAN values included */
	size_t count, capacity;
	double *sorted; /* (count) without NAN */
};

struct curves {
	enum direction direction;
	size_t count, capacity;
	struct trial_curve *rows;
	size_t bucket_count;
	size_t *buckets; /* number → row + 1, open addressing; 0 = empty */
	size_t step_count, step_capacity;
	struct step_values *steps; /* (step_count) by step */
	size_t complete_count;
	int64_t longest_complete; /* largest last step of a COMPLETE trial; -1 = none */
	size_t best_row;          /* of the best COMPLETE trial; CURVES_NONE */
};
#define CURVES_NONE ((size_t)-1)

/* An empty set of curves; freeing it, zeroed curves are fine. */
void curves_init(struct curves *curves, enum direction direction);
void curves_finish(struct curves *curves);

/* True when `a` is better than `b`; NAN is never better. */
bool curves_better(const struct curves *curves, double a, double b);

/* The row of a trial, or CURVES_NONE. */
size_t curves_find(const struct curves *curves, int64_t number);

/* Adds a RUNNING trial without values; one that is known stays as it is. 0 or -ENOMEM. */
int curves_add(struct curves *curves, int64_t number);

/* Puts a value in its place; a step that is there already keeps its first value (*news = false). 0
 * or -ENOMEM. */
int curves_put(bool *news, struct curves *curves, size_t row, int64_t step, double value);

/* The trial finished. When memory runs out, its values may be missing from the comparison. */
void curves_end(struct curves *curves, size_t row, enum trial_state state, double value);

/* A trial that was stopped goes on; others, and unknown ones, stay as they are. */
void curves_resume(struct curves *curves, int64_t number);

/* The values of COMPLETE trials at `step`, or NULL when none has one. */
const struct step_values *curves_at_step(const struct curves *curves, int64_t step);

/* True when `step`, the newest of `curve`, is the first since the last multiple of `interval` after
 * `warmup`. */
bool curve_opens_interval(const struct trial_curve *curve, int64_t warmup, int64_t interval);

#endif
