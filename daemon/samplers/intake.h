/* Complete trials in number order, taken a generation at a time: what evolutionary samplers learn
 * from.
 *
 * The generations follow from the history alone, so a restarted daemon finds the same ones. When a
 * trial finishes after later ones of its generation were taken, the order has changed and
 * everything is taken anew. */
#ifndef DAEMON_SAMPLERS_INTAKE_H
#define DAEMON_SAMPLERS_INTAKE_H

#include "daemon/samplers/history_view.h"
#include "daemon/samplers/outcome.h"

struct intake {
	const struct history *history; /* borrowed */
	uint64_t layout;               /* of the history when the first trial was taken */
	size_t next_row;               /* the first row not looked at yet */
	size_t count, capacity;
	size_t *rows; /* (count) taken so far */
};

/* Starts with nothing taken of a history (borrowed, must outlive it); never fails. */
void intake_init(struct intake *intake, const struct history *history);
void intake_finish(struct intake *intake);

/* True when what was taken is still the beginning of the history; else forget all that came of it
 * and call intake_reset. */
bool intake_is_valid(const struct intake *intake);
void intake_reset(struct intake *intake);

/* Takes the next `size` complete trials into *rows (borrowed until the next call). 0; INTAKE_SHORT
 * when there are not that many yet (nothing taken); -ENOMEM. */
int intake_take(const size_t **rows, struct intake *intake, size_t size);

/* True when more than a thousand complete trials may have to be taken, or so many more looked at
 * that it takes a while. */
bool intake_is_long(const struct intake *intake);

#endif
