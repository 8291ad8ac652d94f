/* The trials of one bracket as a history of their own, as Hyperband's brackets are searched
 * separately. */
#ifndef DAEMON_SAMPLERS_BRACKET_VIEW_H
#define DAEMON_SAMPLERS_BRACKET_VIEW_H

#include "daemon/samplers/history_view.h"

/* Tells the bracket of a trial; -1 = there are none. */
struct brackets {
	int (*find)(const void *context, int64_t number);
	const void *context; /* borrowed */
};

struct bracket_view {
	struct history *history;
	uint64_t layout; /* of the whole history when this one was brought up to date last */
};

/* An empty view of `whole` (borrowed, must outlive it). 0 or -ENOMEM. */
int bracket_view_init(struct bracket_view *view, const struct history *whole);
void bracket_view_finish(struct bracket_view *view);

/* Brings the view up to date with the trials of `whole` that are in `bracket` now. 0 or -ENOMEM. */
int bracket_view_follow(
        struct bracket_view *view, const struct history *whole, const struct brackets *brackets, int bracket);

#endif
