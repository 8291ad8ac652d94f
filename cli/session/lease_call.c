#include "cli/session/lease_call.h"

#include <string.h>

#include "cli/command_line/operand_json.h"
#include "schema/base/number.h"
#include "schema/space/json.h"

static bool add_count(cJSON *params, const char *key, const char *word)
{
	double number;
	if (!number_parse(word, false, &number) || !number_is_integral(number) || number < 0)
		return false;
	return cJSON_AddItemToObject(params, key, json_number(number));
}

int lease_call_params(cJSON **out, struct session *session, const struct arguments *arguments)
{
	cJSON *params = cJSON_CreateObject();
	if (add_count(params, "run", arguments->operands[0]) && add_count(params, "lease", arguments->operands[1])) {
		*out = params;
		return EXIT_OK;
	}
	cJSON_Delete(params);
	return output_failure(&session->output, EXIT_USAGE, "RUN and LEASE are the whole numbers that 'ask' printed");
}

/* A single value goes as `value`, several (one per objective) as `values`. */
static void settle_values(cJSON *params, cJSON *values)
{
	if (cJSON_GetArraySize(values) == 1)
		cJSON_AddItemToObject(params, "value", cJSON_DetachItemFromArray(values, 0));
	if (cJSON_GetArraySize(values) > 1)
		cJSON_AddItemToObject(params, "values", values);
	else
		cJSON_Delete(values);
}

int lease_call_values(cJSON *params, struct session *session, const struct arguments *arguments, size_t first)
{
	struct error error = {0};
	cJSON *values = cJSON_CreateArray(), *metrics = cJSON_AddObjectToObject(params, "metrics");
	int rc = 0;
	for (size_t i = first; i < arguments->operand_count && rc == 0; i++) {
		double number;
		if (number_parse(arguments->operands[i], true, &number))
			cJSON_AddItemToArray(values, json_number(number));
		else
			rc = operand_json_add(metrics, arguments->operands[i], &error);
	}
	settle_values(params, values);
	return rc ? output_failure(&session->output, EXIT_USAGE, "%s", error.text) : EXIT_OK;
}

int lease_call_verdict(const struct session *session, const char *stop)
{
	bool go_on = !stop || !*stop;
	if (!session->output.json && !session->output.quiet)
		output_line(&session->output, "%s", go_on ? "go on" : stop);
	if (go_on)
		return EXIT_OK;
	return strcmp(stop, "lost") == 0 ? EXIT_LEASE_LOST : EXIT_STOP;
}
