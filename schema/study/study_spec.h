/* What a study file says, checked and complete: every default filled in, ready for the daemon and
 * for the eye. */
#ifndef SCHEMA_STUDY_STUDY_SPEC_H
#define SCHEMA_STUDY_STUDY_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/words.h"
#include "schema/space/space.h"
#include "schema/study/method.h"

enum direction { MINIMIZE, MAXIMIZE };
extern const struct words direction_words; /* "minimize", "maximize" */

struct objective {
	const char *name; /* the metric's name in reports: "f1" */
	enum direction direction;
	double target; /* no new trials once a value reaches it; NAN = none */
};

struct constraint {
	const char *metric;
	bool at_most; /* metric <= bound, else metric >= bound */
	double bound;
};

struct file_entry {
	const char *name;   /* "train": ${file:train} */
	const char *path;   /* absolute on the machine that created the study */
	const char *sha256; /* hex; "" until somebody hashed it */
	int64_t size_bytes;
};

enum report_kind { REPORT_PIPE, REPORT_STDOUT, REPORT_PATTERN, REPORT_FILE };
extern const struct words report_kind_words;   /* "pipe", "stdout", "pattern", "file" */
enum result_rule { RESULT_BEST, RESULT_LAST }; /* which reported value counts when the program gives no final one */

enum kept_rule { KEPT_ALL, KEPT_FAILED, KEPT_NONE };
extern const struct words kept_rule_words; /* "all", "failed", "none" */

/* By the runs that it took, as one that was not stopped, or nothing. */
enum stopped_cost { STOPPED_COST_SHARE, STOPPED_COST_WHOLE, STOPPED_COST_NOTHING };

struct study_spec {
	struct arena arena; /* owns all below but the space */
	const char *name;
	const char *description; /* "" if none */
	size_t objective_count;  /* 0 = no metric: trials are recorded and nothing is ranked */
	struct objective *objectives;
	size_t constraint_count;
	struct constraint *constraints;
	struct space *space;    /* owned */
	const double *defaults; /* (space count) tried before all else; NAN = drawn; NULL = none */
	bool defaults_given;    /* the file says what they are, be it that there are none */
	struct method sampler;
	size_t pruner_count; /* asked in turn; 0 = never prune */
	struct method *pruners;
	const char *prune_metric; /* the metric that pruning looks at; default the first objective's name, or "" */
	enum direction prune_direction; /* what is better there: the objective's, or the metric's own */
	int64_t budget_trials;          /* that run to their end; 0 = no limit */
	int64_t budget_runs;            /* of full length; 0 = no limit */
	double budget_s;                /* running seconds of the study; 0 = no limit */
	enum stopped_cost stopped_cost; /* what a trial that was stopped takes of trials and runs */
	int64_t folds;                  /* runs per trial; 1 = no folds */
	int64_t replicates; /* runs of the budget for repeats of the leaders; −1 = as many as seem right */
	int64_t retries;
	size_t command_length;
	const char *const *command; /* with macros, unexpanded */
	const char *program;        /* "" if none */
	size_t file_count;
	struct file_entry *files;
	enum report_kind report_kind;
	const char *report_source; /* name=value format, pattern or path */
	enum result_rule result_rule;
	int64_t threads;                    /* 0 = as many as the worker gives a run */
	int64_t memory_mb;                  /* 0 = no limit */
	double run_minutes;                 /* 0 = no limit */
	int64_t keep_models;                /* of so many best trials, where trials are ranked; 0 = of all */
	enum kept_rule keep_oof, keep_logs; /* which of the others the daemon gets from a worker … */
	int64_t keep_mb;                    /* … of one run at most */
	uint64_t seed;
	bool seed_given;      /* else the daemon draws one and stores it */
	bool wandb;           /* the program finds a stand-in for W&B's client */
	bool keep_checkpoint; /* what a run keeps to go on from follows it to another machine */
	const char
	        *json; /* the whole study file as canonical JSON: what study.create carries and the trial file keeps */
};

/* True when the curves that pruners look at are the only objective's: those are what Optuna knows
 * as intermediate values. */
bool study_spec_prunes_by_objective(const struct study_spec *spec);

/* How many trials that run to their end the budget has room for; 0 = no limit. */
double study_spec_trials_most(const struct study_spec *spec);

/* Frees the spec and what it owns; NULL is fine. */
void study_spec_destroy(struct study_spec *spec);

/* True when `value` is better than `than` for the objective; NAN is never better. */
bool objective_better(const struct objective *objective, double value, double than);

#endif
