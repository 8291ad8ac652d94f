/* The rows of a JSON file: the objects of one array, or JSON lines, an object on each line. Rows
 * are cut out one by one and parsed alone, so that memory stays small and a bad row is named by its
 * line. */
#ifndef WORKER_DATA_JSON_ROWS_H
#define WORKER_DATA_JSON_ROWS_H

#include <stdbool.h>

#include "worker/data/format.h"

struct cJSON;

/* True when the bytes begin as an array or an object does. */
bool json_rows_begin(const struct dataset_source *source);

/* True when the first object has that key, and before its end; cheap. */
bool json_rows_have(const struct dataset_source *source, const char *key);

/* Calls `add` with every row that is an object, and rejects the others. 0; what `add` returned;
 * -EINVAL with a sentence for an array that ends without its bracket or before the file does;
 * -ENOMEM. */
int json_rows_each(struct reading *reading, int (*add)(struct reading *, size_t line, const struct cJSON *object));

#endif
