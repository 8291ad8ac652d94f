#include "cli/views/study_result.h"

#include "cli/views/pareto_front.h"
#include "cli/views/study_status.h"
#include "cli/views/trial_list.h"
#include "cli/views/trial_report.h"
#include "schema/space/json.h"

#define LEADERBOARD_ROWS 10

static int print_best(struct session *session, const char *study, const cJSON *best)
{
	cJSON *trial = NULL;
	if (!best)
		return EXIT_OK;
	int code = trial_report_fetch(&trial, session, study, json_double(best, "number", -1));
	if (code == EXIT_OK) {
		output_line(&session->output, "%s", "");
		trial_report_print(trial, &session->output);
		trial_report_print_classes(trial, &session->output);
	}
	cJSON_Delete(trial);
	return code;
}

static int print_leaderboard(struct session *session, const char *study, const cJSON *status)
{
	struct trial_list list = {0};
	int code = trial_list_fetch(&list, session, study, "COMPLETE");
	if (code == EXIT_OK && list.count > 0) {
		trial_list_sort(&list, ORDER_BEST, study_maximizes(status));
		code = trial_list_print(&list, &session->output, LEADERBOARD_ROWS, true);
	}
	trial_list_finish(&list);
	return code;
}

static int print_trials(struct session *session, const char *study, const cJSON *status)
{
	if (study_has_front(status))
		return study_front_count(status) > 0 ? pareto_front_print(session, status) : EXIT_OK;
	int code = print_leaderboard(session, study, status);
	return code == EXIT_OK ? print_best(session, study, study_best(status)) : code;
}

/* A study whose every trial failed has found nothing; a script has to notice. */
static int judge(const cJSON *status, const struct output *output)
{
	const cJSON *counts = cJSON_GetObjectItemCaseSensitive(status, "counts");
	double failed = json_double(counts, "FAIL", 0);
	if (failed == 0 || json_double(counts, "COMPLETE", 0) + json_double(counts, "PRUNED", 0) > 0)
		return EXIT_OK;
	return output_failure(output, EXIT_FAILED, "all %.0f trials failed; 'kre-search show' says why", failed);
}

int study_result_print(struct session *session, const char *study)
{
	cJSON *status = NULL;
	int code = session_call(session, "study.get", session_params(study), &status);
	if (code == EXIT_OK && session->output.json) {
		code = output_json(&session->output, status);
	} else if (code == EXIT_OK) {
		code = study_status_print(status, &session->output);
		if (code == EXIT_OK)
			code = print_trials(session, study, status);
	}
	if (code == EXIT_OK)
		code = judge(status, &session->output);
	cJSON_Delete(status);
	return code;
}
