/* How the supervisor tells the agent what a run took of the machine: by a file without a name that
 * both have open. */
#ifndef WORKER_AGENT_USAGE_NOTE_H
#define WORKER_AGENT_USAGE_NOTE_H

#include <stdbool.h>

#include "schema/study/score.h"

/* An empty one. Its descriptor, to be closed by the caller, or a negative errno. */
int usage_note_open(void);

/* Writes it down; what cannot be written is not known. */
void usage_note_write(int note, const struct run_usage *usage);

/* False when nothing was written, or `note` is negative. */
bool usage_note_read(struct run_usage *out, int note);

#endif
