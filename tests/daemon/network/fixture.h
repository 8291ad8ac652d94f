/* A study table on a real trial file and a fake clock, and what the handlers may ask of the program
 * around them. */
#ifndef TESTS_DAEMON_NETWORK_FIXTURE_H
#define TESTS_DAEMON_NETWORK_FIXTURE_H

#include "daemon/network/request.h"

enum { FIXTURE_LEASE_MS = 30000, FIXTURE_JOBS_MOST = 16 };

struct fixture {
	char folder[256], database[300], socket[300];
	struct store *store;
	struct fake_clock clock;
	struct study_table *table;
	struct access access;
	struct surroundings around;
	void (*on_event)(void *context, const struct study_event *event); /* NULL = nobody listens */
	void *listener;
	bool takes_jobs;                           /* else slow work is done on the spot */
	struct study_job *jobs[FIXTURE_JOBS_MOST]; /* taken, in order */
	size_t job_count;
	int stop_count;
};

/* A home of its own under $TMPDIR, removed by finish. 0, or a negative errno. */
int fixture_init(struct fixture *fixture);
void fixture_finish(struct fixture *fixture);

/* The daemon dies and starts again: table and file are closed and opened. */
void fixture_restart(struct fixture *fixture);

/* The first job that was taken runs and is given back. */
void fixture_do_job(struct fixture *fixture);

/* A study.create request with the given id for a random search named `study` over x in 0..1; static
 * text. */
const char *fixture_create_request(const char *study);

#endif
