#include "cli/views/pareto_front.h"

#include <math.h>
#include <stdint.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "cli/views/trial_list.h"
#include "schema/space/json.h"

#define OBJECTIVES_SHOWN 8

bool study_has_front(const cJSON *study)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(study, "metrics")) > 1;
}

size_t study_front_count(const cJSON *study)
{
	return (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(study, "front"));
}

/* Drops the trials that are not on the front. */
static void keep_front(struct trial_list *list, const cJSON *front)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		const cJSON *number = front->child;
		while (number && number->valuedouble != list->rows[i].number)
			number = number->next;
		if (number)
			list->rows[kept++] = list->rows[i];
	}
	list->count = kept;
}

enum { CELL_NUMBER, CELL_OBJECTIVES }; /* then time and parameters */

static size_t make_columns(struct column *columns, const cJSON *metrics)
{
	size_t count = CELL_OBJECTIVES;
	const cJSON *metric;
	columns[CELL_NUMBER] = (struct column){"trial", .right = true};
	cJSON_ArrayForEach(metric, metrics)
	{
		if (count < CELL_OBJECTIVES + OBJECTIVES_SHOWN)
			columns[count++] = (struct column){cJSON_GetStringValue(metric), .right = true};
	}
	columns[count++] = (struct column){"time", .right = true};
	columns[count++] = (struct column){"parameters", .flexible = true};
	return count;
}

static void add_row(struct table *table, const struct trial_row *row)
{
	struct text cells[OBJECTIVES_SHOWN + 3] = {0};
	const char *strings[OBJECTIVES_SHOWN + 3];
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(row->json, "values");
	size_t objective_count = table->column_count - 3;
	format_value(row->number, &cells[CELL_NUMBER]);
	for (size_t k = 0; k < objective_count; k++) {
		double value;
		const cJSON *item = cJSON_GetArrayItem(values, (int)k);
		format_value(json_get_number(item, &value) ? value : (double)NAN, &cells[CELL_OBJECTIVES + k]);
	}
	format_duration(row->duration_s, &cells[table->column_count - 2]);
	format_params(cJSON_GetObjectItemCaseSensitive(row->json, "params"), &cells[table->column_count - 1]);
	for (size_t i = 0; i < table->column_count; i++) {
		strings[i] = text_string(&cells[i]);
		table->failed = table->failed || cells[i].failed;
	}
	table_add(table, strings);
	for (size_t i = 0; i < table->column_count; i++)
		text_finish(&cells[i]);
}

static int print_table(const struct trial_list *list, const cJSON *study, const struct output *output)
{
	struct column columns[OBJECTIVES_SHOWN + 3];
	struct table table;
	table_init(&table, columns, make_columns(columns, cJSON_GetObjectItemCaseSensitive(study, "metrics")));
	for (size_t i = 0; i < list->count && !table.failed; i++)
		add_row(&table, &list->rows[i]);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}

static int print_json(const struct trial_list *list, const struct output *output)
{
	cJSON *object = cJSON_CreateObject(), *trials = cJSON_AddArrayToObject(object, "front");
	bool whole = trials != NULL;
	for (size_t i = 0; whole && i < list->count; i++)
		whole = cJSON_AddItemReferenceToArray(trials, (cJSON *)(uintptr_t)list->rows[i].json);
	int code = whole ? output_json(output, object) : output_no_memory(output);
	cJSON_Delete(object);
	return code;
}

int pareto_front_print(struct session *session, const cJSON *study)
{
	const cJSON *front = cJSON_GetObjectItemCaseSensitive(study, "front");
	const char *name = json_string(study, "name", "");
	struct trial_list list = {0};
	if (study_front_count(study) == 0)
		return output_failure(&session->output, EXIT_NOT_FOUND,
		        "no trial of %s is complete and keeps the constraints yet", name);
	int code = trial_list_fetch(&list, session, name, "COMPLETE");
	if (code == EXIT_OK) {
		keep_front(&list, front);
		trial_list_sort(&list, ORDER_BEST, study_maximizes(study));
		code = session->output.json ? print_json(&list, &session->output)
		                            : print_table(&list, study, &session->output);
	}
	trial_list_finish(&list);
	return code;
}
