#include "daemon/storage/store_origin.h"

#include "daemon/storage/statement.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/study/study_name.h"

#define INSERT_ORIGIN(table)                                                                                           \
	"INSERT INTO " table " (study_id, \"key\", value_json)"                                                        \
	" SELECT study_id, 'kre:origin', '\"' || origin || '\"' FROM kre_studies WHERE study_id = ?1"                  \
	" ON CONFLICT (study_id, \"key\") DO UPDATE SET value_json = excluded.value_json"

static const char *const insert_origins[] = {
        INSERT_ORIGIN("study_system_attributes"), INSERT_ORIGIN("study_user_attributes")};

#define ORIGINS_IN(table) "SELECT study_id, value_json FROM " table " WHERE \"key\" = 'kre:origin'"

#define ORIGINS ORIGINS_IN("study_system_attributes") " UNION " ORIGINS_IN("study_user_attributes")
#define HAS_NO_ROW "n.study_id NOT IN (SELECT study_id FROM kre_studies)"

static const char find_renamed[] = "SELECT k.study_id, n.study_id, k.name, n.study_name FROM kre_studies k"
                                   " JOIN (" ORIGINS ") o ON o.value_json = '\"' || k.origin || '\"'"
                                   " JOIN studies n ON n.study_id = o.study_id"
                                   " WHERE NOT " STUDY_LIVES " AND (n.study_id = k.study_id OR " HAS_NO_ROW ")"
                                   " ORDER BY k.study_id, n.study_id = k.study_id DESC, n.study_id DESC LIMIT 1";

/* ?1 the id that our rows have, ?2 the one that the study has now, ?3 its name, ?4 what it is
 * called here. */
static const char defer_keys[] = "PRAGMA defer_foreign_keys = ON";
static const char move_tokens[] = "UPDATE kre_tokens SET study = ?2"
                                  " WHERE study = (SELECT name FROM kre_studies WHERE study_id = ?1)";
static const char move_study[] = "UPDATE kre_studies SET study_id = ?2, name = ?3,"
                                 " spec_json = json_set(spec_json, '$.name', ?4) WHERE study_id = ?1";
static const char move_specs[] = "UPDATE kre_specs SET study_id = ?2 WHERE study_id = ?1";
static const char add_version[] = "INSERT INTO kre_specs (study_id, version, since_us, spec_json)"
                                  " SELECT study_id, 1 + (SELECT count(*) FROM kre_specs v WHERE v.study_id = ?1), "
                                  "unixepoch() * 1000000, spec_json"
                                  " FROM kre_studies WHERE study_id = ?1";
#define TRIAL_NOW "SELECT t.trial_id FROM trials t WHERE t.study_id = ?2 AND t.number = kre_runs.number"
static const char drop_runs[] = "DELETE FROM kre_runs WHERE study_id = ?1 AND NOT EXISTS (" TRIAL_NOW ")";
static const char move_runs[] = "UPDATE kre_runs SET study_id = ?2, trial_id = (" TRIAL_NOW ") WHERE study_id = ?1";

int store_origin_write(struct store *store, int64_t study_id)
{
	int rc = statement_run(store, insert_origins[0], VALUES(value_int(study_id)));
	return rc ? rc : statement_run(store, insert_origins[1], VALUES(value_int(study_id)));
}

struct new_name {
	const char *there; /* as the other program has it */
	const char *here;
};

static int move(struct store *store, int64_t was, int64_t now, const struct new_name *name)
{
	int rc = statement_run(store, defer_keys, NULL);
	if (!rc)
		rc = statement_run(store, move_tokens, VALUES(value_int(was), value_text(name->there)));
	if (!rc)
		rc = statement_run(store, move_study,
		        VALUES(value_int(was), value_int(now), value_text(name->there), value_text(name->here)));
	if (!rc)
		rc = statement_run(store, move_specs, VALUES(value_int(was), value_int(now)));
	if (!rc)
		rc = statement_run(store, add_version, VALUES(value_int(now)));
	if (!rc)
		rc = statement_run(store, drop_runs, VALUES(value_int(was), value_int(now)));
	if (!rc)
		rc = statement_run(store, move_runs, VALUES(value_int(was), value_int(now)));
	return rc ? rc : store_origin_write(store, now);
}

static int follow(struct store *store, sqlite3_stmt *row)
{
	char *here = memory_strdup(column_text(row, 3));
	if (!here)
		return store_no_memory(store);
	study_name_tidy(here);
	log_info("The study %s is called %s now: another program renamed it", column_text(row, 2), here);
	const struct new_name name = {column_text(row, 3), here};
	int rc = move(store, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1), &name);
	memory_free(here);
	return rc;
}

/* 0 = moved one, STORE_GONE = there is none. */
static int follow_one(struct store *store)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, find_renamed, NULL);
	if (!rc)
		rc = statement_step(store, row);
	if (rc == STATEMENT_ROW)
		rc = follow(store, row);
	else if (!rc)
		rc = STORE_GONE;
	statement_close(row);
	return rc;
}

int store_origin_follow(struct store *store)
{
	int rc = 0;
	while (!rc)
		rc = follow_one(store);
	return rc == STORE_GONE ? 0 : rc;
}
