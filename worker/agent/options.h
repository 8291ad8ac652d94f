/* What the owner of this worker decided on the command line. One table gives the parser, the defaults and --help. */
#ifndef WORKER_AGENT_OPTIONS_H
#define WORKER_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

#define OPTIONS_ALLOW_MAX 64

struct options {
	struct arena arena;  /* owns what was put together here; other strings are argv's */
	const char *address; /* path of a Unix socket, or kre://HOST:PORT/TOKEN */
	const char *home;    /* folder of the runs: HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT */
	const char *name;    /* of this worker, as the daemon shows it */
	const char *study;   /* work for this study only; NULL = any */
	int64_t slots;       /* trainers at the same time */
	int64_t count;       /* end after so many runs; 0 = no limit */
	double grace_s;      /* between SIGTERM and SIGKILL */
	const char *log_level;
	bool exit_when_idle, until_finished;
	bool finish;        /* the first signal lets running trainers finish */
	bool flapping_okay; /* go on when every run fails at once */
	bool help, version;
	const char *allow[OPTIONS_ALLOW_MAX + 1]; /* (allow_count), NULL-terminated */
	size_t allow_count;
};

/* Reads argv; what is absent gets its default (KRE_HOME or ./kre-runs, HOME/daemon.sock, the host's name). 0, -EINVAL with
 * a sentence for the person, -ENOMEM. Finish it in every case. */
int options_init(struct options *options, int argc, char **argv, struct error *error);
void options_finish(struct options *options);

/* Prints the help from the table. */
void options_help(FILE *out);

#endif
