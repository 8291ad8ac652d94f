#include "cli/command_line/arguments.h"
#include "cli/views/study_list.h"
#include "cli/views/study_status.h"

static int one_study(struct session *session, const char *study)
{
	cJSON *result = NULL;
	int code = session_call(session, "study.get", session_params(study), &result);
	if (code == EXIT_OK && session->output.json)
		code = output_json(&session->output, result);
	else if (code == EXIT_OK)
		code = study_status_print(result, &session->output);
	cJSON_Delete(result);
	return code;
}

static int all_studies(struct session *session)
{
	cJSON *result = NULL;
	int code = session_call(session, "study.list", NULL, &result);
	const cJSON *studies = cJSON_GetObjectItemCaseSensitive(result, "studies");
	if (code == EXIT_OK && session->output.json)
		code = output_json(&session->output, result);
	else if (code == EXIT_OK)
		code = study_list_print(studies, &session->output);
	cJSON_Delete(result);
	return code;
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
