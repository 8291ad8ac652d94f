/* What report, renew and tell share: a run, the lease that proves it is ours, and the words behind them. */
#ifndef CLI_SESSION_LEASE_CALL_H
#define CLI_SESSION_LEASE_CALL_H

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"

/* {"run": operand 0, "lease": operand 1} into *out (the caller's). Returns an exit code; wrong numbers are said. */
int lease_call_params(cJSON **out, struct session *session, const struct arguments *arguments);

/* Reads the operands from `first` on: NAME=VALUE into params.metrics, one bare number into params.value, several into
 * params.values. Returns an exit code; failures are said. */
int lease_call_values(cJSON *params, struct session *session, const struct arguments *arguments, size_t first);

/* Prints what the daemon answered about going on ("" or NULL: go on). EXIT_OK, EXIT_STOP, or EXIT_LEASE_LOST. */
int lease_call_verdict(const struct session *session, const char *stop);

#endif
