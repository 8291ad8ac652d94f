#include "cli/session/study_state.h"

#include "schema/space/json.h"

int study_state_change(struct session *session, const char *method, const char *study)
{
	cJSON *result = NULL;
	int code = session_study(session, study, &study);
	if (code == EXIT_OK)
		code = session_call(session, method, session_params(study), &result);
	if (code == EXIT_OK && session->output.json)
		code = output_json(&session->output, result);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "%s is %s", study, json_string(result, "state", ""));
	cJSON_Delete(result);
	return code;
}
