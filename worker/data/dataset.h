/* A data set: sentences with two marked entities and, mostly, the relation between them. Read from KLUE-RE's JSON, the
 * competition's CSV or SemEval-2010 Task 8's text; the format is detected, every row is checked. */
#ifndef WORKER_DATA_DATASET_H
#define WORKER_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "worker/data/label_set.h"

struct dataset_format;

struct entity {
	size_t start, end;             /* code points, end inclusive: as the files count */
	size_t begin_bytes, end_bytes; /* the same span in bytes, end exclusive */
	const char *type;              /* "PER", …; "" where the task has no types */
};

struct example {
	const char *id;
	const char *sentence; /* valid UTF-8 */
	size_t length_bytes;
	size_t line; /* 1-based line of the file where the row starts */
	struct entity subject, object;
	int label; /* id in the label set, or LABEL_NONE */
};

struct dataset {
	const struct dataset_format *format; /* static */
	const struct label_set *labels;      /* static */
	struct example *examples;            /* (count), owned; their texts live in the arena */
	size_t count;
	struct arena arena;
	size_t bad_count;       /* rows that were left out */
	struct text complaints; /* "FILE:LINE: sentence\n" for the first DATASET_COMPLAINTS of them */
};

#define DATASET_NULL ((struct dataset){0})
#define DATASET_COMPLAINTS 20

struct dataset_source {
	const char *name;  /* for complaints */
	const char *bytes; /* (length), borrowed during the call */
	size_t length;
};

struct dataset_rules {
	bool skip_bad;     /* leave bad rows out and count them; otherwise one bad row refuses the file */
	bool for_training; /* rows need a label and may not repeat; rows to be predicted may lack one and are all kept */
};

/* Reads a whole file held in memory. `out` is filled when 0 is returned, and its bad_count and complaints also when
 * -EINVAL is; so finish it in every case. -EINVAL: no known format, or bad rows and they are refused (the sentence
 * names the first). -ENOMEM. Time grows as n log n; any bytes are survived. */
int dataset_read_bytes(struct dataset *out, const struct dataset_source *source, const struct dataset_rules *rules,
        struct error *error);

/* The same from a file; also -errno when it cannot be read. */
int dataset_read_file(struct dataset *out, const char *path, const struct dataset_rules *rules, struct error *error);

/* Frees everything; a zeroed data set is fine. */
void dataset_finish(struct dataset *dataset);

#endif
