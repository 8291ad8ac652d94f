/* Which trial to use, and what speaks for it. */
#ifndef SCHEMA_API_BEST_H
#define SCHEMA_API_BEST_H

#include "schema/api/field.h"
#include "schema/api/study.h"

/* What an estimate rests on: the values as they were seen; folds; other configurations; both. */
enum best_basis { BASIS_SEEN, BASIS_FOLDS, BASIS_CONFIGURATIONS, BASIS_BOTH };
extern const struct words best_basis_words;

/* A trial and what it is worth. NAN where nothing tells. */
struct contending_trial {
	int64_t number;
	double value;          /* as it was seen */
	double mean, sd;       /* of the true value, and how far that may be off */
	double low, high;      /* 95 % */
	double chance;         /* to be the best of all */
	double beats_defaults; /* the chance to be better than the defaults */
	int64_t run_count;     /* that it rests on */
	const char *params;    /* JSON */
};

struct study_best_answer {
	const char *metric;
	enum direction direction;
	enum best_basis basis;
	double noise;                                /* standard deviation of one run's value */
	const struct contending_trial *named;        /* what to use; NULL = no trial is complete */
	const struct contending_trial *leader;       /* the best mean; another one where the defaults are named */
	const struct contending_trial *seen;         /* the best value seen */
	const struct contending_trial *defaults;     /* NULL = none, or not complete */
	LIST_OF(struct contending_trial) candidates; /* whose mean and twice its error reach the best mean */
};

extern const struct shape study_best_answer_shape;

#endif
