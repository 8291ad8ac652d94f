#include "cli/views/pareto_front.h"

#include <math.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/nearest.h"
#include "cli/views/trial_list.h"

#define OBJECTIVES_SHOWN 8

bool study_has_front(const struct study_headline *study)
{
	return study->metrics.count > 1;
}

enum direction study_direction(const struct study_headline *study)
{
	return study->directions.count ? study->directions.items[0] : MINIMIZE;
}

static bool is_on_front(const struct study_summary *study, int64_t number)
{
	for (size_t i = 0; i < study->front.count; i++)
		if (study->front.items[i] == number)
			return true;
	return false;
}

/* Drops the trials that are not on the front. */
static void keep_front(struct trial_list *list, const struct study_summary *study)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++)
		if (is_on_front(study, list->trials[i].number))
			list->trials[kept++] = list->trials[i];
	list->count = kept;
}

enum { CELL_NUMBER, CELL_OBJECTIVES }; /* then time and parameters */

static size_t make_columns(struct column *columns, const struct study_headline *study)
{
	size_t count = CELL_OBJECTIVES;
	columns[CELL_NUMBER] = (struct column){"trial", .right = true};
	for (size_t k = 0; k < study->metrics.count && k < OBJECTIVES_SHOWN; k++)
		columns[count++] = (struct column){study->metrics.items[k], .right = true};
	columns[count++] = (struct column){"time", .right = true};
	columns[count++] = (struct column){"parameters", .flexible = true};
	return count;
}

static void add_row(struct table *table, const struct trial_summary *trial)
{
	struct text cells[OBJECTIVES_SHOWN + 3] = {0};
	const char *strings[OBJECTIVES_SHOWN + 3];
	size_t objective_count = table->column_count - 3;
	format_value((double)trial->number, &cells[CELL_NUMBER]);
	for (size_t k = 0; k < objective_count; k++)
		format_value(
		        k < trial->values.count ? trial->values.items[k] : (double)NAN, &cells[CELL_OBJECTIVES + k]);
	format_duration(trial->duration_s, &cells[table->column_count - 2]);
	format_params(trial->params, &cells[table->column_count - 1]);
	for (size_t i = 0; i < table->column_count; i++) {
		strings[i] = text_string(&cells[i]);
		table->failed = table->failed || cells[i].failed;
	}
	table_add(table, strings);
	for (size_t i = 0; i < table->column_count; i++)
		text_finish(&cells[i]);
}

static int print_table(const struct trial_list *list, const struct study_headline *study, const struct output *output)
{
	struct column columns[OBJECTIVES_SHOWN + 3];
	struct table table;
	table_init(&table, columns, make_columns(columns, study));
	for (size_t i = 0; i < list->count && !table.failed; i++)
		add_row(&table, &list->trials[i]);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}

static const struct field front_fields[] = {
        {"front", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(trial_list_answer, trials), .shape = &trial_summary_shape},
        {"constants", FIELD_JSON_OBJECT, FIELD_OPTIONAL, MEMBER(trial_list_answer, constants), .text = "{}"},
};
static const struct shape front_shape = SHAPE(trial_list_answer, front_fields);

int pareto_front_print(struct session *session, const struct study_summary *study)
{
	const struct study_headline *headline = &study->headline;
	struct trial_list list = {0};
	if (study->front.count == 0)
		return nearest_failure(headline, &session->output);
	const struct trial_list_request wanted = {headline->name, TRIAL_COMPLETE, -1, TRIAL_LIST_ALL, ORDER_BEST};
	int code = trial_list_fetch(&list, session, &wanted, study_direction(headline));
	if (code == EXIT_OK) {
		keep_front(&list, study);
		const struct trial_list_answer front = {
		        .trials = {list.count, list.trials}, .constants = list.constants};
		code = session->output.json ? session_print(session, &front_shape, &front)
		                            : print_table(&list, headline, &session->output);
	}
	trial_list_finish(&list);
	return code;
}
