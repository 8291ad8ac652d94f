#include "cli/views/study_list.h"

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *result = NULL;
	(void)arguments;
	int code = session_call(session, "study.list", NULL, &result);
	if (code == EXIT_OK)
		code = session->output.json ? output_json(&session->output, result)
		                            : study_list_print(cJSON_GetObjectItemCaseSensitive(result, "studies"),
		                                      &session->output);
	cJSON_Delete(result);
	return code;
}

const struct verb verb_studies = {
        .name = "studies",
        .group = "Studies",
        .operands = "",
        .daemon = DAEMON_BORROW,
        .summary = "list the studies with their state, trials and best value",
        .run = run,
};
