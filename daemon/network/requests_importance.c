/* Parameters: how much each decides. */
#include <errno.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_importance.h"

static int answer_importance(struct request *request, const struct importance_summary *summary)
{
	cJSON *result = request->result;
	bool complete = cJSON_AddStringToObject(result, "metric", summary->metric) &&
	                cJSON_AddNumberToObject(result, "trials", (double)summary->trial_count);
	cJSON *parameters = complete ? cJSON_AddArrayToObject(result, "parameters") : NULL;
	complete = parameters != NULL;
	for (size_t i = 0; i < summary->count && complete; i++) {
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(parameters, item) &&
		           cJSON_AddStringToObject(item, "name", summary->shares[i].name) &&
		           answer_number_or_null(item, "share", summary->shares[i].share);
	}
	return complete ? 0 : -ENOMEM;
}

int request_study_importance(struct request *request)
{
	struct importance_request question = {.importance = request->importance};
	struct importance_summary summary;
	int rc = request_string(request, "study", &question.study);
	if (rc == 0)
		rc = request_optional_string(request, "method", "ped_anova", &question.method);
	if (rc == 0)
		rc = request_optional_string(request, "metric", NULL, &question.metric);
	if (rc == 0)
		rc = study_table_importance(
		        request->around->table, &question, &summary, request->arena, &request->error);
	if (rc == 0 && !cJSON_AddStringToObject(request->result, "method", question.method))
		rc = -ENOMEM;
	return rc == 0 ? answer_importance(request, &summary) : rc;
}
