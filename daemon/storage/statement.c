#include "daemon/storage/statement.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct value value_int(int64_t integer)
{
	return (struct value){.kind = VALUE_INT, .integer = integer};
}

struct value value_real(double real)
{
	return (struct value){.kind = isnan(real) ? VALUE_NULL : VALUE_REAL, .real = real};
}

struct value value_text(const char *text)
{
	return (struct value){.kind = text ? VALUE_TEXT : VALUE_NULL, .text = text};
}

struct value value_us(struct walltime time)
{
	return (struct value){.kind = time.us ? VALUE_INT : VALUE_NULL, .integer = time.us};
}

/* Primary codes of SQLite and what they are here; all others are -EIO. */
static const struct {
	int sqlite, code;
} codes[] = {
        {SQLITE_BUSY, STORE_BUSY},
        {SQLITE_LOCKED, STORE_BUSY},
        {SQLITE_CORRUPT, STORE_DAMAGED},
        {SQLITE_NOTADB, STORE_DAMAGED},
        {SQLITE_NOMEM, -ENOMEM},
        {SQLITE_FULL, -ENOSPC},
        {SQLITE_READONLY, -EROFS},
        {SQLITE_CANTOPEN, -EACCES},
        {SQLITE_PERM, -EACCES},
        {SQLITE_CONSTRAINT, -EEXIST},
        {SQLITE_TOOBIG, -EFBIG},
};

static int room_code(int sqlite_code)
{
	if (sqlite_code == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].sqlite == (sqlite_code & 0xff))
			return codes[i].code;
	return -EIO;
}

static int spoil(struct store *store, int rc)
{
	if (!store->spoiled)
		store->spoiled = rc;
	return rc;
}

int store_fail(struct store *store, int sqlite_code)
{
	int code = room_code(sqlite_code);
	/* Out of memory, the connection's message may be stale or missing. */
	const char *said = code == -ENOMEM ? "out of memory" : sqlite3_errmsg(store->db);
	return spoil(store, error_set(&store->error, code, "%s: %s", store->path, said));
}

int store_fail_at(struct store *store, const char *place, int code, const char *format, ...)
{
	char sentence[ERROR_TEXT_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	return spoil(store, error_set_at(&store->error, place, code, "%s: %s", store->path, sentence));
}

int store_text(struct store *store, const struct text *text)
{
	return text->failed ? store_no_memory(store) : 0;
}

static struct statement_slot *find_slot(struct store *store, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) % STATEMENT_SLOTS, passed = 0;
	for (; store->slots[at].sql && store->slots[at].sql != sql; passed++)
		at = (at + 1) % STATEMENT_SLOTS;
	assert(passed < STATEMENT_SLOTS / 2); /* at most half of them are taken */
	return &store->slots[at];
}

static int bind(sqlite3_stmt *statement, int index, const struct value *value)
{
	switch (value->kind) {
	case VALUE_INT:
		return sqlite3_bind_int64(statement, index, value->integer);
	case VALUE_REAL:
		return sqlite3_bind_double(statement, index, value->real);
	case VALUE_TEXT:
		return sqlite3_bind_text(statement, index, value->text, -1, SQLITE_STATIC);
	case VALUE_NULL:
	case VALUE_END:
		break;
	}
	return sqlite3_bind_null(statement, index);
}

int statement_open(sqlite3_stmt **out, struct store *store, const char *sql, const struct value *values)
{
	struct statement_slot *slot = find_slot(store, sql);
	if (!slot->statement) {
		sqlite3_stmt *fresh;
		int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &fresh, NULL);
		if (code != SQLITE_OK)
			return store_fail(store, code);
		*slot = (struct statement_slot){sql, fresh};
	}
	if (sqlite3_stmt_busy(slot->statement))
		return store_fail_with(store, -EDEADLK, "a walk was started inside of the same walk");
	for (int i = 0; values && values[i].kind != VALUE_END; i++) {
		int code = bind(slot->statement, i + 1, &values[i]);
		if (code != SQLITE_OK) {
			statement_close(slot->statement);
			return store_fail(store, code);
		}
	}
	*out = slot->statement;
	return 0;
}

int statement_step(struct store *store, sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return STATEMENT_ROW;
	return code == SQLITE_DONE ? 0 : store_fail(store, code);
}

void statement_close(sqlite3_stmt *statement)
{
	if (!statement)
		return;
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

/* SQLite ends a transaction by itself after some failures (disk full, out of memory); what came
 * after would then commit statement by statement. */
static int check_transaction(struct store *store)
{
	if (store->spoiled)
		return store->spoiled;
	if (sqlite3_get_autocommit(store->db))
		return error_set(&store->error, -ECANCELED, "%s: not inside of a transaction", store->path);
	return 0;
}

int statement_run(struct store *store, const char *sql, const struct value *values)
{
	int rc = check_transaction(store);
	if (rc)
		return rc;
	sqlite3_stmt *statement = NULL;
	rc = statement_open(&statement, store, sql, values);
	if (rc)
		return rc;
	do
		rc = statement_step(store, statement);
	while (rc == STATEMENT_ROW);
	statement_close(statement);
	return rc;
}

int statement_changes(struct store *store)
{
	return sqlite3_changes(store->db);
}

int statement_integer(int64_t *out, struct store *store, const char *sql, const struct value *values)
{
	sqlite3_stmt *statement = NULL;
	int rc = statement_open(&statement, store, sql, values);
	if (rc)
		return rc;
	rc = statement_step(store, statement);
	if (rc == STATEMENT_ROW)
		*out = sqlite3_column_int64(statement, 0);
	statement_close(statement);
	if (rc == STATEMENT_ROW)
		return 0;
	return rc ? rc : error_set(&store->error, STORE_GONE, "%s: the row is not there any more", store->path);
}

int store_next_id(int64_t *out, struct store *store, const char *sql)
{
	int rc = check_transaction(store);
	return rc ? rc : statement_integer(out, store, sql, NULL);
}

int statement_counts(bool *out, struct store *store, const char *sql, const struct value *values)
{
	int64_t count = 0;
	int rc = statement_integer(&count, store, sql, values);
	if (!rc)
		*out = count > 0;
	return rc;
}

double column_real(sqlite3_stmt *statement, int column)
{
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return (double)NAN;
	return sqlite3_column_double(statement, column);
}

const char *column_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	return text ? (const char *)text : "";
}

struct walltime column_us(sqlite3_stmt *statement, int column)
{
	return (struct walltime){sqlite3_column_int64(statement, column)};
}

int statement_row_check(struct store *store)
{
	return sqlite3_errcode(store->db) == SQLITE_NOMEM ? store_fail(store, SQLITE_NOMEM) : 0;
}
