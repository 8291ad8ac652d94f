#include "cli/command_line/arguments.h"
#include "cli/views/choice.h"
#include "cli/views/nearest.h"
#include "cli/views/pareto_front.h"
#include "cli/views/trial_files.h"
#include "cli/views/trial_report.h"
#include "schema/api/study.h"

static const struct option options[] = {
        {"classes", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "also its per-class table and largest confusions"},
        {"seen", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "the trial with the best value, lucky or not"},
};

static int print(struct session *session, const char *study, const struct trial_detail *trial,
        const struct study_best_answer *best)
{
	if (session->output.json)
		return trial_report_print_best(session, study, trial, best);
	trial_report_print(trial, &session->output);
	if (best)
		choice_print(best, &session->output);
	trial_files_print(session, study, trial);
	return EXIT_OK;
}

static int print_one(struct session *session, const struct study_headline *study, const struct arguments *arguments)
{
	struct trial_detail trial;
	struct study_best_answer best;
	bool seen = arguments_switch(arguments, "seen");
	if (!study->best)
		return nearest_failure(study, &session->output);
	int code = seen ? EXIT_OK : choice_fetch(&best, session, study->name);
	if (code != EXIT_OK)
		return code;
	int64_t number = seen || !best.named ? study->best->number : best.named->number;
	const struct trial_request request = {study->name, number, -1};
	code = session_call(session, METHOD_TRIAL_GET, &request, &trial);
	if (code == EXIT_OK)
		code = print(session, study->name, &trial, seen || !best.named ? NULL : &best);
	if (code == EXIT_OK && !session->output.json && arguments_switch(arguments, "classes"))
		trial_report_print_classes(&trial, &session->output);
	return code;
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
	return study_has_front(&study.headline) ? pareto_front_print(session, &study)
	                                        : print_one(session, &study.headline, arguments);
}

const struct verb verb_best = {
        .name = "best",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "print the trial to use; of several objectives, the Pareto front",
        .details =
                "\nThat is the one whose true value is estimated the best, from its folds, the other trials and their "
                "parameters, and\nnot the luckiest; --seen names the best value. With defaults in the study "
                "another trial is named only when it is\nbetter than they are with a chance of 0.8. Until something "
                "tells how noisy values are, the best one seen is named.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
