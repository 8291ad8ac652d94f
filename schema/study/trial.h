/* Trials and runs: what is kept of them, and which moves their states allow.
 *
 *   trial   WAITING ──ask──▶ RUNNING ──tell──▶ COMPLETE | PRUNED | FAIL          finished trials never change
 *              └────────────cancel──────────────────────────▲             … but PRUNED ──resume──▶ RUNNING
 *
 *   run     WAITING ──lease──▶ LEASED ──tell──▶ COMPLETE | PRUNED | FAILED | CANCELLED
 *              ▲                 │
 *              │                 └─lease expired, handed back──▶ LOST   (a new run, attempt + 1, takes its place)
 *              └── created with its trial, one per fold */
#ifndef SCHEMA_STUDY_TRIAL_H
#define SCHEMA_STUDY_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/clock.h"
#include "schema/base/words.h"

enum trial_state { TRIAL_WAITING, TRIAL_RUNNING, TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_FAILED, TRIAL_STATE_COUNT };
enum run_state {
	RUN_WAITING,
	RUN_LEASED,
	RUN_COMPLETE,
	RUN_PRUNED,
	RUN_FAILED,
	RUN_CANCELLED,
	RUN_LOST,
	RUN_STATE_COUNT
};
enum study_state { STUDY_RUNNING, STUDY_PAUSED, STUDY_STOPPED, STUDY_FINISHED, STUDY_STATE_COUNT };

/* Why a study has its state: somebody said so, or nothing is left to do. */
enum study_reason { REASON_NONE, REASON_TARGET, REASON_BUDGET, REASON_TIME, REASON_EXHAUSTED, REASON_USER };
extern const struct words study_reason_words; /* "" for none */

/* Names: Optuna's upper-case words for trials ("FAIL"), lower-case for runs and studies; parse
 * returns -EINVAL otherwise. */
extern const struct words trial_state_words, run_state_words, study_state_words;
const char *trial_state_name(enum trial_state state);
const char *run_state_name(enum run_state state);
const char *study_state_name(enum study_state state);
int trial_state_parse(enum trial_state *out, const char *name);
int run_state_parse(enum run_state *out, const char *name);
int study_state_parse(enum study_state *out, const char *name);

/* True when the table of allowed moves has this one. */
bool trial_state_may_become(enum trial_state from, enum trial_state to);
bool run_state_may_become(enum run_state from, enum run_state to);
bool study_state_may_become(enum study_state from, enum study_state to);

/* True for states in which nothing is under way; only a PRUNED trial may leave it. */
bool trial_state_is_finished(enum trial_state state);
bool run_state_is_finished(enum run_state state);

/* What the trial file keeps of a trial. Owners of the pointers are named where a record is handed
 * out. */
struct trial_record {
	int64_t id; /* Optuna's trial_id, global in the file, only grows */
	int64_t study_id;
	int64_t number; /* 0, 1, 2 … per study */
	enum trial_state state;
	struct walltime started, completed; /* us = 0: not yet */
	double *point;                      /* (space count) internal values, NAN = inactive or not chosen yet */
	double *values;                     /* (objective count), NAN = none */
	bool enqueued;                      /* came from the queue (fixed_params) */
	bool unfit;                         /* the file has a value that is none of the space: it is left out */
};

/* What it keeps of a run. */
struct run_record {
	int64_t id;
	int64_t trial_id;
	int64_t fold;    /* of a repeat counted on from the trial's own folds: repeat · folds + fold */
	int64_t repeat;  /* 0 = of the trial itself; else on another split, the same for all trials */
	int64_t attempt; /* 0 for the first */
	int64_t lease;   /* fencing number, only grows in the file; 0 = never leased */
	int64_t holder;  /* whose lease it is or was: 0 = the user of the daemon's machine, else a token's id */
	enum run_state state;
	struct walltime started, completed, expires;
	double value; /* of the first objective; NAN = none */
	/* Moments of its study (1, 2, 3 …), which order what clocks cannot; 0 = not yet. */
	int64_t began, ended;
	int64_t closed;           /* when its trial ended, in one of its runs; 0 in the others */
	bool handed_back;         /* it is lost and costs no retry: it came further than before, or had not begun */
	int64_t stopped, resumed; /* when its trial had been stopped, and was taken up again with it; 0 = it was not */
};

#endif
