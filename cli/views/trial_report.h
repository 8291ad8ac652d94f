/* One trial in full: parameters, runs, learning curves, classes, confusions. */
#ifndef CLI_VIEWS_TRIAL_REPORT_H
#define CLI_VIEWS_TRIAL_REPORT_H

#include "cli/session/session.h"
#include "schema/api/best.h"
#include "schema/api/trial.h"

/* Prints state, value, parameters, and every run with a sparkline of what it reported. */
void trial_report_print(const struct trial_detail *trial, const struct output *output);

/* Prints the per-class table (classes that have rows) and the largest confusions, counted over all
 * folds that have them; nothing when none has. */
void trial_report_print_classes(const struct trial_detail *trial, const struct output *output);

/* Prints the trial as JSON on one line, with the `files` that its runs left here. Returns an exit
 * code. */
int trial_report_print_json(struct session *session, const char *study, const struct trial_detail *trial);

/* The same with what speaks for the trial, an object `best`: the answer of study.best. */
int trial_report_print_best(struct session *session, const char *study, const struct trial_detail *trial,
        const struct study_best_answer *best);

/* Appends the trial as JSON, with `value`, the first of its `values`, if there is one. */
void trial_report_json(const struct trial_detail *trial, struct text *out);

#endif
