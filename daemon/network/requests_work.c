/* Work: ask, report, tell, renew. What workers say all day. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_work.h"
#include "schema/base/number.h"
#include "schema/space/json.h"

/* ---- ask ---- */

static int read_commands(struct request *request, struct ask *ask)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(request->params, "commands"), *item;
	size_t count = list ? (size_t)cJSON_GetArraySize(list) : 0;
	const char **commands = arena_alloc(request->arena, count * sizeof *commands);
	if (!commands)
		return -ENOMEM;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return request_wrong(request, "commands", "a list of strings");
		commands[ask->command_count++] = item->valuestring;
	}
	ask->commands = commands;
	return 0;
}

/* The request's id is what makes a repeated ask recognisable, whatever type it has. */
static int read_key(struct request *request, struct ask *ask)
{
	struct text text = TEXT_NULL;
	if (request->id)
		json_append(request->id, &text);
	ask->key = text.failed ? NULL : arena_strdup(request->arena, text_string(&text));
	text_finish(&text);
	return ask->key ? 0 : -ENOMEM;
}

static bool answer_argv(cJSON *run, const struct assignment *assignment)
{
	cJSON *argv = cJSON_AddArrayToObject(run, "command");
	bool complete = argv != NULL;
	for (size_t i = 0; i < assignment->argv_length && complete; i++)
		complete = cJSON_AddItemToArray(argv, cJSON_CreateString(assignment->argv[i]));
	return complete;
}

static bool answer_files(cJSON *run, const struct study_spec *spec)
{
	cJSON *files = cJSON_AddObjectToObject(run, "files");
	bool complete = files != NULL;
	for (size_t i = 0; i < spec->file_count && complete; i++) {
		const struct file_entry *file = &spec->files[i];
		cJSON *item = cJSON_AddObjectToObject(files, file->name);
		complete = item && cJSON_AddStringToObject(item, "path", file->path) &&
		           cJSON_AddStringToObject(item, "sha256", file->sha256 ? file->sha256 : "") &&
		           cJSON_AddNumberToObject(item, "size", (double)file->size_bytes);
	}
	return complete;
}

/* How the agent finds the score, and the limits it has to enforce. */
static bool answer_rules(cJSON *run, const struct study_spec *spec)
{
	static const char *const kinds[] = {[REPORT_PIPE] = "pipe",
	        [REPORT_STDOUT] = "stdout",
	        [REPORT_PATTERN] = "pattern",
	        [REPORT_FILE] = "file"};
	cJSON *report = cJSON_AddObjectToObject(run, "report"), *resources = cJSON_AddObjectToObject(run, "resources");
	cJSON *metrics = cJSON_AddArrayToObject(run, "metrics");
	bool complete = report && resources && metrics &&
	                cJSON_AddStringToObject(report, "kind", kinds[spec->report_kind]) &&
	                cJSON_AddStringToObject(report, "source", spec->report_source ? spec->report_source : "") &&
	                cJSON_AddStringToObject(report, "metric", spec->prune_metric) &&
	                cJSON_AddNumberToObject(resources, "threads", (double)spec->threads) &&
	                cJSON_AddNumberToObject(resources, "memory_mb", (double)spec->memory_mb) &&
	                answer_number(resources, "minutes", spec->run_minutes);
	for (size_t i = 0; i < spec->objective_count && complete; i++)
		complete = cJSON_AddItemToArray(metrics, cJSON_CreateString(spec->objectives[i].name));
	return complete;
}

static bool answer_run(cJSON *result, const struct assignment *assignment)
{
	cJSON *run = cJSON_AddObjectToObject(result, "run");
	char seed[24];
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)assignment->seed);
	return run && cJSON_AddNumberToObject(run, "run", (double)assignment->run_id) &&
	       cJSON_AddStringToObject(run, "study", assignment->spec->name) &&
	       cJSON_AddNumberToObject(run, "trial", (double)assignment->trial_id) &&
	       cJSON_AddNumberToObject(run, "number", (double)assignment->number) &&
	       cJSON_AddNumberToObject(run, "fold", (double)assignment->fold) &&
	       cJSON_AddNumberToObject(run, "folds", (double)assignment->folds) &&
	       cJSON_AddNumberToObject(run, "attempt", (double)assignment->attempt) &&
	       cJSON_AddNumberToObject(run, "lease", (double)assignment->lease) &&
	       answer_number(run, "expires_s", assignment->expires_s) &&
	       cJSON_AddRawToObject(run, "params", assignment->params_json) &&
	       cJSON_AddRawToObject(run, "seed", seed) && answer_argv(run, assignment) &&
	       answer_files(run, assignment->spec) && answer_rules(run, assignment->spec) &&
	       cJSON_AddObjectToObject(run, "env");
}

static bool answer_wait(cJSON *result, const struct assignment *assignment)
{
	return cJSON_AddNullToObject(result, "run") && answer_number(result, "retry_s", assignment->retry_s) &&
	       cJSON_AddStringToObject(result, "reason", assignment->retry_reason);
}

int request_trial_ask(struct request *request)
{
	struct ask ask = {.worker = request->caller->name,
	        .session = request->caller->session,
	        .software = request->caller->software};
	struct assignment assignment = {0};
	int rc = request_optional_string(request, "study", NULL, &ask.study);
	if (rc == 0)
		rc = read_commands(request, &ask);
	if (rc == 0)
		rc = read_key(request, &ask);
	if (rc == 0)
		rc = study_table_ask(request->around->table, &ask, &assignment, request->arena, &request->error);
	if (rc != 0)
		return rc;
	bool complete = assignment.retry_reason ? answer_wait(request->result, &assignment)
	                                        : answer_run(request->result, &assignment);
	return complete ? 0 : -ENOMEM;
}

/* ---- report ---- */

static int read_claim(struct request *request, int64_t *run_id, int64_t *lease)
{
	int rc = request_integer(request, "run", run_id);
	return rc == 0 ? request_integer(request, "lease", lease) : rc;
}

int request_trial_report(struct request *request)
{
	struct report_request report = {.value = (double)NAN};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(request->params, "value");
	const char *stop;
	int rc = read_claim(request, &report.run_id, &report.lease);
	if (rc == 0)
		rc = request_integer(request, "step", &report.step);
	if (rc == 0 && value && !cJSON_IsNull(value)) {
		report.has_value = json_get_number(value, &report.value);
		if (!report.has_value)
			rc = error_set(&request->error, STUDIES_NOT_A_NUMBER,
			        "value: expected a number, \"nan\", \"inf\" or \"-inf\"");
	}
	if (rc == 0)
		rc = request_metrics(request, "metrics", &report.metrics, &report.metric_count);
	if (rc == 0)
		rc = study_table_report(request->around->table, &report, &stop, &request->error);
	if (rc != 0)
		return rc;
	cJSON *answer = *stop ? cJSON_AddStringToObject(request->result, "stop", stop)
	                      : cJSON_AddNullToObject(request->result, "stop");
	return answer ? 0 : -ENOMEM;
}

/* ---- tell ---- */

static int read_values(struct request *request, struct tell_request *tell)
{
	const cJSON *one = cJSON_GetObjectItemCaseSensitive(request->params, "value");
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(request->params, "values");
	bool has_one = one && !cJSON_IsNull(one), has_list = list && !cJSON_IsNull(list);
	if (has_list && !cJSON_IsArray(list))
		return request_wrong(request, "values", "a list of numbers");
	size_t count = has_list ? (size_t)cJSON_GetArraySize(list) : has_one;
	double *values = arena_alloc(request->arena, count * sizeof *values);
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!json_get_number(has_list ? cJSON_GetArrayItem(list, (int)i) : one, &values[i]))
			return error_set(&request->error, STUDIES_NOT_A_NUMBER,
			        "value: expected a number, \"nan\", \"inf\" or \"-inf\"");
	tell->value_count = count;
	tell->values = values;
	return 0;
}

static int read_state(struct request *request, struct tell_request *tell)
{
	static const enum run_state allowed[] = {RUN_COMPLETE, RUN_PRUNED, RUN_FAILED, RUN_LOST};
	const char *name;
	int rc = request_string(request, "state", &name);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (strcmp(name, run_state_name(allowed[i])) == 0) {
			tell->state = allowed[i];
			return 0;
		}
	return request_wrong(request, "state", "complete, pruned, failed or lost");
}

/* A count that is absent is 0; false for anything but an integer ≥ 0. */
static bool read_count(const cJSON *object, const char *key, int64_t *out)
{
	double count = json_double(object, key, 0);
	if (!number_is_integral(count) || count < 0)
		return false;
	*out = (int64_t)count;
	return true;
}

static int read_classes(struct request *request, const cJSON *list, struct run_tables *tables)
{
	size_t count = (size_t)cJSON_GetArraySize(list);
	struct class_score *classes = arena_alloc(request->arena, count * sizeof *classes);
	const cJSON *item;
	if (!classes)
		return -ENOMEM;
	cJSON_ArrayForEach(item, list)
	{
		struct class_score score = {json_string(item, "label", NULL),
		        json_double(item, "precision", (double)NAN), json_double(item, "recall", (double)NAN),
		        json_double(item, "f1", (double)NAN), json_double(item, "auprc", (double)NAN), 0};
		if (!score.label || !read_count(item, "support", &score.support))
			return request_wrong(request, "tables.classes", "a list of objects with a label");
		classes[tables->class_count++] = score;
	}
	tables->classes = classes;
	return 0;
}

static int read_cells(struct request *request, const cJSON *list, struct run_tables *tables)
{
	size_t count = (size_t)cJSON_GetArraySize(list);
	struct confusion_cell *cells = arena_alloc(request->arena, count * sizeof *cells);
	const cJSON *item;
	if (!cells)
		return -ENOMEM;
	cJSON_ArrayForEach(item, list)
	{
		struct confusion_cell cell = {
		        json_string(item, "truth", NULL), json_string(item, "predicted", NULL), 0};
		if (!cell.truth || !cell.predicted || !read_count(item, "count", &cell.count))
			return request_wrong(request, "tables.confusion", "a list of {truth, predicted, count}");
		cells[tables->cell_count++] = cell;
	}
	tables->cells = cells;
	return 0;
}

static int read_tables(struct request *request, struct tell_request *tell, struct run_tables *tables)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(request->params, "tables");
	if (!object || cJSON_IsNull(object))
		return 0;
	int rc = read_classes(request, cJSON_GetObjectItemCaseSensitive(object, "classes"), tables);
	if (rc == 0)
		rc = read_cells(request, cJSON_GetObjectItemCaseSensitive(object, "confusion"), tables);
	tell->tables = tables;
	return rc;
}

int request_trial_tell(struct request *request)
{
	struct tell_request tell = {0};
	struct run_tables tables = {0};
	enum trial_state state;
	int rc = read_claim(request, &tell.run_id, &tell.lease);
	if (rc == 0)
		rc = read_state(request, &tell);
	if (rc == 0)
		rc = read_values(request, &tell);
	if (rc == 0)
		rc = request_metrics(request, "metrics", &tell.metrics, &tell.metric_count);
	if (rc == 0)
		rc = read_tables(request, &tell, &tables);
	if (rc == 0)
		rc = request_optional_string(request, "reason", "", &tell.reason);
	tell.by_signal = json_bool(request->params, "by_signal", false);
	if (rc == 0)
		rc = study_table_tell(request->around->table, &tell, &state, &request->error);
	if (rc == 0 && !cJSON_AddStringToObject(request->result, "trial", trial_state_name(state)))
		rc = -ENOMEM;
	return rc;
}

/* ---- renew ---- */

static int read_claims(struct request *request, struct lease_claim **out, size_t *count)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(request->params, "leases"), *item;
	struct lease_claim *claims = arena_alloc(request->arena, (size_t)cJSON_GetArraySize(list) * sizeof *claims);
	if (!claims)
		return -ENOMEM;
	*count = 0;
	cJSON_ArrayForEach(item, list)
	{
		double run = json_double(item, "run", -1), lease = json_double(item, "lease", -1);
		if (run < 0 || lease < 0 || !number_is_integral(run) || !number_is_integral(lease))
			return request_wrong(request, "leases", "a list of {run, lease}");
		claims[(*count)++] = (struct lease_claim){.run_id = (int64_t)run, .lease = (int64_t)lease};
	}
	*out = claims;
	return 0;
}

static bool answer_claims(cJSON *result, const struct lease_claim *claims, size_t count)
{
	cJSON *lost = cJSON_AddArrayToObject(result, "lost"), *stop = cJSON_AddArrayToObject(result, "stop");
	bool complete = lost && stop;
	for (size_t i = 0; i < count && complete; i++) {
		if (!*claims[i].stop)
			continue;
		if (strcmp(claims[i].stop, "lost") == 0) {
			complete = cJSON_AddItemToArray(lost, cJSON_CreateNumber((double)claims[i].run_id));
			continue;
		}
		cJSON *item = cJSON_CreateObject();
		complete = cJSON_AddItemToArray(stop, item) &&
		           cJSON_AddNumberToObject(item, "run", (double)claims[i].run_id) &&
		           cJSON_AddStringToObject(item, "reason", claims[i].stop);
	}
	return complete;
}

int request_lease_renew(struct request *request)
{
	struct lease_claim *claims = NULL;
	size_t count = 0;
	double expires_s;
	int rc = read_claims(request, &claims, &count);
	if (rc == 0)
		rc = study_table_renew(request->around->table, claims, count, &expires_s, &request->error);
	if (rc != 0)
		return rc;
	return answer_number(request->result, "expires_s", expires_s) && answer_claims(request->result, claims, count)
	               ? 0
	               : -ENOMEM;
}
