#include "daemon/storage/store_artifact.h"

#include "daemon/storage/statement.h"

static const char find_run[] = "SELECT r.study_id, t.number, r.holder, r.state FROM kre_runs r"
                               " JOIN trials t ON t.trial_id = r.trial_id WHERE r.run_id = ?1 AND r.lease = ?2";
static const char add_artifact[] =
        "INSERT INTO kre_artifacts (run_id, name, kind, sha256, size_bytes, wanted) VALUES (?1, ?2, ?3, ?4, ?5, 1)"
        " ON CONFLICT (run_id, name) DO UPDATE SET sha256 = excluded.sha256, size_bytes = excluded.size_bytes,"
        " wanted = 1";

#define LOST_RUNS                                                                                                      \
	"run_id IN (SELECT r.run_id FROM kre_runs r JOIN trials t ON t.trial_id = r.trial_id WHERE r.study_id = ?1"    \
	" AND t.number < ?2 AND t.number NOT IN (SELECT value FROM json_each(?3)))"
#define COLUMNS "a.run_id, r.fold, r.attempt, a.name, a.kind, a.sha256, a.size_bytes, a.wanted"

static const char drop_models[] = "UPDATE kre_artifacts SET wanted = 0 WHERE wanted AND kind = 'model' AND " LOST_RUNS;
static const char each_lost[] = "SELECT " COLUMNS " FROM kre_artifacts a JOIN kre_runs r USING (run_id)"
                                " WHERE a.wanted AND a.kind = 'model' AND a." LOST_RUNS;
static const char each_of_trial[] = "SELECT " COLUMNS " FROM kre_artifacts a JOIN kre_runs r USING (run_id)"
                                    " WHERE r.trial_id = ?1 ORDER BY r.fold, r.attempt, a.name";
static const char has_content[] = "SELECT count(*) FROM kre_artifacts a JOIN kre_runs r USING (run_id)"
                                  " JOIN studies s ON s.study_id = r.study_id"
                                  " WHERE a.wanted AND a.sha256 = ?1 AND s.study_name = ifnull(?2, s.study_name)";
static const char run_has_content[] = "SELECT count(*) FROM kre_artifacts a JOIN kre_runs r USING (run_id)"
                                      " WHERE a.wanted AND a.sha256 = ?1 AND a.run_id = ?2 AND r.lease = ?3";

static int read_run(struct artifact_run *out, struct store *store, sqlite3_stmt *row)
{
	int state = words_find(&run_state_words, column_text(row, 3));
	*out = (struct artifact_run){.study_id = sqlite3_column_int64(row, 0),
	        .number = sqlite3_column_int64(row, 1),
	        .holder = sqlite3_column_int64(row, 2),
	        .state = state < 0 ? RUN_LOST : (enum run_state)state};
	return statement_row_check(store);
}

int store_artifact_run(struct artifact_run *out, struct store *store, int64_t run_id, int64_t lease)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, find_run, VALUES(value_int(run_id), value_int(lease)));
	if (!rc)
		rc = statement_step(store, row);
	rc = rc == STATEMENT_ROW ? read_run(out, store, row) : rc ? rc : STORE_GONE;
	statement_close(row);
	return rc;
}

int store_artifact_add(struct store *store, const struct artifact_record *artifact)
{
	return statement_run(store, add_artifact,
	        VALUES(value_int(artifact->run_id), value_text(artifact->name), value_text(artifact->kind),
	                value_text(artifact->sha256), value_int(artifact->size_bytes)));
}

int store_artifact_drop_models(struct store *store, const struct artifact_rule *rule)
{
	return statement_run(
	        store, drop_models, VALUES(value_int(rule->study_id), value_int(rule->before), value_text(rule->kept)));
}

static struct artifact_record read_artifact(sqlite3_stmt *row)
{
	return (struct artifact_record){
	        .run_id = sqlite3_column_int64(row, 0),
	        .fold = sqlite3_column_int64(row, 1),
	        .attempt = sqlite3_column_int64(row, 2),
	        .name = column_text(row, 3),
	        .kind = column_text(row, 4),
	        .sha256 = column_text(row, 5),
	        .size_bytes = sqlite3_column_int64(row, 6),
	        .wanted = sqlite3_column_int(row, 7) != 0,
	};
}

struct walk {
	store_artifact_visit *visit;
	void *context;
};

static int each(struct store *store, const char *sql, const struct value *values, const struct walk *walk)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, sql, values);
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		struct artifact_record artifact = read_artifact(row);
		rc = statement_row_check(store);
		if (!rc)
			rc = walk->visit(walk->context, &artifact);
	}
	statement_close(row);
	return rc;
}

int store_artifact_each_lost(
        struct store *store, const struct artifact_rule *rule, store_artifact_visit *visit, void *context)
{
	return each(store, each_lost,
	        VALUES(value_int(rule->study_id), value_int(rule->before), value_text(rule->kept)),
	        &(struct walk){visit, context});
}

int store_artifact_each_of_trial(struct store *store, int64_t trial_id, store_artifact_visit *visit, void *context)
{
	return each(store, each_of_trial, VALUES(value_int(trial_id)), &(struct walk){visit, context});
}

int store_artifact_has(bool *has, struct store *store, const char *sha256, const char *study)
{
	return statement_counts(has, store, has_content, VALUES(value_text(sha256), value_text(study)));
}

int store_artifact_run_has(bool *has, struct store *store, const char *sha256, int64_t run_id, int64_t lease)
{
	return statement_counts(
	        has, store, run_has_content, VALUES(value_text(sha256), value_int(run_id), value_int(lease)));
}
