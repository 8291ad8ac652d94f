/* Records of comma-separated values as RFC 4180 has them: quoted fields may hold commas, quotes and
 * line ends. */
#ifndef WORKER_DATA_CSV_H
#define WORKER_DATA_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/text.h"

#define CSV_FIELDS 32

struct csv {
	const char *at, *end; /* borrowed input */
	size_t line;          /* of `at`, 1-based */
	size_t record_line;   /* where the newest record began */
	struct text unquoted; /* the newest record's fields, each ended by a NUL */
	size_t starts[CSV_FIELDS];
	size_t field_count; /* may pass CSV_FIELDS; the fields beyond are not kept */
	bool is_open;       /* the input ended inside quotes */
	bool has_nul;       /* the record held a NUL byte, so its fields look cut */
};

/* Starts at the first byte of `bytes` (borrowed until csv_finish). */
void csv_init(struct csv *csv, const char *bytes, size_t length);
void csv_finish(struct csv *csv);

enum { CSV_RECORD = 600 };

/* Reads the next record. CSV_RECORD: it is there; 0: no more; -EINVAL: quotes out of place, and the
 * rest of the line is skipped (call again to go on); -ENOMEM. */
int csv_next(struct csv *csv);

/* The field number `index` of the newest record, "" when it has fewer; valid until the next
 * csv_next. */
const char *csv_field(const struct csv *csv, size_t index);

#endif
