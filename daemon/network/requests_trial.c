/* Trials: queue one, page through them, look at one. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_trial.h"
#include "daemon/studies/table_view.h"
#include "schema/base/number.h"
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

/* `text` is of the arena; NULL is memory that there was not. */
static int warn(struct trial_enqueue_answer *answer, const char *text, struct arena *arena)
{
	const char **grown =
	        arena_grow(arena, answer->warnings.items, answer->warnings.count, sizeof *answer->warnings.items);
	if (!grown || !text)
		return -ENOMEM;
	grown[answer->warnings.count++] = text;
	answer->warnings.items = grown;
	return 0;
}

static const char *describe_value(const struct param *param, double value, struct arena *arena)
{
	char digits[NUMBER_TEXT_BYTES], low[NUMBER_TEXT_BYTES], high[NUMBER_TEXT_BYTES];
	number_json(value, digits);
	number_json(param->low, low);
	number_json(param->high, high);
	if (value < param->low || value > param->high)
		return arena_printf(arena, "%s: %s is outside of %s … %s and is tried all the same", param->name,
		        digits, low, high);
	return arena_printf(
	        arena, "%s: %s is not on the grid of its steps and is tried all the same", param->name, digits);
}

/* Values that are tried although the file has them otherwise, and those that will not count. */
static int warn_of_point(
        struct trial_enqueue_answer *answer, const struct space *space, const double *point, struct arena *arena)
{
	double *active = arena_alloc(arena, (space->count + 1) * sizeof *active);
	int rc = active ? 0 : -ENOMEM;
	if (active && space->count)
		memcpy(active, point, space->count * sizeof *active);
	if (active)
		point_drop_inactive(space, active);
	for (size_t i = 0; rc == 0 && i < space->count; i++) {
		const struct param *param = &space->params[i];
		if (!isnan(active[i]) && !param_contains(param, point[i]))
			rc = warn(answer, describe_value(param, point[i], arena), arena);
		else if (isnan(active[i]) && !isnan(point[i]))
			rc = warn(answer,
			        arena_printf(arena, "%s does not count: its condition is not met", param->name), arena);
	}
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
	if (rc >= 0)
		rc = warn_of_point(queued, spec->space, point, request->arena);
	return rc < 0 ? rc : study_table_enqueue(&queued->number, table, spec->name, point, &request->error);
}

int request_trial_resume(struct request *request, const void *params, void *answer)
{
	struct trial_resume_answer *resumed = answer;
	return study_table_resume_trial(&resumed->runs, request->around->table, params, &request->error);
}

int request_trial_list(struct request *request, const void *params, void *answer)
{
	const struct trial_list_request *wanted = params;
	if (wanted->limit < 1 || wanted->limit > PAGE_LIMIT)
		return request_wrong(request, "limit", "1 to 1000");
	if (wanted->order != ORDER_NUMBER && wanted->after >= 0)
		return request_wrong(request, "after", "nothing, as only the order by number has pages");
	return study_table_trials(answer, request->around->table, wanted, request->arena, &request->error);
}

int request_trial_get(struct request *request, const void *params, void *answer)
{
	const struct trial_request *wanted = params;
	if (wanted->first_report < -1)
		return request_wrong(request, "first_report", "-1 or more");
	return study_table_trial(answer, request->around->table, params, request->arena, &request->error);
}
