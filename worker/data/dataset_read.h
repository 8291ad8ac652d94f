/* Reading a data set from KLUE-RE's JSON, the competition's CSV, SemEval-2010 Task 8's text, or
 * JSON lines of the first or the last; the format is detected, every row is checked. A byte order
 * mark is passed over. */
#ifndef WORKER_DATA_DATASET_READ_H
#define WORKER_DATA_DATASET_READ_H

#include "schema/base/error.h"
#include "worker/data/dataset.h"

/* Reads a whole file held in memory. `out` is filled when 0 is returned, and its bad_count and
 * complaints also when -EINVAL is; so finish it in every case. -EINVAL: no known format, a
 * file that was cut off, labels that are numbers of unknown meaning, or bad rows and they are
 * refused (the sentence names the first). -ENOMEM. Time grows as n log n; any
 * bytes are survived. */
int dataset_read_bytes(struct dataset *out, const struct dataset_source *source, const struct dataset_rules *rules,
        struct error *error);

/* The same from a file; also -errno when it cannot be read. */
int dataset_read_file(struct dataset *out, const char *path, const struct dataset_rules *rules, struct error *error);

#endif
