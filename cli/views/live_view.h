/* What the live view shows: lines made of a study and its running trials, and the same as one plain
 * line. */
#ifndef CLI_VIEWS_LIVE_VIEW_H
#define CLI_VIEWS_LIVE_VIEW_H

#include "cli/terminal/output.h"
#include "schema/api/event.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"

struct live_view {
	const struct output *output;
	size_t drawn_lines; /* on the terminal now, to be drawn over */
};

/* Draws over the last picture: progress bar with ETA and best so far, then one line per running
 * trial with its last value. A study without a name is not known yet. */
void live_view_draw(struct live_view *view, const struct study_summary *study, const struct trial_list_answer *running);

/* Takes the picture away, so that ordinary lines can follow. */
void live_view_clear(struct live_view *view);

/* Prints a plain line for an event worth one: a finished or lost trial, a warning, a new state. */
void live_view_event(struct live_view *view, const struct study_event *event);

#endif
