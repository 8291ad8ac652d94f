/* A data set: sentences with two marked entities and, mostly, the relation between them. */
#ifndef WORKER_DATA_DATASET_H
#define WORKER_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/text.h"
#include "worker/data/label_names.h"
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
	size_t count, capacity;
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
	const struct label_set *labels; /* whose relations the rows have to have; NULL = of any task */
	bool skip_bad;                  /* leave bad rows out and count them; otherwise one bad row refuses the file */
	bool for_training; /* rows need a label and may not repeat; otherwise labels are not looked at and all are kept */
	const struct label_names
	        *names; /* of labels that are numbers; NULL = the exporter's where it is known, else none */
};

/* Appends a copy of the example, texts included. 0 or -ENOMEM. */
int dataset_add(struct dataset *dataset, const struct example *example);

/* Frees everything; a zeroed data set is fine. */
void dataset_finish(struct dataset *dataset);

#endif
