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

/* A page that was asked for, or will be. */
struct page {
	struct trial_list_request request;
	struct trial_list_answer answer;
	struct link_question question;
	bool out;
};

static int send_page(struct page *page, struct trial_list *list, struct session *session)
{
	page->question = (struct link_question){METHOD_TRIAL_LIST, &page->request, &page->answer, &list->arena, 0};
	int code = session_send(session, &page->question);
	page->out = code == EXIT_OK;
	return code;
}

static int take_page(struct page *page, struct trial_list *list, struct session *session)
{
	int code = session_wait(session, &page->question);
	page->out = false;
	if (code != EXIT_OK)
		return code;
	if (append_page(list, &page->answer) < 0)
		return output_no_memory(&session->output);
	list->constants = page->answer.constants;
	return EXIT_OK;
}

/* What was asked for too soon is of no use. */
static void drop_page(struct page *page, struct session *session)
{
	struct error error;
	if (page->out)
		link_sync_wait(session->link, &page->question, &error);
	page->out = false;
}

static void ask_for(struct page *page, const struct trial_list_request *like, int64_t after, int64_t limit)
{
	page->request = *like;
	page->request.after = after;
	page->request.limit = limit;
}

/* How many to ask for at once, so that they fit into an answer: then it is known where the next
 * page begins. */
static int64_t fitting(const struct page *page, int64_t limit)
{
	int64_t count = (int64_t)page->answer.trials.count;
	bool cut = page->answer.next >= 0 && count < page->request.limit;
	return cut ? count - count / 8 : limit;
}

/* By number, one page after the other, until there are `most`. Where no trials are left out the
 * next page is asked for before this one is read. */
static int fetch_pages(
        struct trial_list *list, struct session *session, const struct trial_list_request *wanted, int64_t most)
{
	const struct trial_list_request by_number = {wanted->study, wanted->state, -1, 0, ORDER_NUMBER};
	struct page pages[2] = {0};
	int64_t limit = PAGE_TRIALS, left = most, after = -1;
	int code = EXIT_OK;
	for (size_t turn = 0; code == EXIT_OK && left > 0 && (turn == 0 || after >= 0); turn++) {
		struct page *page = &pages[turn % 2], *next = &pages[(turn + 1) % 2];
		if (!page->out || page->request.after != after) {
			drop_page(page, session);
			ask_for(page, &by_number, after, left < limit ? left : limit);
			code = send_page(page, list, session);
		}
		if (code == EXIT_OK && wanted->state == TRIAL_STATE_COUNT && left > page->request.limit) {
			int64_t more = left - page->request.limit;
			ask_for(next, &by_number, after + page->request.limit, more < limit ? more : limit);
			code = send_page(next, list, session);
		}
		if (code == EXIT_OK)
			code = take_page(page, list, session);
		limit = fitting(page, limit);
		left = most - (int64_t)list->count;
		after = page->answer.next;
	}
	drop_page(&pages[0], session);
	drop_page(&pages[1], session);
	return code;
}

static int fetch_page(struct trial_list *list, struct session *session, struct trial_list_request *request)
{
	struct page page = {.request = *request};
	int code = send_page(&page, list, session);
	if (code == EXIT_OK)
		code = take_page(&page, list, session);
	request->after = page.answer.next;
	return code;
}

/* The daemon sorts as many as go into one answer. */
static int fetch_first(struct trial_list *list, struct session *session, const struct trial_list_request *wanted)
{
	struct trial_list_request request = *wanted;
	request.after = -1;
	int code = fetch_page(list, session, &request);
	list->is_cut = code == EXIT_OK && request.after >= 0 && (int64_t)list->count < wanted->limit;
	return code;
}

static int fetch_sorted(struct trial_list *list, struct session *session, const struct trial_list_request *wanted,
        enum direction direction)
{
	int code = fetch_pages(list, session, wanted, INT64_MAX);
	if (code == EXIT_OK)
		trial_list_sort(list, wanted->order, direction);
	if (code == EXIT_OK && (int64_t)list->count > wanted->limit)
		list->count = (size_t)wanted->limit;
	return code;
}

int trial_list_fetch(struct trial_list *out, struct session *session, const struct trial_list_request *wanted,
        enum direction direction)
{
	struct trial_list list = {.constants = "{}"};
	bool sorted = wanted->order != ORDER_NUMBER && wanted->limit > 0;
	int code = EXIT_OK;
	if (!sorted)
		code = fetch_pages(&list, session, wanted, wanted->limit);
	else if (wanted->limit <= PAGE_TRIALS)
		code = fetch_first(&list, session, wanted);
	if (code == EXIT_OK && sorted && (wanted->limit > PAGE_TRIALS || list.is_cut)) {
		trial_list_finish(&list);
		code = fetch_sorted(&list, session, wanted, direction);
	}
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

static struct trial_place place_of(const struct trial_summary *trial, double sign)
{
	return (struct trial_place){.number = trial->number,
	        .state = trial->state,
	        .cost = trial_value(trial) * sign,
	        .violation = trial->violation,
	        .duration_s = trial->duration_s};
}

static int compare(const void *a, const void *b, enum trial_order order, double sign)
{
	struct trial_place first = place_of(a, sign), second = place_of(b, sign);
	return trial_place_compare(&first, &second, order);
}

static int by_number(const void *a, const void *b)
{
	return compare(a, b, ORDER_NUMBER, 1);
}

static int by_smallest(const void *a, const void *b)
{
	return compare(a, b, ORDER_BEST, 1);
}

static int by_largest(const void *a, const void *b)
{
	return compare(a, b, ORDER_BEST, -1);
}

static int by_duration(const void *a, const void *b)
{
	return compare(a, b, ORDER_DURATION, 1);
}

void trial_list_sort(struct trial_list *list, enum trial_order order, enum direction direction)
{
	int (*places)(const void *, const void *) = order == ORDER_NUMBER     ? by_number
	                                            : order == ORDER_DURATION ? by_duration
	                                            : direction == MAXIMIZE   ? by_largest
	                                                                      : by_smallest;
	if (list->count)
		qsort(list->trials, list->count, sizeof *list->trials, places);
}

static bool ranks(const struct trial_summary *trial)
{
	struct trial_place place = place_of(trial, 1);
	return trial_place_ranks(&place);
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

/* `cells` is room for the row, used again by the next one. */
static void add_row(struct table *table, struct text *cells, const struct trial_summary *trial)
{
	const char *strings[CELL_COUNT];
	for (size_t i = 0; i < CELL_COUNT; i++)
		text_clear(&cells[i]);
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
}

int trial_list_print(const struct trial_list *list, const struct output *output, bool ranked)
{
	struct table table;
	struct text cells[CELL_COUNT] = {0};
	table_init(&table, columns, CELL_COUNT);
	for (size_t i = 0; i < list->count && !table.failed; i++)
		if (!ranked || ranks(&list->trials[i]))
			add_row(&table, cells, &list->trials[i]);
	for (size_t i = 0; i < CELL_COUNT; i++)
		text_finish(&cells[i]);
	int code = table_print(&table, output);
	table_finish(&table);
	return code;
}
