/* One row on its way into a data set: taken, or refused with its place. */
#ifndef WORKER_DATA_ROW_H
#define WORKER_DATA_ROW_H

#include "worker/data/format.h"

struct cJSON;

#define ROW_NUMBER_BYTES 24

/* The label of a row of JSON: its text, or its number in digits (written to `digits`); NULL for
 * anything else, and for null. */
const char *row_json_label(char digits[ROW_NUMBER_BYTES], const struct cJSON *value);

/* Checks the row and keeps a copy, or counts it as bad. 0; -EINVAL with a sentence when its label
 * is a number and nobody said which relation that is; -ENOMEM. */
int row_add(struct reading *reading, const struct row *row);

/* True for an id that KLUE gave: a file with such ids whose labels are numbers comes from the
 * datasets library. */
bool row_id_is_klue(const char *id);

/* Counts the row at `line` as bad, for the reason given (printf format). */
void row_reject(struct reading *reading, size_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
