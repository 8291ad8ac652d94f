#include "cli/session/study_state.h"

#include "schema/api/study.h"

int study_state_change(struct session *session, enum method_id method, const char *study)
{
	struct study_request request;
	struct study_state_answer answer = {0};
	int code = session_study(&request.study, session, study);
	if (code == EXIT_OK)
		code = session_call(session, method, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &study_state_answer_shape, &answer);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "%s is %s", request.study, study_state_name(answer.state));
	return code;
}
