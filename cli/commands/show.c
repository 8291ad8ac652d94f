#include "cli/session/trial_operand.h"
#include "cli/views/trial_artifacts.h"
#include "cli/views/trial_files.h"
#include "cli/views/trial_report.h"

static int print(struct session *session, const char *study, const struct trial_detail *trial)
{
	if (session->output.json)
		return trial_report_print_json(session, study, trial);
	trial_report_print(trial, &session->output);
	trial_files_print(session, study, trial);
	int code = trial_artifacts_print(session, study, trial->summary.number);
	trial_report_print_classes(trial, &session->output);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_request request;
	struct trial_detail trial;
	int code = trial_operand_read(&request, session, arguments);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_GET, &request, &trial);
	return code == EXIT_OK ? print(session, request.study, &trial) : code;
}

const struct verb verb_show = {
        .name = "show",
        .group = "Results",
        .operands = "[STUDY] NUMBER",
        .operand_min = 1,
        .operand_max = 2,
        .daemon = DAEMON_BORROW,
        .summary = "print one trial: parameters, runs, learning curves, files, classes, confusions",
        .run = run,
};
