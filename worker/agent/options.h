/* What the owner of this worker decided on the command line. One table gives the parser, the
 * defaults and --help. */
#ifndef WORKER_AGENT_OPTIONS_H
#define WORKER_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/option.h"

struct options {
	struct arena arena;    /* owns what was put together here; other strings are argv's */
	const char *address;   /* path of a Unix socket, or kre://HOST:PORT/TOKEN */
	const char *join_file; /* that has it in its first line; NULL = none was named */
	const char *home;      /* folder of the runs: HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT */
	const char *cache;     /* folder of fetched files */
	const char *name;      /* of this worker, as the daemon shows it */
	const char *study;     /* work for this study only; NULL = any */
	int64_t slots;         /* trainers at the same time */
	int64_t threads;       /* of a run whose study names none */
	int64_t count;         /* end after so many runs; 0 = no limit */
	double cache_gb;       /* that the cache may have */
	double grace_s;        /* between SIGTERM and SIGKILL */
	int log_level;         /* enum log_level */
	bool exit_when_idle, until_finished;
	bool finish;        /* the first signal lets running trainers finish */
	bool flapping_okay; /* go on when every run fails at once */
	bool help, version;
	struct option_texts allow; /* programs that studies may name */
};

/* Reads argv, in which the secret of an address is overwritten; what is absent gets its default
 * (KRE_HOME or ./kre-runs, KRE_CACHE or the user's, KRE_JOIN or HOME/daemon.sock, the batch job's
 * or the host's name). 0, -EINVAL with a sentence for the person, what kept a file from being read,
 * -ENOMEM. Finish it in every case. */
int worker_options_init(struct options *options, int argc, char **argv, struct error *error);
void worker_options_finish(struct options *options);

/* Appends what --help prints. */
void worker_options_help(struct text *out);

#endif
