#include "cli/views/study_list.h"

#include <math.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/pareto_front.h"

int64_t study_finished_count(const struct study_headline *study)
{
	return study->counts[TRIAL_COMPLETE] + study->counts[TRIAL_PRUNED] + study->counts[TRIAL_FAILED];
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

static void add_study(struct table *table, const struct study_headline *study)
{
	static const struct {
		int cell;
		enum trial_state state;
	} counts[] = {{CELL_RUNNING, TRIAL_RUNNING}, {CELL_COMPLETE, TRIAL_COMPLETE}, {CELL_PRUNED, TRIAL_PRUNED},
	        {CELL_FAILED, TRIAL_FAILED}};
	struct text cells[CELL_COUNT] = {0};
	const char *strings[CELL_COUNT];
	bool single = study->best && !study_has_front(study);
	text_append(&cells[CELL_NAME], study->name);
	text_append(&cells[CELL_STATE], study_state_name(study->state));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		format_value((double)study->counts[counts[i].state], &cells[counts[i].cell]);
	if (study->nearest)
		text_append(&cells[CELL_BEST], "none feasible");
	else
		format_value(single ? study->best->value : (double)NAN, &cells[CELL_BEST]);
	for (size_t i = 0; i < CELL_COUNT; i++) {
		strings[i] = text_string(&cells[i]);
		table->failed = table->failed || cells[i].failed;
	}
	table_add(table, strings);
	for (size_t i = 0; i < CELL_COUNT; i++)
		text_finish(&cells[i]);
}

/* Its trials are not looked at: only how many there are is known. */
static void add_foreign(struct table *table, const struct foreign_study *study)
{
	struct text count = TEXT_NULL;
	text_printf(&count, "%lld trials", (long long)study->trial_count);
	table_add(table, (const char *[]){study->name, "foreign", "-", "-", "-", "-", text_string(&count)});
	table->failed = table->failed || count.failed;
	text_finish(&count);
}

int study_list_print(const struct study_list_answer *list, const struct session *session)
{
	struct table table;
	if (session->output.json)
		return session_print(session, &study_list_answer_shape, list);
	table_init(&table, columns, CELL_COUNT);
	for (size_t i = 0; i < list->studies.count; i++)
		add_study(&table, &list->studies.items[i]);
	for (size_t i = 0; i < list->foreign.count; i++)
		add_foreign(&table, &list->foreign.items[i]);
	int code = table_print(&table, &session->output);
	table_finish(&table);
	return code;
}
