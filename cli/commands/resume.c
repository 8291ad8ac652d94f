#include <math.h>

#include "cli/command_line/arguments.h"
#include "cli/session/study_state.h"
#include "schema/api/trial.h"
#include "schema/base/number.h"

static int resume_trial(struct session *session, const struct arguments *arguments)
{
	struct trial_resume_request request = {.study = arguments_operand(arguments, 0)};
	struct trial_resume_answer answer = {0};
	const char *word = arguments_operand(arguments, 1);
	double number;
	if (!number_parse(&number, word, false) || !number_is_integral(number) || number < 0)
		return output_failure(&session->output, EXIT_USAGE, "%s is no number of a trial", word);
	request.number = (int64_t)number;
	int code = session_call(session, METHOD_TRIAL_RESUME, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &trial_resume_answer_shape, &answer);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "trial %lld of %s runs again; %lld of its runs wait for a worker",
		        (long long)request.number, request.study, (long long)answer.runs);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	if (arguments->operand_count > 1)
		return resume_trial(session, arguments);
	return study_state_change(session, METHOD_STUDY_RESUME, arguments_operand(arguments, 0));
}

const struct verb verb_resume = {
        .name = "resume",
        .group = "Steering",
        .operands = "[STUDY [NUMBER]]",
        .operand_max = 2,
        .daemon = DAEMON_BORROW,
        .summary = "hand out trials again, or run a stopped trial to its end",
        .run = run,
};
