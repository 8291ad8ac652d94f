#include "daemon/samplers/intake.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void intake_init(struct intake *intake, const struct history *history)
{
	*intake = (struct intake){.history = history};
}

void intake_finish(struct intake *intake)
{
	memory_free(intake->rows);
	*intake = (struct intake){NULL};
}

static bool is_complete(const struct history *history, size_t row)
{
	return history->states[row] == TRIAL_COMPLETE;
}

bool intake_is_valid(const struct intake *intake)
{
	if (intake->count == 0)
		return true;
	if (intake->layout != intake->history->layout)
		return false;
	size_t found = 0;
	for (size_t row = 0; row < intake->next_row; row++) {
		if (!is_complete(intake->history, row))
			continue;
		if (found == intake->count || intake->rows[found] != row)
			return false;
		found++;
	}
	return found == intake->count;
}

void intake_reset(struct intake *intake)
{
	intake->count = 0;
	intake->next_row = 0;
}

int intake_take(const size_t **rows, struct intake *intake, size_t size)
{
	const struct history *history = intake->history;
	size_t row = intake->next_row, found = 0;
	assert(size > 0);
	if (history->state_counts[TRIAL_COMPLETE] < intake->count + size)
		return INTAKE_SHORT;
	if (array_reserve(intake->rows, &intake->capacity, intake->count + size) < 0)
		return -ENOMEM;
	for (; row < history->count && found < size; row++)
		if (is_complete(history, row))
			intake->rows[intake->count + found++] = row;
	if (found < size)
		return INTAKE_SHORT; /* the others finished in rows before next_row: intake_is_valid will say so */
	if (intake->count == 0)
		intake->layout = history->layout;
	*rows = intake->rows + intake->count;
	intake->count += size;
	intake->next_row = row;
	return 0;
}

#define COMPLETE_AT_MOST 1000
#define ROWS_AT_MOST 100000

bool intake_is_long(const struct intake *intake)
{
	size_t complete = intake->history->state_counts[TRIAL_COMPLETE];
	if (complete > COMPLETE_AT_MOST && !intake_is_valid(intake))
		return true;
	return intake->history->count > ROWS_AT_MOST || complete > intake->count + COMPLETE_AT_MOST;
}
