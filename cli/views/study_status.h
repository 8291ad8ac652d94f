/* How far a study is, in lines: for `status` and the live view. */
#ifndef CLI_VIEWS_STUDY_STATUS_H
#define CLI_VIEWS_STUDY_STATUS_H

#include "cli/session/session.h"
#include "schema/api/study.h"

/* Appends one line without newline: "klue running ████▌ 12/40 trials best 0.71 (trial 7) ETA 3m20s
 * 2 running …". `columns` is the width of the bar, 0 = none. */
void study_status_line(const struct study_summary *study, size_t columns, struct text *out);

/* Prints the line, the best parameters, warnings and workers, or that there are none and what to
 * type. Returns an exit code. */
int study_status_print(const struct study_summary *study, const struct output *output);

#endif
