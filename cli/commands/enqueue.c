#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/command_line/operand_json.h"
#include "cli/session/session.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static int add_word(cJSON **params, const char *word, struct error *error)
{
	if (word[0] != '{')
		return operand_json_add(*params, word, error);
	cJSON *object = json_parse(word, strlen(word), error);
	if (!object)
		return -1;
	cJSON_Delete(*params);
	*params = object;
	return 0;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct error error = {0};
	cJSON *params = cJSON_CreateObject(), *request = NULL, *result = NULL;
	const char *study = arguments_operand(arguments, 0);
	int rc = 0;
	for (size_t i = 1; i < arguments->operand_count && rc == 0; i++)
		rc = add_word(&params, arguments->operands[i], &error);
	if (rc) {
		cJSON_Delete(params);
		return output_failure(&session->output, EXIT_USAGE, "%s", error.text);
	}
	request = session_params(study);
	cJSON_AddItemToObject(request, "params", params);
	int code = session_call(session, "trial.enqueue", request, &result);
	if (code == EXIT_OK && session->output.json)
		code = output_json(&session->output, result);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "trial %.0f of %s waits for a worker", json_double(result, "number", -1),
		        study);
	cJSON_Delete(result);
	return code;
}

const struct verb verb_enqueue = {
        .name = "enqueue",
        .group = "Steering",
        .operands = "STUDY NAME=VALUE...",
        .operand_min = 2,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_BORROW,
        .summary = "try this point next; parameters not named are sampled",
        .details = "\nVALUE is read as JSON where it is JSON, else as text. One operand may be a whole JSON object "
                   "instead:\n"
                   "kre-search enqueue klue '{\"optimizer\":{\"name\":\"adam\"},\"lr\":0.001}'.\n",
        .run = run,
};
