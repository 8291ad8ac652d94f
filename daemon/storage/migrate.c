#include "daemon/storage/migrate.h"

#include <string.h>

#include "schema/database/migrations.h"

static const char has_schema[] = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
static const char read_version[] = "SELECT version FROM kre_schema";
static const char read_revision[] = "SELECT version_num FROM alembic_version";
static const char save_version[] = "INSERT OR REPLACE INTO kre_schema (id, version) VALUES (1, ?1)";
static const char sign_file[] =
        "UPDATE version_info SET library_version = 'kre-search " KRE_VERSION "' WHERE library_version = 'kre-search'";

static int has_table(bool *out, struct store *store, const char *name)
{
	int64_t one;
	int rc = statement_integer(&one, store, has_schema, VALUES(value_text(name)));
	*out = rc == 0;
	return rc == STORE_GONE ? 0 : rc;
}

static int check_version(struct store *store, int64_t *version)
{
	bool ours;
	int rc = has_table(&ours, store, "kre_schema");
	*version = 0;
	if (rc || !ours)
		return rc;
	rc = statement_integer(version, store, read_version, NULL);
	if (rc == STORE_GONE)
		return store_fail_with(
		        store, STORE_DAMAGED, "kre_schema has no row, so the version of the file is unknown");
	if (!rc && *version > migrations_latest())
		return store_fail_with(store, STORE_NEWER,
		        "the file was written by a newer kre-search (its tables have version %lld, this program knows "
		        "%d): "
		        "use that one, or another --home",
		        (long long)*version, migrations_latest());
	return rc;
}

static bool knows_revision(const char *revision)
{
	for (const char *const *known = optuna_revisions; *known; known++)
		if (!strcmp(*known, revision))
			return true;
	return false;
}

/* Somebody may have run `optuna storage upgrade` of a future Optuna, or brought a file of a very
 * old one. */
static int check_revision(struct store *store)
{
	bool there;
	int rc = has_table(&there, store, "alembic_version");
	if (rc || !there)
		return rc;
	sqlite3_stmt *statement = NULL;
	rc = statement_open(&statement, store, read_revision, NULL);
	while (!rc && (rc = statement_step(store, statement)) == STATEMENT_ROW) {
		const char *revision = column_text(statement, 0);
		rc = knows_revision(revision) ? 0
		                              : store_fail_with(store, STORE_NEWER,
		                                        "its Optuna tables have revision %s, this program knows %s",
		                                        revision, optuna_revisions[0]);
		if (!rc)
			break;
	}
	statement_close(statement);
	return rc;
}

static int run_script(struct store *store, const char *sql)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : store_fail(store, code);
}

static int run_missing(struct store *store, int64_t version)
{
	for (const struct migration *each = migrations; each->sql; each++) {
		int rc = each->version > version ? run_script(store, each->sql) : 0;
		if (rc)
			return rc;
	}
	int rc = version < migrations_latest()
	                 ? statement_run(store, save_version, VALUES(value_int(migrations_latest())))
	                 : 0;
	return rc ? rc : statement_run(store, sign_file, NULL);
}

int store_migrate(struct store *store)
{
	int64_t version;
	int rc = check_version(store, &version);
	if (!rc)
		rc = check_revision(store);
	if (!rc)
		rc = run_missing(store, version);
	return rc ? rc : run_script(store, views_sql);
}
