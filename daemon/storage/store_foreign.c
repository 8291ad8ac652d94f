#include "daemon/storage/store_foreign.h"

#include "daemon/storage/trial_rows.h"

#define IS_FOREIGN " NOT EXISTS (SELECT 1 FROM kre_runs r WHERE r.trial_id = t.trial_id)"

#define EACH_STEP(condition)                                                                                           \
	"SELECT v.trial_id, v.step, v.intermediate_value, v.intermediate_value_type"                                   \
	" FROM trials t JOIN trial_intermediate_values v ON v.trial_id = t.trial_id WHERE " condition                  \
	" ORDER BY v.trial_id, v.step"
static const char each_step_of_study[] = EACH_STEP("t.study_id = ?1 AND" IS_FOREIGN);
static const char each_step_of_trial[] = EACH_STEP("t.trial_id = ?1");

/* As the view infeasible_trials, which this connection may not use: it trusts no schema. Optuna
 * writes infinity and NaN as Python does. */
#define EACH_VIOLATION(condition)                                                                                      \
	"SELECT trial_id, violation FROM ("                                                                            \
	" SELECT t.trial_id, (SELECT total(c.value) FROM json_each("                                                   \
	"replace(replace(a.value_json, 'Infinity', '9e999'), 'NaN', '9e999')) c WHERE c.value > 0) AS violation"       \
	" FROM trials t JOIN trial_system_attributes a ON a.trial_id = t.trial_id"                                     \
	" WHERE " condition " AND a.\"key\" = 'constraints'"                                                           \
	" AND json_valid(replace(replace(a.value_json, 'Infinity', '9e999'), 'NaN', '9e999')) AND" IS_FOREIGN          \
	" UNION ALL SELECT t.trial_id, total(max(CASE WHEN a.value_json IN ('Infinity', 'NaN') THEN 9e999"             \
	" ELSE CAST(a.value_json AS REAL) END, 0))"                                                                    \
	" FROM trials t JOIN trial_system_attributes a ON a.trial_id = t.trial_id"                                     \
	" WHERE " condition " AND a.\"key\" LIKE 'constraints:%' AND" IS_FOREIGN                                       \
	" AND NOT EXISTS (SELECT 1 FROM trial_system_attributes l WHERE l.trial_id = a.trial_id"                       \
	" AND l.\"key\" = 'constraints') GROUP BY t.trial_id) WHERE violation > 0"
static const char each_violation_of_study[] = EACH_VIOLATION("t.study_id = ?1");
static const char violation_of_trial[] = EACH_VIOLATION("t.trial_id = ?1");

static int walk_steps(struct store *store, sqlite3_stmt *row,
        int (*each)(void *context, const struct foreign_step *step), void *context)
{
	int rc = 0;
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		struct foreign_step step = {
		        .trial_id = sqlite3_column_int64(row, 0),
		        .step = sqlite3_column_int64(row, 1),
		        .value = column_typed_real(row, 2),
		};
		rc = statement_row_check(store);
		if (!rc)
			rc = each(context, &step);
	}
	statement_close(row);
	return rc;
}

int store_foreign_step_each(struct store *store, int64_t study_id,
        int (*each)(void *context, const struct foreign_step *step), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_step_of_study, VALUES(value_int(study_id)));
	return rc ? rc : walk_steps(store, row, each, context);
}

int store_foreign_step_each_of_trial(struct store *store, int64_t trial_id,
        int (*each)(void *context, const struct foreign_step *step), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_step_of_trial, VALUES(value_int(trial_id)));
	return rc ? rc : walk_steps(store, row, each, context);
}

static int walk_violations(struct store *store, sqlite3_stmt *row,
        int (*each)(void *context, int64_t trial_id, double violation), void *context)
{
	int rc = 0;
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		double violation = column_real(row, 1);
		rc = statement_row_check(store);
		if (!rc)
			rc = each(context, sqlite3_column_int64(row, 0), violation);
	}
	statement_close(row);
	return rc;
}

int store_foreign_violation_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, double violation), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_violation_of_study, VALUES(value_int(study_id)));
	return rc ? rc : walk_violations(store, row, each, context);
}

int store_foreign_violation_of_trial(struct store *store, int64_t trial_id,
        int (*each)(void *context, int64_t trial_id, double violation), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, violation_of_trial, VALUES(value_int(trial_id)));
	return rc ? rc : walk_violations(store, row, each, context);
}
