/* A study table on a real trial file and a fake clock. Each helper is one turn: begin, one request,
 * commit; unless it says otherwise the turn must succeed. */
#ifndef TESTS_DAEMON_STUDIES_FIXTURE_H
#define TESTS_DAEMON_STUDIES_FIXTURE_H

#include "daemon/studies/table_studies.h"
#include "schema/api/work.h"
#include "schema/study/trial.h"

/* What an ask was answered, in short. */
struct assignment {
	const char *study;
	int64_t run_id, lease, trial_id, number, fold, folds, attempt;
	uint64_t seed;
	const char *params_json;
	const char *retry_reason; /* NULL when a run was given */
	double retry_s;
};

enum { FIXTURE_LEASE_MS = 30000, FIXTURE_JOBS_MOST = 16, FIXTURE_STARTUP = 3 };

struct fixture {
	char folder[256], path[300];
	struct store *store;
	struct fake_clock clock;
	struct study_table *table;
	struct arena arena; /* what the last requests handed out */
	struct error error; /* of the last request that failed */
	size_t event_count;
	char last_event[64];                       /* kind of the last event */
	char told[4096];                           /* kinds of all events, one per word, while there is room */
	char changes[1000];                        /* "path from → to; …" of the last file that came in */
	bool takes_jobs;                           /* else slow work is done on the spot */
	struct study_job *jobs[FIXTURE_JOBS_MOST]; /* taken, in order */
	size_t job_count;
};

void fixture_init(struct fixture *fixture);
void fixture_finish(struct fixture *fixture);

/* The daemon dies and starts again: table and file are closed and opened. Jobs are dropped. */
void fixture_restart(struct fixture *fixture);

/* Time passes; then what is due is done, until nothing is. */
void fixture_wait(struct fixture *fixture, int64_t ms);

/* A study file as JSON: name, TPE with seed 7, x in 0..1 and n in 1..9, metric f1 to be maximised,
 * and `more` keys (", \"folds\": 3" or ""). */
void fixture_add(struct fixture *fixture, const char *name, const char *more);

/* The same with the outcome of the request. */
int fixture_try_add(struct fixture *fixture, const char *json, bool resume, bool *created);

/* The same; the offer gets its spec, and the changes are told in fixture::changes. */
int fixture_offer(struct fixture *fixture, const char *json, struct study_offer *offer, struct study_arrival *arrival);

/* A study with a Gaussian process over x and n, which thinks once FIXTURE_STARTUP trials are
 * complete; and those trials, after which the fixture takes jobs. */
void fixture_add_thinker(struct fixture *fixture, const char *name, const char *more);
void fixture_warm_up(struct fixture *fixture, const char *study);

/* A value that follows from the assignment. */
double fixture_score(const struct assignment *work);

struct assignment fixture_assignment(const struct ask_answer *answer);

/* Asks as `worker` in a session of its own; an empty key is never repeated. Jobs that it has to
 * wait for are done. */
struct assignment fixture_ask(struct fixture *fixture, const char *study, const char *worker, const char *key);

/* The same with the outcome of the request: STUDIES_LATER when a job is under way. */
int fixture_try_ask(
        struct fixture *fixture, const char *study, const char *worker, const char *key, struct assignment *out);

/* The first job that was taken is given back, after it ran or unrun. */
void fixture_do_job(struct fixture *fixture);
void fixture_drop_job(struct fixture *fixture);

/* Reports / tells under the assignment's lease; the outcome of the request. */
int fixture_report(
        struct fixture *fixture, const struct assignment *work, int64_t step, double value, const char **stop);
int fixture_tell(struct fixture *fixture, const struct assignment *work, enum run_state state, double value,
        enum trial_state *out);

/* Resumes a stopped trial: the outcome, and how many runs are ready. */
int fixture_resume_trial(struct fixture *fixture, const char *study, int64_t number, int64_t *runs);

/* COMPLETE with a value; the trial's state after it. */
enum trial_state fixture_complete(struct fixture *fixture, const struct assignment *work, double value);

/* What a renewal says to the holder. */
const char *fixture_renew(struct fixture *fixture, const struct assignment *work);

struct study_summary fixture_study(struct fixture *fixture, const char *study);
struct trial_detail fixture_trial(struct fixture *fixture, const char *study, int64_t number);

/* Runs SQL as another program would, on a connection of its own. */
void fixture_sql(struct fixture *fixture, const char *sql);

/* Takes the file's write lock as another program would, until it is given back. */
void *fixture_lock(struct fixture *fixture);
void fixture_unlock(void *lock);

/* The first number that a query gives. */
double fixture_query(struct fixture *fixture, const char *sql);

#endif
