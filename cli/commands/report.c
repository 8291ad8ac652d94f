#include "cli/session/lease_call.h"

static int read_report(struct report_request *out, struct session *session, const struct arguments *arguments)
{
	struct spoken_values spoken = {0};
	int code = lease_call_claim(&out->claim, session, arguments);
	if (code == EXIT_OK && !lease_call_whole(&out->step, arguments->operands[2]))
		code = output_failure(
		        &session->output, EXIT_USAGE, "STEP is a whole number, not '%s'", arguments->operands[2]);
	if (code == EXIT_OK)
		code = lease_call_values(&spoken, session, arguments, 3);
	if (code == EXIT_OK && spoken.values.count > 1)
		code = output_failure(
		        &session->output, EXIT_USAGE, "a step has one VALUE; others need names: NAME=VALUE");
	out->value = spoken.value;
	out->metrics = spoken.metrics;
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct report_request report;
	struct report_answer answer;
	int code = read_report(&report, session, arguments);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_REPORT, &report, &answer);
	if (code == EXIT_OK && session->output.json)
		session_print(session, &report_answer_shape, &answer);
	return code == EXIT_OK ? lease_call_verdict(session, answer.stop) : code;
}

const struct verb verb_report = {
        .name = "report",
        .group = "For shell scripts that work",
        .operands = "RUN LEASE STEP VALUE|NAME=VALUE...",
        .operand_min = 4,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_KEEP,
        .summary = "report a value of a step and hear whether to go on",
        .details = "\nPrints 'go on', or 'pruned', 'cancelled' (exit code 10) or 'lost' (6). A report of the same step "
                   "again changes\n"
                   "nothing.\n",
        .run = run,
};
