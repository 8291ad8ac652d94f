/* What a program said where nobody listened to it, or what nobody asked for: the help that a run
 * gets which reported nothing. */
#ifndef WORKER_AGENT_OVERHEARD_H
#define WORKER_AGENT_OVERHEARD_H

#include "worker/agent/line_reader.h"
#include "worker/agent/spoken_line.h"

#define OVERHEARD_TEXT_BYTES 256

struct overheard {
	struct report_listener listener; /* takes lines for names with values */
	struct program_report names;
	size_t line_count; /* looked at; there is a limit */
};

/* Listens for the run's metrics (borrowed) in plain text. */
void overheard_init(struct overheard *overheard, const struct assigned_run *run);
void overheard_finish(struct overheard *overheard);

/* Takes a line. */
void overheard_line(struct overheard *overheard, const char *line);

/* True when a wanted metric was among it; `name` is one. */
bool overheard_wanted(const char **name, const struct overheard *overheard);

/* The first names of a report: "val_acc, loss"; "" without any. */
void overheard_names(char out[OVERHEARD_TEXT_BYTES], const struct program_report *report);

#endif
