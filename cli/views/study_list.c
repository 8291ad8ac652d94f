#include "cli/views/study_list.h"

#include <math.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "cli/views/pareto_front.h"
#include "schema/space/json.h"

double study_count(const cJSON *study, const char *state)
{
	return json_double(cJSON_GetObjectItemCaseSensitive(study, "counts"), state, 0);
}

double study_finished(const cJSON *study)
{
	return study_count(study, "COMPLETE") + study_count(study, "PRUNED") + study_count(study, "FAIL");
}

static enum style state_style(const char *state)
{
	return strcmp(state, "running") == 0 ? STYLE_NOTE : strcmp(state, "finished") == 0 ? STYLE_GOOD : STYLE_DIM;
}

enum { CELL_NAME, CELL_STATE, CELL_RUNNING, CELL_COMPLETE, CELL_PRUNED, CELL_FAILED, CELL_BEST, CELL_COUNT };

static const struct column columns[CELL_COUNT] = {
        [CELL_NAME] = {"study", .flexible = true},
        [CELL_STATE] = {"state", .style = state_style},
        [CELL_RUNNING] = {"running", .right = true},
        [CELL_COMPLETE] = {"complete", .right = true},
        [CELL_PRUNED] = {"pruned", .right = true},
        [CELL_FAILED] = {"failed", .right = true},
        [CELL_BEST] = {"best", .right = true},
};

static void add_study(struct table *table, const cJSON *study)
{
	struct text cells[CELL_COUNT] = {0};
	const char *strings[CELL_COUNT];
	text_append(&cells[CELL_NAME], json_string(study, "name", ""));
	text_append(&cells[CELL_STATE], json_string(study, "state", ""));
	format_value(study_count(study, "RUNNING"), &cells[CELL_RUNNING]);
	format_value(study_count(study, "COMPLETE"), &cells[CELL_COMPLETE]);
	format_value(study_count(study, "PRUNED"), &cells[CELL_PRUNED]);
	format_value(study_count(study, "FAIL"), &cells[CELL_FAILED]);
	double best = field_number(cJSON_GetObjectItemCaseSensitive(study, "best"), "value");
	format_value(study_has_front(study) ? (double)NAN : best, &cells[CELL_BEST]);
	for (size_t i = 0; i < CELL_COUNT; i++) {
		strings[i] = text_string(&cells[i]);
		table->failed = table->failed || cells[i].failed;
	}
	table_add(table, strings);
	for (size_t i = 0; i < CELL_COUNT; i++)
		text_finish(&cells[i]);
}

int study_list_print(const cJSON *studies, const struct output *output)
{
	struct table table;
	const cJSON *study;
	table_init(&table, columns, CELL_COUNT);
	cJSON_ArrayForEach(study, studies) add_study(&table, study);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}
