#include "cli/session/lease_call.h"
#include "schema/base/number.h"
#include "schema/space/json.h"

static int add_step(cJSON *params, struct session *session, const char *word)
{
	double step;
	if (!number_parse(word, false, &step) || !number_is_integral(step) || step < 0)
		return output_failure(&session->output, EXIT_USAGE, "STEP is a whole number, not '%s'", word);
	cJSON_AddItemToObject(params, "step", json_number(step));
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *params = NULL, *result = NULL;
	int code = lease_call_params(&params, session, arguments);
	if (code == EXIT_OK)
		code = add_step(params, session, arguments->operands[2]);
	if (code == EXIT_OK)
		code = lease_call_values(params, session, arguments, 3);
	if (code != EXIT_OK) {
		cJSON_Delete(params);
		return code;
	}
	code = session_call(session, "trial.report", params, &result);
	if (code == EXIT_OK && session->output.json)
		output_json(&session->output, result);
	if (code == EXIT_OK)
		code = lease_call_verdict(session, json_string(result, "stop", ""));
	cJSON_Delete(result);
	return code;
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
