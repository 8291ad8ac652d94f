/* One row on its way into a data set: taken, or refused with its place. */
#ifndef WORKER_DATA_ROW_H
#define WORKER_DATA_ROW_H

#include "worker/data/format.h"

/* Checks the row and keeps a copy, or counts it as bad. 0 or -ENOMEM. */
int row_add(struct reading *reading, const struct row *row);

/* Counts the row at `line` as bad, for the reason given (printf format). */
void row_reject(struct reading *reading, size_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
