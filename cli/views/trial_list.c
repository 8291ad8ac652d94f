#include "cli/views/trial_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

#define PAGE_TRIALS 1000

static cJSON *page_params(const char *study, const char *state, double after)
{
	cJSON *params = session_params(study);
	cJSON_AddNumberToObject(params, "limit", PAGE_TRIALS);
	if (state)
		cJSON_AddStringToObject(params, "state", state);
	if (after >= 0)
		cJSON_AddNumberToObject(params, "after", after);
	return params;
}

/* Moves the page's trials behind those fetched before: one pointer per trial, no copies. */
static void append_page(cJSON *all, cJSON *page)
{
	cJSON *trials = cJSON_GetObjectItemCaseSensitive(page, "trials");
	cJSON *trial;
	while (trials && (trial = trials->child)) {
		cJSON_DetachItemViaPointer(trials, trial);
		cJSON_AddItemToArray(all, trial);
	}
}

static int fetch_pages(cJSON *all, struct session *session, const char *study, const char *state)
{
	double after = -1;
	int code = EXIT_OK;
	do {
		cJSON *page = NULL;
		code = session_call(session, "trial.list", page_params(study, state, after), &page);
		append_page(all, page);
		after = json_double(page, "next", -1);
		cJSON_Delete(page);
	} while (code == EXIT_OK && after >= 0);
	return code;
}

double trial_value(const cJSON *trial)
{
	double value = (double)NAN;
	json_get_number(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(trial, "values"), 0), &value);
	return value;
}

static struct trial_row read_row(const cJSON *trial)
{
	return (struct trial_row){
	        .number = field_number(trial, "number"),
	        .value = trial_value(trial),
	        .duration_s = field_number(trial, "duration_s"),
	        .last_step = field_number(trial, "last_step"),
	        .last_value = field_number(trial, "last_value"),
	        .violation = field_number(trial, "violation"),
	        .state = json_string(trial, "state", ""),
	        .started = json_string(trial, "started", ""),
	        .worker = json_string(trial, "worker", ""),
	        .reason = json_string(trial, "reason", ""),
	        .json = trial,
	};
}

static int read_rows(struct trial_list *list, const cJSON *trials)
{
	list->rows = memory_alloc((size_t)cJSON_GetArraySize(trials) + 1, sizeof *list->rows);
	if (!list->rows)
		return -1;
	const cJSON *trial;
	cJSON_ArrayForEach(trial, trials) list->rows[list->count++] = read_row(trial);
	return 0;
}

int trial_list_fetch(struct trial_list *out, struct session *session, const char *study, const char *state)
{
	struct trial_list list = {.pages = cJSON_CreateObject()};
	cJSON *all = cJSON_AddArrayToObject(list.pages, "trials");
	int code = EXIT_FAILED;
	if (all)
		code = fetch_pages(all, session, study, state);
	if (!all || (code == EXIT_OK && read_rows(&list, all) != 0))
		code = output_no_memory(&session->output);
	if (code == EXIT_OK)
		*out = list;
	else
		trial_list_finish(&list);
	return code;
}

void trial_list_finish(struct trial_list *list)
{
	cJSON_Delete(list->pages);
	memory_free(list->rows);
	*list = (struct trial_list){0};
}

static int compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

static int by_number(const void *a, const void *b)
{
	return compare_numbers(((const struct trial_row *)a)->number, ((const struct trial_row *)b)->number);
}

/* A pruned trial's value is of an early step and an infeasible one's is not to be had: neither may outrank a good one. */
static bool ranks(const struct trial_row *row)
{
	return strcmp(row->state, "COMPLETE") == 0 && !isnan(row->value) && !(row->violation > 0);
}

static int by_best(const struct trial_row *a, const struct trial_row *b, double sign)
{
	if (ranks(a) != ranks(b))
		return ranks(a) ? -1 : 1;
	int rc = ranks(a) ? compare_numbers(a->value * sign, b->value * sign) : 0;
	return rc ? rc : by_number(a, b);
}

static int by_smallest(const void *a, const void *b)
{
	return by_best(a, b, 1);
}

static int by_largest(const void *a, const void *b)
{
	return by_best(a, b, -1);
}

static int by_duration(const void *a, const void *b)
{
	double first = ((const struct trial_row *)a)->duration_s, second = ((const struct trial_row *)b)->duration_s;
	int rc = compare_numbers(isnan(second) ? -1 : second, isnan(first) ? -1 : first);
	return rc ? rc : by_number(a, b);
}

void trial_list_sort(struct trial_list *list, enum trial_order order, bool maximize)
{
	int (*compare)(const void *, const void *) = order == ORDER_NUMBER     ? by_number
	                                             : order == ORDER_DURATION ? by_duration
	                                             : maximize                ? by_largest
	                                                                       : by_smallest;
	qsort(list->rows, list->count, sizeof *list->rows, compare);
}

static enum style state_style(const char *state)
{
	static const struct {
		const char *state;
		enum style style;
	} styles[] = {{"COMPLETE", STYLE_GOOD}, {"FAIL", STYLE_BAD}, {"PRUNED", STYLE_DIM}, {"RUNNING", STYLE_NOTE}};
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return STYLE_PLAIN;
}

enum {
	CELL_NUMBER,
	CELL_STATE,
	CELL_VALUE,
	CELL_STEP,
	CELL_LAST,
	CELL_TIME,
	CELL_WORKER,
	CELL_PARAMS,
	CELL_REASON,
	CELL_COUNT
};

static const struct column columns[CELL_COUNT] = {
        [CELL_NUMBER] = {"trial", .right = true},
        [CELL_STATE] = {"state", .style = state_style},
        [CELL_VALUE] = {"value", .right = true},
        [CELL_STEP] = {"step", .right = true},
        [CELL_LAST] = {"last", .right = true},
        [CELL_TIME] = {"time", .right = true},
        [CELL_WORKER] = {"worker", .flexible = true},
        [CELL_PARAMS] = {"parameters", .flexible = true},
        [CELL_REASON] = {"reason", .flexible = true},
};

static void add_row(struct table *table, const struct trial_row *row)
{
	struct text cells[CELL_COUNT] = {0};
	const char *strings[CELL_COUNT];
	format_value(row->number, &cells[CELL_NUMBER]);
	text_append(&cells[CELL_STATE], row->state);
	format_value(row->value, &cells[CELL_VALUE]);
	format_value(row->last_step < 0 ? (double)NAN : row->last_step, &cells[CELL_STEP]);
	format_value(row->last_value, &cells[CELL_LAST]);
	format_duration(row->duration_s, &cells[CELL_TIME]);
	text_append(&cells[CELL_WORKER], row->worker);
	format_params(cJSON_GetObjectItemCaseSensitive(row->json, "params"), &cells[CELL_PARAMS]);
	text_append(&cells[CELL_REASON], row->violation > 0 && !*row->reason ? "breaks a constraint" : row->reason);
	for (size_t i = 0; i < CELL_COUNT; i++) {
		strings[i] = text_string(&cells[i]);
		table->failed = table->failed || cells[i].failed;
	}
	table_add(table, strings);
	for (size_t i = 0; i < CELL_COUNT; i++)
		text_finish(&cells[i]);
}

int trial_list_print(const struct trial_list *list, const struct output *output, size_t limit, bool ranked)
{
	struct table table;
	table_init(&table, columns, CELL_COUNT);
	for (size_t i = 0; i < list->count && table.row_count < limit && !table.failed; i++)
		if (!ranked || ranks(&list->rows[i]))
			add_row(&table, &list->rows[i]);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}

bool study_maximizes(const cJSON *study)
{
	const cJSON *directions = cJSON_GetObjectItemCaseSensitive(study, "directions");
	const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(directions, 0));
	return first && strcmp(first, "maximize") == 0;
}
