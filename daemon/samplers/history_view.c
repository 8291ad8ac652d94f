#include "daemon/samplers/history_view.h"

#include <assert.h>

#include "schema/space/point.h"

const double *history_point(const struct history *history, size_t row)
{
	assert(row < history->count);
	return history->points + row * history->space->count;
}

bool history_is_told(const struct history *history, size_t row)
{
	return history->states[row] == TRIAL_COMPLETE || history->states[row] == TRIAL_PRUNED;
}

size_t history_told_count(const struct history *history)
{
	return history->state_counts[TRIAL_COMPLETE] + history->state_counts[TRIAL_PRUNED];
}

bool history_has_point(const struct history *history, const double *point)
{
	for (size_t row = 0; row < history->count; row++)
		if (point_equal(history->space, history_point(history, row), point))
			return true;
	return false;
}
