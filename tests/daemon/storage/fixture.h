/* A study and its trials for the tests of the trial file. Everything must succeed: a failure ends
 * the test. */
#ifndef TESTS_DAEMON_STORAGE_FIXTURE_H
#define TESTS_DAEMON_STORAGE_FIXTURE_H

#include <math.h>

#include "daemon/storage/store_report.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"

/* Parameters by name: layers int 1..9 step 2; lr log float; optimizer "adam" | null | true | 2.5 |
 * "하나"; q float step .25; units log int. Two objectives when `second` is not NULL. NULL when out of
 * memory. */
struct study_spec *fixture_spec(const char *name, const char *second);

enum { LAYERS, LR, OPTIMIZER, Q, UNITS, PARAM_COUNT };

/* A new folder under $TMPDIR, and the path of a file in it; remove with fixture_remove. */
struct fixture {
	char folder[256];
	char path[300];
	struct store *store;
	struct study_spec *spec;
	int64_t study_id;
};

/* An empty store with one running study "quick" of objective f1. */
void fixture_init(struct fixture *fixture);
void fixture_finish(struct fixture *fixture);

/* Closes and opens the store again. */
void fixture_reopen(struct fixture *fixture);

/* 2026-01-01 plus `seconds`. */
struct walltime fixture_time(int64_t seconds);

/* A trial in state RUNNING with a run, in a transaction of its own. */
struct fixture_trial {
	double point[PARAM_COUNT];
	double values[2];
	struct trial_record record; /* point and values are the arrays above */
	struct run_record run;
};
void fixture_trial_add(struct fixture *fixture, struct fixture_trial *trial, double lr);

/* Ends a trial, in a transaction of its own. */
void fixture_trial_end(struct fixture *fixture, struct fixture_trial *trial, enum trial_state state, double value);

/* Inserts a study row for a spec, in the open transaction. Returns store_study_insert's code. */
int fixture_study_add(struct store *store, const struct study_spec *spec, int64_t *id);

/* Runs SQL as another program would: on a connection of its own, with no foreign keys. */
void fixture_sql(const char *path, const char *sql);

/* The first column of the first row as text, "" for none; in `out`. */
void fixture_ask(const char *path, const char *sql, char out[1024]);

/* True when two doubles are equal or both not a number. */
static inline bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

#endif
