#include "cli/views/trial_list.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

#define PAGE_TRIALS 1000

static int append_page(struct trial_list *list, const struct trial_list_answer *page)
{
	size_t count = list->count + page->trials.count;
	if (array_reserve(list->trials, &list->capacity, count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < page->trials.count; i++)
		list->trials[list->count + i] = page->trials.items[i];
	list->count = count;
	return 0;
}

static int fetch_pages(struct trial_list *list, struct session *session, struct trial_list_request *request)
{
	struct trial_list_answer page;
	do {
		struct link_question question = {METHOD_TRIAL_LIST, request, &page, &list->arena, 0};
		int code = session_call_into(session, &question);
		if (code != EXIT_OK)
			return code;
		if (append_page(list, &page) < 0)
			return output_no_memory(&session->output);
		request->after = page.next;
	} while (page.next >= 0);
	return EXIT_OK;
}

int trial_list_fetch(struct trial_list *out, struct session *session, const char *study, enum trial_state state)
{
	struct trial_list list = {0};
	struct trial_list_request request = {study, state, -1, PAGE_TRIALS};
	int code = fetch_pages(&list, session, &request);
	if (code == EXIT_OK)
		*out = list;
	else
		trial_list_finish(&list);
	return code;
}

void trial_list_finish(struct trial_list *list)
{
	arena_finish(&list->arena);
	memory_free(list->trials);
	*list = (struct trial_list){0};
}

double trial_value(const struct trial_summary *trial)
{
	return trial->values.count ? trial->values.items[0] : (double)NAN;
}

static int compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

static int by_number(const void *a, const void *b)
{
	int64_t first = ((const struct trial_summary *)a)->number, second = ((const struct trial_summary *)b)->number;
	return (first > second) - (first < second);
}

/* A pruned trial's value is of an early step and an infeasible one's is not to be had: neither may
 * outrank a good one. */
static bool ranks(const struct trial_summary *trial)
{
	return trial->state == TRIAL_COMPLETE && !isnan(trial_value(trial)) && !(trial->violation > 0);
}

/* Those that are complete come nearest to being ranked when they break the constraints least. */
static double distance(const struct trial_summary *trial)
{
	return ranks(trial)                                             ? -1
	       : trial->state == TRIAL_COMPLETE && trial->violation > 0 ? trial->violation
	                                                                : (double)NAN;
}

static int by_best(const struct trial_summary *a, const struct trial_summary *b, double sign)
{
	double first = distance(a), second = distance(b);
	if (isnan(first) != isnan(second))
		return isnan(first) ? 1 : -1;
	int order = compare_numbers(first, second);
	if (order == 0 && !isnan(first))
		order = compare_numbers(trial_value(a) * sign, trial_value(b) * sign);
	return order ? order : by_number(a, b);
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
	double first = ((const struct trial_summary *)a)->duration_s,
	       second = ((const struct trial_summary *)b)->duration_s;
	int order = compare_numbers(isnan(second) ? -1 : second, isnan(first) ? -1 : first);
	return order ? order : by_number(a, b);
}

void trial_list_sort(struct trial_list *list, enum trial_order order, enum direction direction)
{
	int (*compare)(const void *, const void *) = order == ORDER_NUMBER     ? by_number
	                                             : order == ORDER_DURATION ? by_duration
	                                             : direction == MAXIMIZE   ? by_largest
	                                                                       : by_smallest;
	if (list->count)
		qsort(list->trials, list->count, sizeof *list->trials, compare);
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

static void add_row(struct table *table, const struct trial_summary *trial)
{
	struct text cells[CELL_COUNT] = {0};
	const char *strings[CELL_COUNT];
	const char *reason = trial->violation > 0 && !*trial->reason ? "breaks a constraint" : trial->reason;
	format_value((double)trial->number, &cells[CELL_NUMBER]);
	text_append(&cells[CELL_STATE], trial_state_name(trial->state));
	format_value(trial_value(trial), &cells[CELL_VALUE]);
	format_value(trial->last_step < 0 ? (double)NAN : (double)trial->last_step, &cells[CELL_STEP]);
	format_value(trial->last_value, &cells[CELL_LAST]);
	format_duration(trial->duration_s, &cells[CELL_TIME]);
	text_append(&cells[CELL_WORKER], trial->worker);
	format_params(trial->params, &cells[CELL_PARAMS]);
	format_reason(reason, &cells[CELL_REASON]);
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
		if (!ranked || ranks(&list->trials[i]))
			add_row(&table, &list->trials[i]);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}
