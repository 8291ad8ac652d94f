/* What report, renew and tell share: a run, the lease that proves it is ours, and the words behind
 * them. */
#ifndef CLI_SESSION_LEASE_CALL_H
#define CLI_SESSION_LEASE_CALL_H

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/api/work.h"

/* Operands 0 and 1 as a claim. Returns an exit code; wrong numbers are said. */
int lease_call_claim(struct lease_claim *out, const struct session *session, const struct arguments *arguments);

/* Values and metrics of a command line; in the session's arena. */
struct spoken_values {
	struct given_number value; /* a bare number */
	LIST_OF(double) values;    /* several, one per objective */
	struct run_metrics metrics;
};

/* Reads the operands from `first` on: NAME=VALUE is a metric, the others are values. Returns an
 * exit code; failures are said. */
int lease_call_values(
        struct spoken_values *out, struct session *session, const struct arguments *arguments, size_t first);

/* A whole number from 0 on; false for anything else. */
bool lease_call_whole(int64_t *out, const char *word);

/* Prints what the daemon answered about going on. EXIT_OK, EXIT_STOP, or EXIT_LEASE_LOST. */
int lease_call_verdict(const struct session *session, enum stop_reason stop);

#endif
