/* The operands [STUDY] NUMBER. */
#ifndef CLI_SESSION_TRIAL_OPERAND_H
#define CLI_SESSION_TRIAL_OPERAND_H

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/api/trial.h"

/* Which trial is meant. Returns an exit code; failures are said. */
int trial_operand_read(struct trial_request *out, struct session *session, const struct arguments *arguments);

#endif
