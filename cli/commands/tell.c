#include "cli/session/lease_call.h"
#include "schema/space/json.h"

static const struct flag flags[] = {
        {"state", FLAG_WORD, "complete|pruned|failed", "complete", "how the run ended"},
        {"reason", FLAG_TEXT, "TEXT", NULL, "why it failed, for people"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *params = NULL, *result = NULL;
	const char *reason = arguments_text(arguments, "reason");
	int code = lease_call_params(&params, session, arguments);
	if (code == EXIT_OK)
		code = lease_call_values(params, session, arguments, 2);
	if (code != EXIT_OK) {
		cJSON_Delete(params);
		return code;
	}
	cJSON_AddStringToObject(params, "state", arguments_text(arguments, "state"));
	if (reason)
		cJSON_AddStringToObject(params, "reason", reason);
	code = session_call(session, "trial.tell", params, &result);
	if (code == EXIT_OK && session->output.json)
		code = output_json(&session->output, result);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "trial is %s", json_string(result, "trial", ""));
	cJSON_Delete(result);
	return code;
}

const struct verb verb_tell = {
        .name = "tell",
        .group = "For shell scripts that work",
        .operands = "RUN LEASE [VALUE...|NAME=VALUE...]",
        .operand_min = 2,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_KEEP,
        .summary = "end a run with its result",
        .details = "\nVALUE is the result, one per objective; without it the study's rule looks at what was reported. "
                   "NAME=VALUE adds\n"
                   "other metrics.\n",
        .flags = flags,
        .run = run,
};
