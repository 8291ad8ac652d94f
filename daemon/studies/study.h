/* A live study: its trials, its work and its limits. Between the functions of this room an error below zero means that memory and
 * the open transaction may disagree: the table then rolls back and rebuilds memory from the file (study_table_commit). */
#ifndef DAEMON_STUDIES_STUDY_H
#define DAEMON_STUDIES_STUDY_H

#include "daemon/pruners/pruning.h"
#include "daemon/storage/store_study.h"
#include "daemon/studies/context.h"
#include "daemon/studies/workers.h"
#include "daemon/studies/search.h"
#include "schema/study/study_spec.h"

struct run;
struct suggestion;
struct trial;

struct study {
	struct context *context; /* borrowed */
	struct list_link member; /* context::studies */
	int64_t id;
	struct study_spec *spec; /* the search's */
	enum study_state state;
	const char *reason; /* why it is finished or stopped; static */
	uint64_t seed;
	struct walltime created;
	double spent_s;                /* seconds in state RUNNING before … */
	struct monotime running_from;  /* … this moment; meaningful in state RUNNING */
	struct search *search;         /* a claim; history and sampler */
	struct suggestion *suggestion; /* under way or made; owned, NULL = none */
	const char *noted; /* what the sampler said of itself for the newest trial; static, NULL = nothing yet */
	bool in_haste;     /* the next suggestion is made on the spot */
	struct pruning *pruning;
	struct workers workers;
	struct index trials; /* number → struct trial, owned */
	struct list queue;   /* struct trial::member: WAITING, by number */
	struct list running; /* struct trial::member: RUNNING under our leases */
	struct list ready;   /* struct run::ready: runs of running trials that nobody holds, by id */
	int64_t counts[TRIAL_STATE_COUNT];
	int64_t leased_count;
	struct trial *best; /* of the first objective, feasible before infeasible; NULL = none complete */
	double duration_sum_s;
	int64_t duration_count;       /* finished trials in the sum */
	double value_low, value_high; /* of the first objective over complete trials */
	int64_t heard_count;          /* steps told to the pruners */
	bool exhausted;               /* the sampler has nothing new */
	bool target_reached;
	uint64_t served; /* when it last gave out work, on context::serve_count */
};

/* A study without trials, in no list and not in the file. The spec is owned from success on. 0, -ENOMEM, or
 * STUDIES_SPEC_WRONG with a sentence when sampler or pruners refuse the space. */
int study_create(
        struct study **out, struct context *context, struct study_spec *spec, uint64_t seed, struct error *error);

/* Frees the study with its trials; NULL is fine. Its runs must be in no heap or index that is still used. What it lent to a job is
 * freed when the job is taken back. */
void study_destroy(struct study *study);

/* Seconds spent in state RUNNING. */
double study_running_s(const struct study *study);

/* Why no new trial may start: "target", "budget", "time", "exhausted"; NULL when one may. Failed trials count towards the
 * budget, so that a broken program ends; pruned ones as the spec says; running ones always. */
const char *study_limit(const struct study *study);

/* When the time budget ends, INT64_MAX if never. */
struct monotime study_deadline(const struct study *study);

/* True when this trial is better than the other (NULL: than none): feasible first, then the first objective, then number. */
bool trial_better(const struct trial *trial, const struct trial *than);

/* Saves the study's row. 0 or an error. */
int study_save(struct study *study);

/* Moves the study, saves it, tells watchers. The move must be allowed. 0 or an error. */
int study_move(struct study *study, enum study_state state, const char *reason);

/* Stops: running trials are told, those nobody holds end. 0 or an error. */
int study_stop(struct study *study);

/* True when the study runs but nothing may start and nothing is out. */
bool study_is_over(const struct study *study);

/* FINISHED, if it is over. 0 or an error. */
int study_settle(struct study *study);

/* ---- work: 0 or an error, and the outcomes of study_table.h ---- */

/* The next run under a lease: folds of running trials first, then the queue, then a new trial. *out is NULL when there is none, and
 * *why says "paused", "budget", "finished" or "waiting"; or the outcome is STUDIES_LATER, as a suggestion is under way. */
int study_hand_out(struct run **out, struct study *study, const struct ask *ask, const char **why);

/* A report under a lease that is live. */
int study_report(struct run *run, const struct report_request *report, const char **stop);

/* The end of a run as its holder tells it. */
int study_tell(struct run *run, const struct tell_request *tell, enum trial_state *state, struct error *error);

/* The lease of a run expired. */
int study_lose(struct run *run, const char *reason);

#endif
