#include "cli/command_line/arguments.h"
#include "cli/views/nearest.h"
#include "cli/views/pareto_front.h"
#include "cli/views/trial_files.h"
#include "cli/views/trial_report.h"
#include "schema/api/study.h"

static const struct option options[] = {
        {"classes", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "also its per-class table and largest confusions"},
};

static int print(struct session *session, const char *study, const struct trial_detail *trial, bool classes)
{
	if (session->output.json)
		return trial_report_print_json(session, study, trial);
	trial_report_print(trial, &session->output);
	trial_files_print(session, study, trial);
	if (classes)
		trial_report_print_classes(trial, &session->output);
	return EXIT_OK;
}

static int print_one(struct session *session, const struct study_headline *study, bool classes)
{
	struct trial_detail trial;
	if (!study->best)
		return nearest_failure(study, &session->output);
	const struct trial_request request = {study->name, study->best->number, -1};
	int code = session_call(session, METHOD_TRIAL_GET, &request, &trial);
	return code == EXIT_OK ? print(session, study->name, &trial, classes) : code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_request request;
	struct study_summary study;
	int code = session_study(&request.study, session, arguments_operand(arguments, 0));
	if (code == EXIT_OK)
		code = session_call(session, METHOD_STUDY_GET, &request, &study);
	if (code != EXIT_OK)
		return code;
	if (study.headline.metrics.count == 0)
		return output_failure(&session->output, EXIT_NOT_FOUND,
		        "the study %s has no metric, so nothing is ranked; 'kre-search trials' lists what ran",
		        study.headline.name);
	return study_has_front(&study.headline)
	               ? pareto_front_print(session, &study)
	               : print_one(session, &study.headline, arguments_switch(arguments, "classes"));
}

const struct verb verb_best = {
        .name = "best",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "print the best trial; of several objectives, the Pareto front",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
