#include "daemon/samplers/history.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/history_view.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

int history_create(
        struct history **out, const struct space *space, const struct objective *objectives, size_t objective_count)
{
	struct history *history = memory_alloc(1, sizeof *history);
	if (!history)
		return -ENOMEM;
	history->space = space;
	history->objectives = objectives;
	history->objective_count = objective_count;
	*out = history;
	return 0;
}

void history_destroy(struct history *history)
{
	if (!history)
		return;
	loan_finish(&history->loan);
	memory_free(history->numbers);
	memory_free(history->states);
	memory_free(history->points);
	memory_free(history->losses);
	memory_free(history->violations);
	memory_free(history->last_steps);
	memory_free(history->last_losses);
	memory_free(history->estimates);
	memory_free(history->variances);
	memory_free(history);
}

/* An array and its bytes per row: opening and closing gaps treats all arrays alike. */
struct history_column {
	void *data;
	size_t row_bytes;
};
#define COLUMN_COUNT 9

static void list_columns(struct history *history, struct history_column columns[COLUMN_COUNT])
{
	size_t point_bytes = history->space->count * sizeof(double);
	size_t loss_bytes = history->objective_count * sizeof(double);
	columns[0] = (struct history_column){history->numbers, sizeof *history->numbers};
	columns[1] = (struct history_column){history->states, sizeof *history->states};
	columns[2] = (struct history_column){history->points, point_bytes};
	columns[3] = (struct history_column){history->losses, loss_bytes};
	columns[4] = (struct history_column){history->violations, sizeof *history->violations};
	columns[5] = (struct history_column){history->last_steps, sizeof *history->last_steps};
	columns[6] = (struct history_column){history->last_losses, sizeof *history->last_losses};
	columns[7] = (struct history_column){history->estimates, sizeof *history->estimates};
	columns[8] = (struct history_column){history->variances, sizeof *history->variances};
}

static int reserve_rows(struct history *history, size_t count)
{
	if (count <= history->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(history->capacity, count);
	array_resize(history->numbers, &growth, 1);
	array_resize(history->states, &growth, 1);
	array_resize(history->points, &growth, history->space->count);
	array_resize(history->losses, &growth, history->objective_count);
	array_resize(history->violations, &growth, 1);
	array_resize(history->last_steps, &growth, 1);
	array_resize(history->last_losses, &growth, 1);
	array_resize(history->estimates, &growth, 1);
	array_resize(history->variances, &growth, 1);
	return array_growth_end(&history->capacity, &growth);
}

/* Moves rows [from, count) to `to` and following. */
static void move_rows(struct history *history, size_t to, size_t from)
{
	struct history_column columns[COLUMN_COUNT];
	list_columns(history, columns);
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		char *data = columns[i].data;
		size_t bytes = columns[i].row_bytes;
		memmove(data + to * bytes, data + from * bytes, (history->count - from) * bytes);
	}
	history->layout++;
}

/* First row whose number is not below `number`. */
static size_t lower_row(const struct history *history, int64_t number)
{
	size_t low = 0, high = history->count;
	if (high > 0 && history->numbers[high - 1] < number)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (history->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool find_row(size_t *row, const struct history *history, int64_t number)
{
	*row = lower_row(history, number);
	return *row < history->count && history->numbers[*row] == number;
}

static void clear_row(struct history *history, size_t row)
{
	for (size_t i = 0; i < history->objective_count; i++)
		history->losses[row * history->objective_count + i] = NAN;
	history->states[row] = TRIAL_RUNNING;
	history->violations[row] = 0;
	history->last_steps[row] = -1;
	history->last_losses[row] = NAN;
	history->estimates[row] = NAN;
	history->variances[row] = 0;
	history->state_counts[TRIAL_RUNNING]++;
}

/* Notes the change and returns true when it has to wait for the end of a loan. */
static bool defer(struct history *history, const struct change *change)
{
	if (history->loan.open)
		loan_note(&history->loan, change);
	return history->loan.open;
}

int history_start(struct history *history, int64_t number, const double *point)
{
	size_t row, width = history->space->count;
	if (defer(history,
	            &(struct change){.kind = CHANGE_START, .number = number, .numbers = point, .number_count = width}))
		return 0;
	if (find_row(&row, history, number)) {
		history->state_counts[history->states[row]]--;
		history->layout++;
	} else {
		if (reserve_rows(history, history->count + 1) != 0)
			return -ENOMEM;
		if (row < history->count)
			move_rows(history, row + 1, row);
		history->count++;
		history->numbers[row] = number;
	}
	if (width > 0)
		memcpy(history->points + row * width, point, width * sizeof *point);
	clear_row(history, row);
	return 0;
}

static double turn_to_loss(const struct history *history, size_t objective, double value)
{
	return history->objectives[objective].direction == MAXIMIZE ? -value : value;
}

void history_report(struct history *history, int64_t number, int64_t step, double value)
{
	size_t row;
	if (defer(history, &(struct change){.kind = CHANGE_REPORT, .number = number, .step = step, .value = value}))
		return;
	if (!find_row(&row, history, number) || step < history->last_steps[row])
		return;
	history->last_steps[row] = step;
	history->last_losses[row] = history->objective_count ? turn_to_loss(history, 0, value) : value;
}

void history_finish(
        struct history *history, int64_t number, enum trial_state state, const double *values, double violation)
{
	size_t row;
	struct change change = {
	        .kind = CHANGE_FINISH,
	        .state = state,
	        .number = number,
	        .violation = violation,
	        .numbers = values,
	        .number_count = values ? history->objective_count : 0,
	};
	if (defer(history, &change) || !find_row(&row, history, number))
		return;
	assert(state < TRIAL_STATE_COUNT && history->state_counts[history->states[row]] > 0);
	history->state_counts[history->states[row]]--;
	history->state_counts[state]++;
	history->states[row] = (uint8_t)state;
	history->violations[row] = violation;
	for (size_t i = 0; values && i < history->objective_count; i++)
		history->losses[row * history->objective_count + i] = turn_to_loss(history, i, values[i]);
}

void history_estimate(struct history *history, int64_t number, double mean, double variance)
{
	size_t row;
	const double numbers[] = {mean, variance};
	struct change change = {.kind = CHANGE_ESTIMATE, .number = number, .numbers = numbers, .number_count = 2};
	if (defer(history, &change) || !find_row(&row, history, number))
		return;
	history->estimates[row] = history->objective_count ? turn_to_loss(history, 0, mean) : mean;
	history->variances[row] = variance;
}

void history_remove(struct history *history, int64_t number)
{
	size_t row;
	if (defer(history, &(struct change){.kind = CHANGE_REMOVE, .number = number}) ||
	        !find_row(&row, history, number))
		return;
	assert(history->state_counts[history->states[row]] > 0);
	history->state_counts[history->states[row]]--;
	move_rows(history, row, row + 1);
	history->count--;
}

/* Makes a deferred change. */
static int apply_change(struct history *history, const struct change *change)
{
	switch (change->kind) {
	case CHANGE_START:
		return history_start(history, change->number, change->numbers);
	case CHANGE_REPORT:
		history_report(history, change->number, change->step, change->value);
		break;
	case CHANGE_FINISH:
		history_finish(history, change->number, change->state,
		        change->number_count > 0 ? change->numbers : NULL, change->violation);
		break;
	case CHANGE_ESTIMATE:
		history_estimate(history, change->number, change->numbers[0], change->numbers[1]);
		break;
	case CHANGE_REMOVE:
		history_remove(history, change->number);
		break;
	}
	return 0;
}

void history_lend(struct history *history)
{
	assert(!history->loan.open && history->loan.count == 0);
	history->loan.open = true;
}

int history_return(struct history *history)
{
	struct loan loan = history->loan;
	history->loan = (struct loan){0};
	int rc = loan_replay(&loan, apply_change, history);
	loan_finish(&loan);
	return rc;
}

static int copy_rows(struct history *copy, struct history *history)
{
	struct history_column to[COLUMN_COUNT], from[COLUMN_COUNT];
	if (reserve_rows(copy, history->count) != 0)
		return -ENOMEM;
	list_columns(copy, to);
	list_columns(history, from);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (history->count > 0)
			memcpy(to[i].data, from[i].data, history->count * to[i].row_bytes);
	memcpy(copy->state_counts, history->state_counts, sizeof copy->state_counts);
	copy->count = history->count;
	return loan_replay(&history->loan, apply_change, copy);
}

int history_copy(struct history **out, struct history *history)
{
	struct history *copy;
	int rc = history_create(&copy, history->space, history->objectives, history->objective_count);
	if (rc)
		return rc;
	rc = copy_rows(copy, history);
	if (rc)
		history_destroy(copy);
	else
		*out = copy;
	return rc;
}

size_t history_count(const struct history *history, enum trial_state state)
{
	return history->state_counts[state];
}
