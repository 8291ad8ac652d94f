/* Trials: queue one, page through them, look at one. */
#include <errno.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_trial.h"
#include "daemon/studies/table_view.h"
#include "schema/space/json_parse.h"
#include "schema/space/point.h"

#define PAGE_LIMIT 1000

static int read_point(double *point, const struct space *space, const char *json, struct error *error)
{
	cJSON *params = json_parse(json, strlen(json), error);
	int rc = params ? point_from_json(point, space, params, error) : -ENOMEM;
	cJSON_Delete(params);
	return rc;
}

int request_trial_enqueue(struct request *request, const void *params, void *answer)
{
	const struct trial_enqueue_request *wanted = params;
	struct trial_enqueue_answer *queued = answer;
	struct study_table *table = request->around->table;
	const struct study_spec *spec;
	int rc = study_table_spec(&spec, table, wanted->study, &request->error);
	if (rc != 0)
		return rc;
	double *point = arena_alloc(request->arena, spec->space->count * sizeof *point);
	if (!point)
		return -ENOMEM;
	rc = read_point(point, spec->space, wanted->params, &request->error);
	return rc < 0 ? rc : study_table_enqueue(&queued->number, table, spec->name, point, &request->error);
}

int request_trial_list(struct request *request, const void *params, void *answer)
{
	const struct trial_list_request *wanted = params;
	if (wanted->limit < 1 || wanted->limit > PAGE_LIMIT)
		return request_wrong(request, "limit", "1 to 1000");
	return study_table_trials(answer, request->around->table, wanted, request->arena, &request->error);
}

int request_trial_get(struct request *request, const void *params, void *answer)
{
	const struct trial_request *wanted = params;
	if (wanted->first_report < -1)
		return request_wrong(request, "first_report", "-1 or more");
	return study_table_trial(answer, request->around->table, params, request->arena, &request->error);
}
