/* Names with values in a line of text: f1=0.61, loss: 1e-05, 'eval_f1': 0.61, eval/micro f1 =
 * 93.5%, Epoch 3/10. */
#ifndef WORKER_AGENT_SPOKEN_PAIRS_H
#define WORKER_AGENT_SPOKEN_PAIRS_H

#include "worker/agent/program_report.h"
#include "worker/agent/report_listener.h"

/* Adds what the line says. A name is a word (letters, digits, _ . / @ -), quoted or not, or exactly
 * one of the wanted metrics, which may have blanks; '=' or ':' follows. A name that nobody asked
 * for needs a blank behind its ':' (12:30, host:8080). The value is a whole number as number_parse
 * takes it; a percent sign behind it changes nothing, and what only begins like a number (0,613,
 * 1.2.3, 12s) is none. `step`, else `epoch` with a number (also "Epoch 3/10") is the step. 0 or
 * -ENOMEM. */
int spoken_pairs_read(struct program_report *out, const struct report_listener *listener, const char *line);

/* The number around the `length` bytes at `start` of the line: with [0-9.]+ people catch the 7.5 of
 * 7.5e-05. False when there is none that holds all of them, or it goes on as no number does. */
bool spoken_number_around(double *value, const char *line, const char *start, size_t length);

#endif
