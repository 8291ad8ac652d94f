/* Studies: create, look at, move from state to state, delete. */
#include <errno.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_view.h"
#include "schema/space/json.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"

/* ---- create ---- */

static int add_complaints(cJSON *list, const struct complaints *complaints)
{
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->items[i];
		if (complaint->kind != COMPLAINT_ERROR)
			continue;
		cJSON *item = cJSON_CreateObject();
		if (!cJSON_AddItemToArray(list, item) || !cJSON_AddStringToObject(item, "path", complaint->path) ||
		        !cJSON_AddStringToObject(item, "text", complaint->text))
			return -ENOMEM;
	}
	return 0;
}

/* A wrong spec is answered with every complaint, so that one round trip is enough to mend the file. */
static int refuse_spec(struct request *request, const struct complaints *complaints)
{
	request->data = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(request->data, "complaints");
	if (!list || add_complaints(list, complaints) < 0)
		return -ENOMEM;
	const struct complaint *first = NULL;
	for (size_t i = 0; i < complaints->count && !first; i++)
		if (complaints->items[i].kind == COMPLAINT_ERROR)
			first = &complaints->items[i];
	if (first && *first->path)
		cJSON_AddStringToObject(request->data, "path", first->path);
	return error_set(&request->error, STUDIES_SPEC_WRONG, "%s", first ? first->text : "the spec is wrong");
}

static int read_spec(struct request *request, struct study_spec **out, struct complaints *complaints)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->params, "spec");
	if (!cJSON_IsObject(item))
		return request_wrong(request, "spec", "the study file as a JSON object");
	struct text json = TEXT_NULL;
	json_append(item, &json);
	int rc = json.failed ? -ENOMEM
	                     : study_file_parse(out, &(struct study_source){json.data, json.length, "", NULL, NULL},
	                               complaints, &request->error);
	text_finish(&json);
	return rc == STUDY_FILE_WRONG ? refuse_spec(request, complaints) : rc;
}

static int read_if_exists(struct request *request, bool *resume)
{
	const char *word;
	int rc = request_optional_string(request, "if_exists", "error", &word);
	if (rc == 0 && strcmp(word, "error") != 0 && strcmp(word, "resume") != 0)
		rc = request_wrong(request, "if_exists", "error or resume");
	if (rc == 0)
		*resume = strcmp(word, "resume") == 0;
	return rc;
}

/* Warnings are for people: one line each. */
static int add_warnings(cJSON *list, const struct complaints *complaints, struct arena *arena)
{
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->items[i];
		if (complaint->kind != COMPLAINT_WARNING)
			continue;
		char *line = arena_printf(arena, "%s: %s", complaint->path, complaint->text);
		if (!line || !cJSON_AddItemToArray(list, cJSON_CreateString(line)))
			return -ENOMEM;
	}
	return 0;
}

static int add_study(struct request *request, struct study_spec *spec, const struct complaints *complaints, bool resume)
{
	bool created = false;
	const char *name = arena_strdup(request->arena, spec->name);
	int rc = name ? study_table_add(request->around->table, spec, resume, &created, &request->error) : -ENOMEM;
	if (rc != 0) {
		study_spec_destroy(spec);
		return rc;
	}
	cJSON *warnings = cJSON_AddArrayToObject(request->result, "warnings");
	bool complete = warnings && add_warnings(warnings, complaints, request->arena) == 0 &&
	                cJSON_AddStringToObject(request->result, "study", name) &&
	                cJSON_AddBoolToObject(request->result, "created", created);
	return complete ? 0 : -ENOMEM;
}

int request_study_create(struct request *request)
{
	struct complaints complaints = {0};
	struct study_spec *spec = NULL;
	bool resume;
	int rc = read_if_exists(request, &resume);
	if (rc == 0)
		rc = read_spec(request, &spec, &complaints);
	if (rc == 0)
		rc = add_study(request, spec, &complaints, resume);
	complaints_finish(&complaints);
	return rc;
}

/* ---- look ---- */

static bool answer_counts(cJSON *object, const struct study_summary *study)
{
	cJSON *counts = cJSON_AddObjectToObject(object, "counts");
	bool complete = counts != NULL;
	for (int state = 0; state < TRIAL_STATE_COUNT && complete; state++)
		complete = cJSON_AddNumberToObject(
		        counts, trial_state_name((enum trial_state)state), (double)study->counts[state]);
	return complete;
}

static bool answer_objectives(cJSON *object, const struct study_spec *spec)
{
	cJSON *metrics = cJSON_AddArrayToObject(object, "metrics"),
	      *directions = cJSON_AddArrayToObject(object, "directions");
	bool complete = metrics && directions;
	for (size_t i = 0; i < spec->objective_count && complete; i++)
		complete = cJSON_AddItemToArray(metrics, cJSON_CreateString(spec->objectives[i].name)) &&
		           cJSON_AddItemToArray(directions,
		                   cJSON_CreateString(
		                           spec->objectives[i].direction == MAXIMIZE ? "maximize" : "minimize"));
	return complete;
}

static bool answer_best(cJSON *object, const struct study_summary *study)
{
	if (study->best_number < 0)
		return cJSON_AddNullToObject(object, "best") != NULL;
	cJSON *best = cJSON_AddObjectToObject(object, "best");
	return best && cJSON_AddNumberToObject(best, "number", (double)study->best_number) &&
	       answer_number(best, "value", study->best_value) &&
	       answer_point(best, "params", study->spec, study->best_point);
}

/* What study.list says of each study, and study.get begins with. */
static bool answer_headline(cJSON *object, const struct study_summary *study)
{
	return cJSON_AddStringToObject(object, "name", study->spec->name) &&
	       cJSON_AddStringToObject(object, "state", study_state_name(study->state)) &&
	       cJSON_AddStringToObject(object, "reason", study->reason ? study->reason : "") &&
	       answer_objectives(object, study->spec) && answer_counts(object, study) && answer_best(object, study) &&
	       answer_time(object, "created", study->created) &&
	       cJSON_AddNumberToObject(object, "budget_trials", (double)study->spec->budget_trials);
}

static bool answer_workers(cJSON *object, const struct study_summary *study)
{
	cJSON *workers = cJSON_AddArrayToObject(object, "workers");
	bool complete = workers != NULL;
	for (size_t i = 0; i < study->worker_count && complete; i++) {
		const struct worker_summary *worker = &study->workers[i];
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(workers, item) && cJSON_AddStringToObject(item, "name", worker->name) &&
		           cJSON_AddNumberToObject(item, "running", (double)worker->running_count) &&
		           cJSON_AddNumberToObject(item, "finished", (double)worker->finished_count) &&
		           answer_number(item, "idle_s", worker->idle_s);
	}
	return complete;
}

static bool answer_front(cJSON *object, const struct study_summary *study)
{
	cJSON *front = cJSON_AddArrayToObject(object, "front");
	bool complete = front != NULL;
	for (size_t i = 0; i < study->front_count && complete; i++)
		complete = cJSON_AddItemToArray(front, cJSON_CreateNumber((double)study->front[i]));
	return complete;
}

static bool answer_warnings(cJSON *object, const struct study_summary *study)
{
	cJSON *warnings = cJSON_AddArrayToObject(object, "warnings");
	bool complete = warnings != NULL;
	for (size_t i = 0; i < study->warning_count && complete; i++)
		complete = cJSON_AddItemToArray(warnings, cJSON_CreateString(study->warnings[i]));
	return complete;
}

int request_study_list(struct request *request)
{
	const char **names;
	size_t count;
	int rc = study_table_names(request->around->table, &names, &count, request->arena);
	cJSON *studies = cJSON_AddArrayToObject(request->result, "studies");
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct study_summary study;
		cJSON *item = cJSON_CreateObject();
		rc = studies && cJSON_AddItemToArray(studies, item) ? 0 : -ENOMEM;
		if (rc == 0)
			rc = study_table_get(request->around->table, &(struct study_request){names[i], true}, &study,
			        request->arena, &request->error);
		if (rc == 0 && !answer_headline(item, &study))
			rc = -ENOMEM;
	}
	return rc;
}

int request_study_get(struct request *request)
{
	const char *name;
	struct study_summary study;
	int rc = request_string(request, "study", &name);
	if (rc == 0)
		rc = study_table_get(request->around->table, &(struct study_request){name, false}, &study,
		        request->arena, &request->error);
	if (rc != 0)
		return rc;
	cJSON *result = request->result;
	bool complete = answer_headline(result, &study) && answer_front(result, &study) &&
	                answer_workers(result, &study) && answer_warnings(result, &study) &&
	                answer_number(result, "running_s", study.running_s) &&
	                answer_number_or_null(result, "eta_s", study.eta_s) &&
	                cJSON_AddStringToObject(result, "sampler_note", study.sampler_note ? study.sampler_note : "") &&
	                cJSON_AddRawToObject(result, "spec", study.spec->json);
	return complete ? 0 : -ENOMEM;
}

/* ---- move ---- */

static int move(struct request *request, enum study_state to)
{
	const char *name;
	enum study_state state;
	int rc = request_string(request, "study", &name);
	if (rc == 0)
		rc = study_table_set_state(request->around->table, name, to, &state, &request->error);
	if (rc == 0 && !cJSON_AddStringToObject(request->result, "state", study_state_name(state)))
		rc = -ENOMEM;
	return rc;
}

int request_study_pause(struct request *request)
{
	return move(request, STUDY_PAUSED);
}

int request_study_resume(struct request *request)
{
	return move(request, STUDY_RUNNING);
}

int request_study_stop(struct request *request)
{
	return move(request, STUDY_STOPPED);
}

int request_study_delete(struct request *request)
{
	const char *name;
	int rc = request_string(request, "study", &name);
	if (rc == 0)
		rc = study_table_delete(request->around->table, name, &request->error);
	if (rc == 0 && !cJSON_AddStringToObject(request->result, "state", "deleted"))
		rc = -ENOMEM;
	return rc;
}

/* ---- the daemon itself ---- */

int request_file_export(struct request *request)
{
	const char *path;
	int rc = request_string(request, "path", &path);
	if (rc == 0 && path[0] != '/')
		rc = request_wrong(request, "path", "an absolute path");
	if (rc == 0)
		rc = request->around->export_file(request->around->context, path, &request->error);
	if (rc == 0 && !cJSON_AddStringToObject(request->result, "path", path))
		rc = -ENOMEM;
	return rc;
}

int request_daemon_stop(struct request *request)
{
	request->around->stop(request->around->context);
	return 0;
}
