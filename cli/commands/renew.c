#include "cli/session/lease_call.h"
#include "schema/space/json.h"

static const char *verdict_of(const cJSON *result)
{
	const cJSON *stop = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, "stop"), 0);
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(result, "lost")) > 0)
		return "lost";
	return stop ? json_string(stop, "reason", "cancelled") : "";
}

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *lease = NULL, *result = NULL;
	int code = lease_call_params(&lease, session, arguments);
	if (code != EXIT_OK)
		return code;
	cJSON *params = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(params, "leases"), lease);
	code = session_call(session, "lease.renew", params, &result);
	if (code == EXIT_OK && session->output.json)
		output_json(&session->output, result);
	if (code == EXIT_OK)
		code = lease_call_verdict(session, verdict_of(result));
	cJSON_Delete(result);
	return code;
}

const struct verb verb_renew = {
        .name = "renew",
        .group = "For shell scripts that work",
        .operands = "RUN LEASE",
        .operand_min = 2,
        .operand_max = 2,
        .daemon = DAEMON_KEEP,
        .summary = "keep the lease of a run for another while",
        .details = "\nTo be called more often than a lease lasts (30 s by default) while a run computes. Answers as "
                   "'report'.\n",
        .run = run,
};
