/* Trials: queue one, page through them, look at one. */
#include <errno.h>
#include <math.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_view.h"
#include "schema/space/json.h"
#include "schema/space/point.h"

#define PAGE_TRIALS 100
#define PAGE_LIMIT 1000

static int find_spec(struct request *request, const struct study_spec **spec)
{
	const char *name;
	int rc = request_string(request, "study", &name);
	return rc == 0 ? study_table_spec(request->around->table, name, spec, &request->error) : rc;
}

int request_trial_enqueue(struct request *request)
{
	const struct study_spec *spec;
	int64_t number;
	int rc = find_spec(request, &spec);
	if (rc != 0)
		return rc;
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(request->params, "params");
	if (!cJSON_IsObject(params))
		return request_wrong(request, "params", "an object of parameter values");
	double *point = arena_alloc(request->arena, spec->space->count * sizeof *point);
	if (!point)
		return -ENOMEM;
	rc = point_from_json(point, spec->space, params, &request->error);
	if (rc < 0)
		return rc;
	rc = study_table_enqueue(request->around->table, spec->name, point, &number, &request->error);
	if (rc == 0 && !cJSON_AddNumberToObject(request->result, "number", (double)number))
		rc = -ENOMEM;
	return rc;
}

/* ---- one trial's line ---- */

static bool answer_values(cJSON *object, const struct study_spec *spec, const struct trial_record *record)
{
	cJSON *values = cJSON_AddArrayToObject(object, "values");
	bool complete = values != NULL;
	for (size_t i = 0; i < spec->objective_count && complete; i++) {
		cJSON *item = isnan(record->values[i]) ? cJSON_CreateNull() : json_number(record->values[i]);
		complete = cJSON_AddItemToArray(values, item);
	}
	return complete;
}

static bool answer_trial(cJSON *object, const struct study_spec *spec, const struct trial_summary *trial)
{
	const struct trial_record *record = &trial->record;
	return cJSON_AddNumberToObject(object, "number", (double)record->number) &&
	       cJSON_AddNumberToObject(object, "trial", (double)record->id) &&
	       cJSON_AddStringToObject(object, "state", trial_state_name(record->state)) &&
	       answer_values(object, spec, record) && answer_point(object, "params", spec, record->point) &&
	       answer_time(object, "started", record->started) && answer_time(object, "completed", record->completed) &&
	       answer_number_or_null(object, "duration_s", trial->duration_s) &&
	       cJSON_AddNumberToObject(object, "last_step", (double)trial->last_step) &&
	       answer_number_or_null(object, "last_value", trial->last_value) &&
	       answer_number_or_null(object, "sd", trial->sd) &&
	       answer_number_or_null(object, "violation", trial->violation) &&
	       cJSON_AddStringToObject(object, "worker", trial->worker) &&
	       cJSON_AddStringToObject(object, "reason", trial->reason);
}

/* ---- pages ---- */

static int optional_integer(struct request *request, const char *key, int64_t *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->params, key);
	return item && !cJSON_IsNull(item) ? request_integer(request, key, value) : 0;
}

static int read_page(struct request *request, struct trials_request *page)
{
	const char *state;
	int64_t limit = PAGE_TRIALS;
	*page = (struct trials_request){.state = TRIAL_STATE_COUNT, .after = -1};
	int rc = optional_integer(request, "after", &page->after);
	if (rc == 0)
		rc = optional_integer(request, "limit", &limit);
	if (rc == 0 && (limit < 1 || limit > PAGE_LIMIT))
		rc = request_wrong(request, "limit", "1 to 1000");
	if (rc == 0)
		rc = request_optional_string(request, "state", NULL, &state);
	if (rc == 0 && state && trial_state_parse(state, &page->state) < 0)
		rc = request_wrong(request, "state", "WAITING, RUNNING, COMPLETE, PRUNED or FAIL");
	page->limit = (size_t)limit;
	return rc;
}

int request_trial_list(struct request *request)
{
	const struct study_spec *spec;
	struct trials_request wanted;
	struct trial_page page;
	int rc = find_spec(request, &spec);
	if (rc == 0)
		rc = read_page(request, &wanted);
	if (rc == 0)
		wanted.study = spec->name;
	if (rc == 0)
		rc = study_table_trials(request->around->table, &wanted, &page, request->arena, &request->error);
	if (rc != 0)
		return rc;
	cJSON *list = cJSON_AddArrayToObject(request->result, "trials");
	bool complete = list != NULL;
	for (size_t i = 0; i < page.count && complete; i++) {
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(list, item) && answer_trial(item, spec, &page.trials[i]);
	}
	if (complete && page.count == wanted.limit)
		complete = cJSON_AddNumberToObject(
		                   request->result, "next", (double)page.trials[page.count - 1].record.number) != NULL;
	return complete ? 0 : -ENOMEM;
}

/* ---- everything of one ---- */

static bool answer_metrics(cJSON *object, const struct metric_value *metrics, size_t count)
{
	cJSON *item = cJSON_AddObjectToObject(object, "metrics");
	bool complete = item != NULL;
	for (size_t i = 0; i < count && complete; i++)
		complete = answer_number(item, metrics[i].name, metrics[i].value);
	return complete;
}

static bool answer_reports(cJSON *object, const struct run_summary *run)
{
	cJSON *reports = cJSON_AddArrayToObject(object, "reports");
	bool complete = reports != NULL;
	for (size_t i = 0; i < run->report_count && complete; i++) {
		const struct report *report = &run->reports[i];
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(reports, item) &&
		           cJSON_AddNumberToObject(item, "step", (double)report->step) &&
		           answer_number(item, "value", report->value) && answer_time(item, "time", report->reported) &&
		           answer_metrics(item, report->metrics, report->metric_count);
	}
	return complete;
}

static bool answer_classes(cJSON *object, const struct run_tables *tables)
{
	cJSON *list = cJSON_AddArrayToObject(object, "classes");
	bool complete = list != NULL;
	for (size_t i = 0; i < tables->class_count && complete; i++) {
		const struct class_score *score = &tables->classes[i];
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(list, item) && cJSON_AddStringToObject(item, "label", score->label) &&
		           answer_number_or_null(item, "precision", score->precision) &&
		           answer_number_or_null(item, "recall", score->recall) &&
		           answer_number_or_null(item, "f1", score->f1) &&
		           answer_number_or_null(item, "auprc", score->auprc) &&
		           cJSON_AddNumberToObject(item, "support", (double)score->support);
	}
	return complete;
}

static bool answer_cells(cJSON *object, const struct run_tables *tables)
{
	cJSON *list = cJSON_AddArrayToObject(object, "confusion");
	bool complete = list != NULL;
	for (size_t i = 0; i < tables->cell_count && complete; i++) {
		const struct confusion_cell *cell = &tables->cells[i];
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(list, item) && cJSON_AddStringToObject(item, "truth", cell->truth) &&
		           cJSON_AddStringToObject(item, "predicted", cell->predicted) &&
		           cJSON_AddNumberToObject(item, "count", (double)cell->count);
	}
	return complete;
}

static bool answer_run(cJSON *runs, const struct run_summary *run)
{
	cJSON *item = cJSON_CreateObject();
	return cJSON_AddItemToArray(runs, item) && cJSON_AddNumberToObject(item, "run", (double)run->record.id) &&
	       cJSON_AddNumberToObject(item, "fold", (double)run->record.fold) &&
	       cJSON_AddNumberToObject(item, "attempt", (double)run->record.attempt) &&
	       cJSON_AddStringToObject(item, "state", run_state_name(run->record.state)) &&
	       answer_number_or_null(item, "value", run->record.value) &&
	       answer_time(item, "started", run->record.started) &&
	       answer_time(item, "completed", run->record.completed) &&
	       cJSON_AddStringToObject(item, "worker", run->worker) &&
	       cJSON_AddStringToObject(item, "reason", run->reason) && answer_reports(item, run) &&
	       answer_metrics(item, run->metrics.items, run->metrics.count) && answer_classes(item, &run->tables) &&
	       answer_cells(item, &run->tables);
}

int request_trial_get(struct request *request)
{
	const char *study;
	int64_t number;
	struct trial_detail trial;
	int rc = request_string(request, "study", &study);
	if (rc == 0)
		rc = request_integer(request, "number", &number);
	if (rc == 0)
		rc = study_table_trial(request->around->table, &(struct trial_request){study, number}, &trial,
		        request->arena, &request->error);
	if (rc != 0)
		return rc;
	cJSON *runs = NULL;
	bool complete = answer_trial(request->result, trial.spec, &trial.summary) &&
	                (runs = cJSON_AddArrayToObject(request->result, "runs")) != NULL;
	for (size_t i = 0; i < trial.run_count && complete; i++)
		complete = answer_run(runs, &trial.runs[i]);
	if (complete && trial.sampler_note)
		complete = cJSON_AddRawToObject(request->result, "sampler_note", trial.sampler_note) != NULL;
	return complete ? 0 : -ENOMEM;
}
