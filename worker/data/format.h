/* The contract of a file format. A format hands its rows over one by one (row.h), to be checked and
 * copied. */
#ifndef WORKER_DATA_FORMAT_H
#define WORKER_DATA_FORMAT_H

#include "schema/base/error.h"
#include "worker/data/dataset.h"

/* A row as a format finds it; all texts are borrowed during row_add. */
struct row_entity {
	const char *word; /* what the file says the span covers */
	const char *type; /* "" where the task has no types */
	double start, end;
};

struct row {
	size_t line; /* 1-based */
	const char *id, *sentence;
	struct row_entity subject, object;
	const char *label; /* a name, or a number in digits; NULL: the file gives none */
	bool is_exported;  /* by the datasets library, which numbers the labels in an order of its own */
};

/* A reading under way. */
struct reading {
	struct dataset *dataset; /* being filled */
	const struct dataset_source *source;
	const struct dataset_rules *rules;
	struct error *error;
	size_t last_bad_line; /* 0 = no row was bad, or the file has an end of its own, which is there */
};

struct dataset_format {
	const char *name; /* "klue-json", … */
	const struct label_set *(*labels)(void);
	/* True when the bytes look like this format; cheap. */
	bool (*recognises)(const struct dataset_source *source);
	/* Calls row_add or row_reject for every row. 0; -EINVAL with a sentence when the file
	 * cannot be read on; -ENOMEM. */
	int (*read)(struct reading *reading);
};

extern const struct dataset_format format_klue_json;
extern const struct dataset_format format_klue_csv;
extern const struct dataset_format format_semeval;
extern const struct dataset_format format_semeval_json;

#endif
