#include "cli/views/study_list.h"

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_list_answer list;
	(void)arguments;
	int code = session_studies(&list, session);
	return code == EXIT_OK ? study_list_print(&list, session) : code;
}

const struct verb verb_studies = {
        .name = "studies",
        .alias = "ls",
        .group = "Studies",
        .operands = "",
        .daemon = DAEMON_BORROW,
        .summary = "list the studies with their state, trials and best value",
        .run = run,
};
