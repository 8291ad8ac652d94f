#include "daemon/storage/store_export.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/storage/statement.h"
#include "schema/base/file.h"
#include "schema/base/memory.h"
#include "schema/database/migrations.h"

static const char vacuum_into[] = "VACUUM INTO ?1";

static int run_copy(struct store *store, sqlite3 *copy, const char *sql)
{
	int code = sqlite3_exec(copy, sql, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	return store_fail_with(store, code == SQLITE_NOMEM ? -ENOMEM : -EIO, "export: %s", sqlite3_errmsg(copy));
}

/* A view would stop a later migration of Optuna's; a file in WAL mode can not be opened from memory
 * by browser viewers. */
static int strip_copy(struct store *store, const char *path)
{
	sqlite3 *copy = NULL;
	int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
	                   ? run_copy(store, copy, "PRAGMA journal_mode = DELETE")
	                   : store_fail_with(store, -EIO, "export: %s can not be opened", path);
	for (const char *const *name = view_names; !code && *name; name++) {
		struct text sql = TEXT_NULL;
		text_printf(&sql, "DROP VIEW IF EXISTS %s", *name);
		code = store_text(store, &sql);
		if (!code)
			code = run_copy(store, copy, text_string(&sql));
		text_finish(&sql);
	}
	sqlite3_close(copy);
	return code;
}

static int copy_database(struct store *store, const char *path)
{
	sqlite3_stmt *statement = NULL;
	int rc = statement_open(&statement, store, vacuum_into, VALUES(value_text(path)));
	if (rc)
		return rc;
	rc = statement_step(store, statement);
	statement_close(statement);
	return rc ? rc : strip_copy(store, path);
}

int store_export(struct store *store, const char *path)
{
	if (store_in_transaction(store))
		return error_set(&store->error, -EINVAL, "export: a transaction is open");
	int rc = file_create_private(path);
	if (rc)
		return error_set(&store->error, rc, "%s: %s", path, strerror(-rc));
	rc = copy_database(store, path);
	if (rc)
		unlink(path);
	return rc;
}

static int connect_database(struct store *store, const char *database)
{
	store->path = memory_strdup(database);
	if (!store->path)
		return store_no_memory(store);
	int code = sqlite3_open_v2(database, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	return code == SQLITE_OK ? 0 : store_fail(store, code);
}

int store_export_from(const char *database, const char *path, struct error *error)
{
	struct store *store = memory_alloc(1, sizeof *store);
	if (!store)
		return error_no_memory(error);
	int rc = connect_database(store, database);
	if (rc == 0)
		rc = store_export(store, path);
	if (rc != 0)
		rc = error_fold(error, rc < 0 ? rc : -EIO, &store->error, "%s", store->error.text);
	store_close(store);
	return rc;
}
