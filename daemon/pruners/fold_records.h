/* What the folds of trials said, each by itself: their reports and what they came to, and the model
 * that pools their noise. Rows are trials in the order they were met, as in curves.h. */
#ifndef DAEMON_PRUNERS_FOLD_RECORDS_H
#define DAEMON_PRUNERS_FOLD_RECORDS_H

#include "daemon/estimates/fold_model.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* The reports of one fold, by step. */
struct fold_record {
	size_t count, capacity;
	int64_t *steps; /* (count) rising */
	double *values; /* (count) */
};

/* One trial. */
struct fold_row {
	int64_t number;
	enum trial_state state;
	bool spared;               /* not to be stopped by `auto`: a default, or somebody's own point */
	bool resumed;              /* not to be stopped again by any pruner */
	bool infeasible;           /* it says what noise is, and nothing of what is good */
	bool would_stop;           /* the rule said stop and was overridden, to be audited */
	double forecast;           /* of its first fold, without its effect, as last made; NAN = none */
	double forecast_variance;  /* beyond the noise of a fold */
	struct fold_record *folds; /* (fold_count) owned */
};

struct fold_records {
	bool maximize;
	uint64_t seed; /* of the study */
	size_t fold_count;
	size_t count, capacity;
	struct fold_row *rows;
	double *finals; /* (count, fold_count) what each fold came to; NAN = not known */
	size_t final_capacity;
	size_t told_count, complete_count; /* COMPLETE and PRUNED ones / of these COMPLETE, at the last fit */
	struct fold_model model;           /* of all that is complete */
	size_t epoch_count;                /* reports of the longest fold that came to something */
	double bar;          /* what the third best complete trial is worth, or the last of the best tenth … */
	double bar_variance; /* … of all; NAN = not known */
};

/* A fold has reported, or come to something. */
struct fold_moment {
	size_t row, fold;
	bool ended;
};

/* None yet, of trials with so many folds. Freeing them, zeroed records are fine. */
void fold_records_init(struct fold_records *records, size_t fold_count, bool maximize);
void fold_records_finish(struct fold_records *records);

/* One more row, RUNNING and without reports. 0 or -ENOMEM. */
int fold_records_add(struct fold_records *records, int64_t number);

/* A report of a fold; of a step that is there already the newer value counts, as another
 * attempt made it. 0 or -ENOMEM. */
int fold_record_put(struct fold_record *record, int64_t step, double value);

/* The value of a fold at exactly that step, NAN where there is none / whether there is one. */
double fold_record_at(const struct fold_record *record, int64_t step);
bool fold_record_knows(const struct fold_record *record, int64_t step);

/* What the folds of a row came to: (fold_count). */
double *fold_records_finals(const struct fold_records *records, size_t row);

/* The folds of a row that came to something. */
size_t fold_records_done(const struct fold_records *records, size_t row);

/* True for a trial that others are compared with: feasible, and all of its folds are known. */
bool fold_records_competes(const struct fold_records *records, size_t row);

/* The fold that a row's trial runs first: each trial another one, so that no part of the space is
 * judged by one fold only. */
size_t fold_records_first(const struct fold_records *records, size_t row);

/* Fits the model and the bar anew, after a trial ended or was taken up again. 0 or -ENOMEM. */
int fold_records_fit(struct fold_records *records);

/* What a row is worth by the model, whose `fitted` is true: mean and variance. */
void fold_records_worth(double *mean, double *variance, const struct fold_records *records, size_t row);

#endif
