/* Inside of this room only: what Optuna's rows of one trial say, parameter by parameter and value
 * by value. */
#ifndef DAEMON_STORAGE_TRIAL_ROWS_H
#define DAEMON_STORAGE_TRIAL_ROWS_H

#include "daemon/storage/statement.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* What the rows are read into. */
struct trial_reader {
	struct store *store;
	const struct study_spec *spec;
	struct trial_record record; /* owns point and values */
};

/* Prepares a reader for a study / frees it (zeroed is fine). 0 or -ENOMEM. */
int trial_reader_init(struct trial_reader *reader, struct store *store, const struct study_spec *spec);
void trial_reader_finish(struct trial_reader *reader);

/* Fills record.point from trial_params and fixed_params, record.values and record.enqueued, for
 * record.id. */
int trial_reader_read(struct trial_reader *reader);

/* Writes trial_params / fixed_params / trial_values from the record. Need a transaction. */
int trial_params_write(struct store *store, const struct space *space, const struct trial_record *record);
int trial_fixed_params_write(struct store *store, const struct space *space, const struct trial_record *record);
int trial_values_write(struct store *store, const struct study_spec *spec, const struct trial_record *record);

/* Optuna's word for a number: FINITE, INF_POS, INF_NEG, NAN; the number itself is stored for FINITE
 * only. */
const char *value_type_name(double value);
struct value value_finite(double value);

/* The number that a (value, type) pair of columns means. */
double column_typed_real(sqlite3_stmt *statement, int column);

#endif
