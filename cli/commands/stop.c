#include "cli/command_line/arguments.h"
#include "cli/session/study_state.h"

static int run(struct session *session, const struct arguments *arguments)
{
	return study_state_change(session, METHOD_STUDY_STOP, arguments_operand(arguments, 0));
}

const struct verb verb_stop = {
        .name = "stop",
        .group = "Steering",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "end the study: running trials are cancelled, no new ones start",
        .run = run,
};
