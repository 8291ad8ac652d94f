/* The sampler's choice for one trial. One that takes long becomes a job: the study lends its
 * history and its sampler, goes on without them, and whoever asks for a trial meanwhile is told to
 * ask again (STUDIES_LATER). A study has one at a time.
 *
 *   none ──slow──▶ under way ──job comes back──▶ made ──the ask that fits──▶ taken
 *     ▲                 └─ study is gone ─▶ freed   └─ nobody took it in the turn after ─▶ dropped
 *     └──quick: chosen on the spot
 *
 * What is made fits the ask it was begun for: the same trial number with the same values fixed. A
 * number that somebody else took meanwhile (a queued point, another program) makes it worthless,
 * and the next ask begins another. */
#ifndef DAEMON_STUDIES_SUGGESTION_H
#define DAEMON_STUDIES_SUGGESTION_H

#include <stdint.h>

struct study;

/* Chooses the point of trial `number` as sampler_suggest does. 0, SAMPLER_EXHAUSTED, STUDIES_LATER
 * (nothing chosen: a job is under way, ask again when one was taken back), or an error. */
int suggestion_make(struct study *study, int64_t number, double *point);

/* Drops one that is made and was not taken. */
void suggestion_drop(struct study *study);

/* The study goes: drops what it has; a job under way keeps what it was lent until it is taken
 * back. */
void suggestion_leave(struct study *study);

/* What the sampler says of itself (sampler_reason), as of the beginning of the job while one is
 * under way. */
const char *suggestion_note(const struct study *study);

#endif
