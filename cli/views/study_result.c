#include "cli/views/study_result.h"

#include "cli/views/choice.h"
#include "cli/views/pareto_front.h"
#include "cli/views/study_status.h"
#include "cli/views/trial_files.h"
#include "cli/views/trial_list.h"
#include "cli/views/trial_report.h"
#include "schema/api/study.h"

#define LEADERBOARD_ROWS 10

/* The one to use. Where no trial keeps the constraints: the nearest, whose report says that it
 * breaks them. */
static int print_best(struct session *session, const struct study_headline *study)
{
	struct trial_detail trial;
	struct study_best_answer choice = {0};
	const struct best_trial *best = study->best ? study->best : study->nearest;
	if (!best)
		return EXIT_OK;
	int code = study->best ? choice_fetch(&choice, session, study->name) : EXIT_OK;
	if (code != EXIT_OK)
		return code;
	const struct trial_request request = {study->name, choice.named ? choice.named->number : best->number, -1};
	code = session_call(session, METHOD_TRIAL_GET, &request, &trial);
	if (code == EXIT_OK) {
		output_line(&session->output, "%s", "");
		trial_report_print(&trial, &session->output);
		if (choice.named)
			choice_print(&choice, &session->output);
		trial_files_print(session, study->name, &trial);
		trial_report_print_classes(&trial, &session->output);
	}
	return code;
}

static int print_leaderboard(struct session *session, const struct study_headline *study)
{
	struct trial_list list = {0};
	const struct trial_list_request wanted = {study->name, TRIAL_COMPLETE, -1, LEADERBOARD_ROWS, ORDER_BEST};
	int code = trial_list_fetch(&list, session, &wanted, study_direction(study));
	if (code == EXIT_OK && list.count > 0)
		code = trial_list_print(&list, &session->output, study->metrics.count > 0);
	trial_list_finish(&list);
	return code;
}

static int print_trials(struct session *session, const struct study_summary *study)
{
	if (study_has_front(&study->headline))
		return study->front.count > 0 ? pareto_front_print(session, study) : EXIT_OK;
	int code = study->headline.best ? print_leaderboard(session, &study->headline) : EXIT_OK;
	return code == EXIT_OK ? print_best(session, &study->headline) : code;
}

/* A study whose every trial failed has found nothing; a script has to notice. */
static int judge(const struct study_headline *study, const struct output *output)
{
	int64_t failed = study->counts[TRIAL_FAILED];
	if (failed == 0 || study->counts[TRIAL_COMPLETE] + study->counts[TRIAL_PRUNED] > 0)
		return EXIT_OK;
	return output_failure(output, EXIT_FAILED, "all %lld trials failed; 'kre-search show %s 0' says why",
	        (long long)failed, study->name);
}

int study_result_print(struct session *session, const char *name)
{
	const struct study_request request = {name};
	struct study_summary study;
	int code = session_call(session, METHOD_STUDY_GET, &request, &study);
	if (code == EXIT_OK && session->output.json) {
		code = session_print(session, &study_summary_shape, &study);
	} else if (code == EXIT_OK) {
		code = study_status_print(&study, &session->output);
		if (code == EXIT_OK)
			code = print_trials(session, &study);
	}
	return code == EXIT_OK ? judge(&study.headline, &session->output) : code;
}
