#include "cli/command_line/arguments.h"
#include "cli/session/study_state.h"

static int run(struct session *session, const struct arguments *arguments)
{
	return study_state_change(session, METHOD_STUDY_RESUME, arguments_operand(arguments, 0));
}

const struct verb verb_resume = {
        .name = "resume",
        .group = "Steering",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "hand out trials again",
        .run = run,
};
