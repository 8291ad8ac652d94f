/* Trials of other programs whose values are not those of the study's space, and what people are
 * told of them. */
#ifndef DAEMON_STUDIES_MISFITS_H
#define DAEMON_STUDIES_MISFITS_H

#include <stdint.h>

struct misfits {
	int64_t outside; /* trials with a value beyond a range: it counts as it is */
	int64_t unfit;   /* trials with a value that the space has nothing for: it is left out */
};

/* Calls `say` with a sentence about each kind of which there are more than were known. 0, or the
 * first negative return of `say`. */
int misfits_say(const struct misfits *now, const struct misfits *known, int (*say)(void *context, const char *sentence),
        void *context);

/* The same into the log, under the study's name. */
void misfits_log(const char *study, const struct misfits *now, const struct misfits *known);

#endif
