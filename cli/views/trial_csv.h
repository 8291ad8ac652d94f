/* Trials as CSV (RFC 4180): one line per trial, one column per parameter. */
#ifndef CLI_VIEWS_TRIAL_CSV_H
#define CLI_VIEWS_TRIAL_CSV_H

#include "cli/views/trial_list.h"

/* Appends a header and a line per trial: number, state, value, duration_s, last_step, last_value,
 * started, worker, reason, and params_NAME for every parameter that some trial has (nested ones
 * with dots), in the order of first use. */
void trial_csv_append(const struct trial_list *list, struct text *out);

#endif
