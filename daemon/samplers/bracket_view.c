#include "daemon/samplers/bracket_view.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/samplers/history.h"

int bracket_view_init(struct bracket_view *view, const struct history *whole)
{
	view->layout = whole->layout;
	return history_create(&view->history, whole->space, whole->objectives, whole->objective_count);
}

void bracket_view_finish(struct bracket_view *view)
{
	history_destroy(view->history);
	*view = (struct bracket_view){NULL};
}

static void shorten(struct history *history, size_t count)
{
	while (history->count > count)
		history_remove(history, history->numbers[history->count - 1]);
}

/* What may change in a row while its trial runs and when it ends. */
static void copy_outcome(struct history *to, size_t to_row, const struct history *from, size_t row)
{
	size_t k = from->objective_count;
	to->state_counts[to->states[to_row]]--;
	to->state_counts[from->states[row]]++;
	to->states[to_row] = from->states[row];
	to->violations[to_row] = from->violations[row];
	to->last_steps[to_row] = from->last_steps[row];
	to->last_losses[to_row] = from->last_losses[row];
	to->estimates[to_row] = from->estimates[row];
	to->variances[to_row] = from->variances[row];
	memcpy(to->losses + to_row * k, from->losses + row * k, k * sizeof *to->losses);
}

int bracket_view_follow(
        struct bracket_view *view, const struct history *whole, const struct brackets *brackets, int bracket)
{
	struct history *own = view->history;
	size_t kept = 0;
	if (view->layout != whole->layout)
		shorten(own, 0);
	view->layout = whole->layout;
	for (size_t row = 0; row < whole->count; row++) {
		int64_t number = whole->numbers[row];
		if (brackets->find(brackets->context, number) != bracket)
			continue;
		/* Another trial here: the brackets became known only now, so the rows from here on
		 * are taken anew. */
		if (kept < own->count && own->numbers[kept] != number)
			shorten(own, kept);
		if (kept == own->count && history_start(own, number, history_point(whole, row)) != 0)
			return -ENOMEM;
		copy_outcome(own, kept++, whole, row);
	}
	shorten(own, kept);
	assert(own->count == kept);
	return 0;
}
