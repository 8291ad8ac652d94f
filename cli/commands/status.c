#include "cli/command_line/arguments.h"
#include "cli/views/study_list.h"
#include "cli/views/study_status.h"

static int one_study(struct session *session, const char *name)
{
	const struct study_request request = {name};
	struct study_summary study;
	int code = session_call(session, METHOD_STUDY_GET, &request, &study);
	if (code != EXIT_OK)
		return code;
	return session->output.json ? session_print(session, &study_summary_shape, &study)
	                            : study_status_print(&study, &session->output);
}

static int all_studies(struct session *session)
{
	struct study_list_answer list;
	int code = session_studies(&list, session);
	return code == EXIT_OK ? study_list_print(&list, session) : code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *study = arguments_operand(arguments, 0);
	return study ? one_study(session, study) : all_studies(session);
}

const struct verb verb_status = {
        .name = "status",
        .group = "Studies",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "how far a study is, its best trial and its workers; without STUDY, all studies",
        .run = run,
};
