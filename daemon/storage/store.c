#include "daemon/storage/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/storage/log_writes.h"
#include "daemon/storage/migrate.h"
#include "daemon/storage/statement.h"
#include "daemon/storage/store_files.h"
#include "schema/base/file.h"
#include "schema/base/memory.h"

static const char begin[] = "BEGIN IMMEDIATE";
static const char commit[] = "COMMIT";
static const char read_epoch[] = "SELECT value FROM kre_counters WHERE name = 'epoch'";
static const char next_epoch[] = "UPDATE kre_counters SET value = value + 1 WHERE name = 'epoch'";
static const char raise_lease[] = "INSERT INTO kre_counters (name, value) VALUES ('lease', ?1)"
                                  " ON CONFLICT (name) DO UPDATE SET value = kre_counters.value + ?1";
static const char data_version[] = "PRAGMA data_version";
/* Leases are ours alone, so the counter is enough; a maximum would have to read every run. */
static const char next_lease[] = "INSERT INTO kre_counters (name, value) VALUES ('lease', 1)"
                                 " ON CONFLICT (name) DO UPDATE SET value = kre_counters.value + 1 RETURNING value";

static const char quick_check[] = "PRAGMA quick_check(1)";

static const char *const pragmas[] = {
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA trusted_schema = OFF",
};

/* SQLite would create the file readable for all. One that exists is not opened: closing a
 * descriptor of a file that SQLite has open elsewhere in this process would drop its locks. */
static int create_private(const char *path, struct error *error)
{
	int rc = file_create_private(path);
	return rc == 0 || rc == -EEXIST ? 0 : error_set(error, rc, "%s: %s", path, strerror(-rc));
}

/* Reads every page once, without looking the rows up in the indexes as integrity_check does: 60 ms
 * for 10,000 trials. */
static int run_check(struct store *store)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, quick_check, NULL);
	if (rc)
		return rc;
	rc = statement_step(store, row);
	if (rc == STATEMENT_ROW) {
		const char *verdict = column_text(row, 0);
		const char *finding = strchr(verdict, '\n'); /* under the headline "*** in database main ***" */
		rc = statement_row_check(store);
		if (!rc && strcmp(verdict, "ok") != 0)
			rc = store_fail_with(
			        store, STORE_DAMAGED, "the file is damaged: %s", finding ? finding + 1 : verdict);
	}
	statement_close(row);
	return rc;
}

/* Before anything is written (changing the journal mode writes), so that a file that is not ours or
 * is torn stays as it is. A page for which there was no memory looks damaged; real damage is still
 * there the second time. */
static int check_pages(struct store *store)
{
	int rc = run_check(store);
	return rc == STORE_DAMAGED ? run_check(store) : rc;
}

static int connect_database(struct store *store)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	int code = sqlite3_open_v2(store->path, &store->db, flags, log_writes_layer());
	if (code != SQLITE_OK)
		return store_fail(store, code);
	sqlite3_extended_result_codes(store->db, 1);
	code = check_pages(store);
	if (code)
		return code;
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++) {
		code = sqlite3_exec(store->db, pragmas[i], NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return store_fail(store, code);
	}
	return 0;
}

/* All in one transaction: a file is of one version or of another. */
static int migrate(struct store *store)
{
	int rc = store_begin(store);
	if (rc)
		return rc;
	rc = store_migrate(store);
	if (!rc)
		return store_commit(store);
	store_rollback(store);
	return rc;
}

void store_configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int store_open(struct store **out, const char *path, struct error *error)
{
	int rc = create_private(path, error);
	if (rc)
		return rc;
	struct store *store = memory_alloc(1, sizeof *store);
	if (!store)
		return error_set(error, -ENOMEM, "%s: out of memory", path);
	store->path = memory_strdup(path);
	rc = store->path ? connect_database(store) : error_set(&store->error, -ENOMEM, "%s: out of memory", path);
	if (rc)
		goto fail;
	rc = migrate(store);
	if (rc)
		goto fail;
	rc = store_files_note(store);
	if (rc) {
		error_no_memory(&store->error);
		goto fail;
	}
	rc = statement_integer(&store->version, store, data_version, NULL);
	if (rc)
		goto fail;
	*out = store;
	return 0;
fail:
	error_fold(error, rc, &store->error, "%s", store->error.text);
	store_close(store);
	return rc;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < STATEMENT_SLOTS; i++)
		sqlite3_finalize(store->slots[i].statement);
	if (!store_files_are_there(store)) /* else the log of whoever serves that name now would be removed */
		sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	int code = sqlite3_close(store->db);
	assert(code == SQLITE_OK);
	(void)code;
	store_files_finish(store);
	memory_free(store->path);
	memory_free(store);
}

bool store_in_transaction(const struct store *store)
{
	return !sqlite3_get_autocommit(store->db);
}

const struct duration_counts *store_commit_times(const struct store *store)
{
	return &store->commit_times;
}

const char *store_path(const struct store *store)
{
	return store->path;
}

const struct error *store_error(const struct store *store)
{
	return &store->error;
}

/* Steps outside of statement_run, which wants an unspoiled transaction. */
static int run_plain(struct store *store, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int rc = statement_open(&statement, store, sql, NULL);
	if (rc)
		return rc;
	rc = statement_step(store, statement);
	statement_close(statement);
	return rc;
}

int store_begin(struct store *store)
{
	assert(!store_in_transaction(store));
	store->spoiled = 0;
	int rc = run_plain(store, begin);
	store->spoiled = 0;
	return rc;
}

int store_commit(struct store *store)
{
	int rc = store->spoiled;
	if (!rc && !store_in_transaction(store))
		return error_set(&store->error, -ECANCELED, "%s: not inside of a transaction", store->path);
	const int64_t start_ns = clock_measure_ns();
	if (!rc)
		rc = run_plain(store, commit);
	if (rc)
		store_rollback(store);
	else
		duration_counts_add(&store->commit_times, clock_measure_ns() - start_ns);
	return rc ? rc : store_check_files(store);
}

/* Not a cached statement: it must work when there is no memory to prepare one, and a rollback that
 * SQLite did already is fine. */
void store_rollback(struct store *store)
{
	if (store_in_transaction(store))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->spoiled = 0;
}

int store_poll_changes(bool *changed, struct store *store)
{
	int64_t version;
	int rc = statement_integer(&version, store, data_version, NULL);
	if (rc)
		return rc;
	*changed = version != store->version;
	store->version = version;
	return 0;
}

int store_epoch(int64_t *epoch, struct store *store)
{
	return statement_integer(epoch, store, read_epoch, NULL);
}

int store_begin_life(struct store *store, int64_t lease_leap)
{
	int rc = statement_run(store, next_epoch, NULL);
	return rc ? rc : statement_run(store, raise_lease, VALUES(value_int(lease_leap)));
}

int store_next_lease(int64_t *lease, struct store *store)
{
	return store_next_id(lease, store, next_lease);
}
