/* The answer of the pruners about a trial. */
#ifndef DAEMON_PRUNERS_VERDICT_H
#define DAEMON_PRUNERS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a verdict by a model of the noise rests on. */
struct verdict_grounds {
	double mean, sd;      /* what the trial is taken to be worth */
	double bar, z;        /* how good it would have to be, and how many standard errors below are too many */
	double noise;         /* sd of one fold */
	size_t runs, of_runs; /* folds it is judged by; 0 = a part of the first one */
	bool outlier;         /* its curve lies far below all others */
};

/* Whether to stop the trial, and why. */
struct verdict {
	bool prune;
	const char *pruner; /* its name; static */
	int64_t rung;       /* -1 where there are none */
	int64_t step;
	double value, threshold;               /* NAN where there is none */
	const struct verdict_grounds *grounds; /* of the model; until the pruners are asked again; NULL = none */
};

/* A verdict before anybody was asked. */
struct verdict verdict_none(int64_t step, double value);

#define VERDICT_TEXT_BYTES 280

/* In words with its numbers, why the trial was stopped. */
void verdict_text(char out[VERDICT_TEXT_BYTES], const struct verdict *verdict);

#endif
