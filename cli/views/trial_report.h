/* One trial in full, for people: its head, its runs with their curves, classes and confusions. */
#ifndef CLI_VIEWS_TRIAL_REPORT_H
#define CLI_VIEWS_TRIAL_REPORT_H

#include "cli/session/session.h"

/* Fetches trial.get of a trial into *out (the caller's), with `value`, the first of its `values`, if there is one. Returns an exit code; failures are said. */
int trial_report_fetch(cJSON **out, struct session *session, const char *study, double number);

/* Prints state, value, parameters, and every run with a sparkline of what it reported. */
void trial_report_print(const cJSON *trial, const struct output *output);

/* Prints the per-class table (classes that have rows) and the largest confusions of the first run that has them; nothing when none has. */
void trial_report_print_classes(const cJSON *trial, const struct output *output);

#endif
