/* Inside of this room only: prepared statements, kept for the life of the store and found again by
 * the address of their SQL.
 *
 * The room's codes: 0 ok; STATEMENT_ROW a row is there; STORE_BUSY, STORE_DAMAGED, negative errno
 * as in store.h, with the sentence in store_error. A failure inside a transaction spoils it: every
 * later statement_run and the commit fail with the same code, so that half of something can never
 * be committed. */
#ifndef DAEMON_STORAGE_STATEMENT_H
#define DAEMON_STORAGE_STATEMENT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/storage/outcome.h"
#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "schema/base/duration_counts.h"
#include "schema/base/inode.h"
#include "schema/base/text.h"

#define STATEMENT_ROW SQLITE_ROW
#define STATEMENT_SLOTS 256 /* a power of two, at least twice the number of statements of this room */

struct statement_slot {
	const char *sql;
	sqlite3_stmt *statement; /* owned */
};

#define STORE_FILES_MAX 4 /* the database, its log, its index, and one that store_watch was given */

struct store_file {
	char *path; /* owned */
	struct inode inode;
};

struct store {
	sqlite3 *db;     /* owned */
	char *path;      /* owned */
	int spoiled;     /* what went wrong first in the open transaction; 0 = nothing */
	int64_t version; /* PRAGMA data_version when store_poll_changes last looked */
	struct store_file files[STORE_FILES_MAX];
	size_t file_count;
	bool lost; /* one of them was found missing */
	struct duration_counts commit_times;
	struct error error;
	struct statement_slot slots[STATEMENT_SLOTS];
};

/* What is bound to ?1, ?2 … */
enum value_kind { VALUE_END, VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT };

struct value {
	enum value_kind kind;
	int64_t integer;
	double real;
	const char *text; /* borrowed until statement_close or the end of statement_run */
};

#define VALUES(...) ((const struct value[]){__VA_ARGS__, {.kind = VALUE_END}})

/* A value of each kind; NAN, a NULL text and time 0 are NULL. */
struct value value_int(int64_t integer);
struct value value_real(double real);
struct value value_text(const char *text);
struct value value_us(struct walltime time);

/* Readers: opens a statement with its values, steps it (STATEMENT_ROW, 0 at the end, or a failure),
 * and gives it back (NULL is fine). A statement that is open already, by a walk inside of its own
 * callback, is -EDEADLK. */
int statement_open(sqlite3_stmt **out, struct store *store, const char *sql, const struct value *values);
int statement_step(struct store *store, sqlite3_stmt *statement);
void statement_close(sqlite3_stmt *statement);

/* Writers: runs a statement once; rows are ignored. -ECANCELED outside of a transaction. */
int statement_run(struct store *store, const char *sql, const struct value *values);

/* How many rows the last statement_run changed. */
int statement_changes(struct store *store);

/* The integer in the first column of the first row; STORE_GONE when there is no row. */
int statement_integer(int64_t *out, struct store *store, const char *sql, const struct value *values);

/* Whether that integer, a count, is more than 0. */
int statement_counts(bool *out, struct store *store, const char *sql, const struct value *values);

/* Columns: NULL reads as NAN, "" or time 0. Text is valid until the next step. */
double column_real(sqlite3_stmt *statement, int column);
const char *column_text(sqlite3_stmt *statement, int column);
struct walltime column_us(sqlite3_stmt *statement, int column);

/* 0, or -ENOMEM noted when SQLite had no memory to hand out one of the columns just read. */
int statement_row_check(struct store *store);

/* Notes a failure: maps SQLite's code, writes the sentence, spoils the open transaction. Returns
 * the room's code. */
int store_fail(struct store *store, int sqlite_code);

/* The same for a failure that is not SQLite's: -EINVAL … with a sentence; -ENOMEM. */
#define store_fail_with(store, ...) store_fail_at((store), ERROR_HERE, __VA_ARGS__)
#define store_no_memory(store) store_fail_with((store), -ENOMEM, "out of memory")
int store_fail_at(struct store *store, const char *place, int code, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* The text, or -ENOMEM noted in the store when it has failed to grow. */
int store_text(struct store *store, const struct text *text);

/* The next id of the counter: `sql` is one of the statements made by COUNTER_SQL. Needs a
 * transaction. */
int store_next_id(int64_t *out, struct store *store, const char *sql);

/* Optuna's ids are taken by Optuna too, hence the maximum of the table. */
#define COUNTER_SQL(name, table, column)                                                                               \
	"INSERT INTO kre_counters (name, value) SELECT '" name "', coalesce(max(" column "), 0) + 1 FROM " table       \
	" WHERE true ON CONFLICT (name) DO UPDATE SET value = max(kre_counters.value + 1, excluded.value) RETURNING "  \
	"value"

#endif
