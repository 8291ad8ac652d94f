/* Studies, trials and runs in memory: what they consist of. What they do is in the files of their
 * names. */
#ifndef DAEMON_STUDIES_LIVE_H
#define DAEMON_STUDIES_LIVE_H

#include "daemon/pruners/pruning.h"
#include "daemon/studies/context.h"
#include "daemon/studies/curve.h"
#include "daemon/studies/misfits.h"
#include "daemon/studies/search.h"
#include "daemon/studies/workers.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct estimated_models;
struct known_estimates;
struct suggestion;
struct trial;

/* What is waited for and what is out. */
struct study_queues {
	struct list waiting; /* struct trial::member: WAITING, by number */
	struct list running; /* struct trial::member: RUNNING under our leases */
	struct list ready;   /* struct run::ready: runs of running trials that nobody holds, by id */
	int64_t leased_count;
	uint64_t served; /* when the study last gave out work, on context::serve_count */
};

/* How points are chosen. */
struct study_choice {
	struct search *search;         /* a claim; history and sampler */
	struct suggestion *suggestion; /* under way or made; owned, NULL = none */
	const char *noted; /* what the sampler said of itself for the newest trial; static, NULL = nothing yet */
	bool on_the_spot;  /* the next suggestion is not given to another thread */
	bool exhausted;    /* the sampler has nothing new */
};

/* The best by their values of the complete trials that were run here, the best first; owned. Their
 * models stay. */
struct best_models {
	struct trial **trials; /* (count) */
	size_t count, wanted;
	int64_t finished_count;             /* of those that were run here, however they ended */
	struct estimated_models *estimated; /* the best by their estimates, as they were last looked up; owned */
};

/* What finished trials came to. */
struct study_results {
	struct trial *best;     /* by trial_better; it may be infeasible; NULL = none complete */
	struct trial *defaults; /* what the others have to beat, in whatever state; the newest; NULL = none */
	struct known_estimates *estimates; /* by configurations, as they were last worked out; owned, NULL = never */
	struct best_models models;
	double duration_sum_s;
	int64_t duration_count;       /* finished trials in the sum */
	double value_low, value_high; /* of the first objective over complete trials */
	int64_t heard_count;          /* steps told to the pruners */
	bool target_reached;
};

/* Time spent in state RUNNING. */
struct study_time {
	double spent_s;       /* before … */
	struct monotime from; /* … this moment, which means something in state RUNNING only */
};

/* Folds of trials that were stopped. */
struct stopped_folds {
	int64_t fold_count; /* of their trials … */
	int64_t steps;      /* … that each reported; INT64_MAX = it was complete */
	int64_t count;
};

/* What its trials took of the budget; zeroed, nothing was spent. */
struct spending {
	int64_t whole_trials, whole_runs;     /* complete and failed ones, and their folds */
	int64_t stopped_trials, stopped_runs; /* the same of those that were stopped */
	int64_t complete_trials;
	int64_t full_runs, full_steps; /* runs that were complete in complete trials, and what they reported */
	struct stopped_folds *stopped; /* (stopped_count) by fold_count and steps; owned */
	size_t stopped_count, stopped_capacity;
};

struct study {
	struct context *context; /* borrowed */
	struct list_link member; /* context::studies */
	int64_t id;
	struct study_spec *spec; /* the search's */
	enum study_state state;
	enum study_reason reason; /* why it is finished or stopped */
	uint64_t seed;
	struct walltime created;
	struct study_time time;
	struct study_choice choice;
	struct pruning *pruning;
	struct workers workers;
	struct index trials; /* number → struct trial, owned */
	int64_t counts[TRIAL_STATE_COUNT];
	int64_t foreign_counts[TRIAL_STATE_COUNT]; /* of these, what was not run here: no part of the budget */
	struct misfits misfits;                    /* of the others', with a value that the space does not have */
	int64_t repeat_run_count;                  /* runs that were begun for finished trials */
	int64_t resumed_run_count;                 /* of these, folds that stopped trials lacked: no repeats */
	int64_t moment; /* the last one: counts what happened; the file keeps it instead of an order of clocks */
	struct study_queues queues;
	struct study_results results;
	struct spending spending; /* of all that are closed */
};

struct trial {
	struct trial_record record; /* point and values are in `numbers` */
	struct study *study;        /* it belongs to */
	struct list_link member;    /* study_queues::waiting while WAITING, study_queues::running while RUNNING here */
	struct run **folds;         /* (fold_count) latest attempt of each, owned; NULL = another program's trial */
	int64_t fold_count;         /* it was begun with; the study may have more by now */
	struct run **repeats;       /* (repeat_count, fold_count) latest attempts at runs on other splits; owned */
	int64_t repeat_count;
	struct curve settled; /* the steps that pruners know */
	bool closed;          /* finished, and samplers and pruners know */
	double last_value;    /* of the last settled step; NAN */
	int64_t last_step;    /* −1 */
	double sd;            /* of the first objective over the folds; NAN */
	double violation;     /* sum of what it exceeds the study's constraints by; 0 = feasible */
	char *reason;         /* why it was pruned or failed; owned, NULL = none */
	char *defaults;       /* whose defaults it has ("of the study file"); owned, NULL = it is another */
	double numbers[];     /* (parameters + objectives) */
};

/* What a run said of an objective or a constraint's metric. */
struct run_outcome {
	double value;             /* what counts so far; NAN = nothing, or the last one is no number */
	int64_t last_step;        /* at which it was said; −1 = never */
	int64_t count, nan_count; /* values, and those that are no numbers */
};

struct run {
	struct run_record record;
	struct trial *trial;           /* it belongs to */
	struct run *previous;          /* the attempt before, owned; or NULL */
	struct worker *worker;         /* who holds or held it; NULL before */
	char *session, *ask_key;       /* of the request that got it; owned, NULL unless leased */
	char *reason;                  /* owned; NULL = none */
	struct curve curve;            /* its reports, while the trial is not finished */
	int64_t last_step;             /* −1 = no report */
	int64_t step_count;            /* that it reported and no attempt before it */
	struct heap_node lease;        /* context::leases */
	struct list_link ready;        /* study_queues::ready */
	struct run_outcome outcomes[]; /* (objectives + constraints of the study) */
};

#endif
