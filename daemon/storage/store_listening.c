#include "daemon/storage/store_listening.h"

#include "daemon/storage/statement.h"

static const char find_listening[] = "SELECT address, port, advertise FROM kre_listening";
static const char save_listening[] =
        "INSERT OR REPLACE INTO kre_listening (id, address, port, advertise) VALUES (1, ?1, ?2, ?3)";
static const char drop_listening[] = "DELETE FROM kre_listening";

int store_listening_find(struct listening_record *out, struct store *store, struct arena *arena)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, find_listening, NULL);
	if (!rc)
		rc = statement_step(store, row);
	if (rc == STATEMENT_ROW) {
		const struct listening_record found = {arena_strdup(arena, column_text(row, 0)),
		        sqlite3_column_int64(row, 1), arena_strdup(arena, column_text(row, 2))};
		rc = statement_row_check(store);
		if (!rc && (!found.address || !found.advertise))
			rc = store_no_memory(store);
		if (!rc)
			*out = found;
	} else if (!rc) {
		rc = STORE_GONE;
	}
	statement_close(row);
	return rc;
}

int store_listening_save(struct store *store, const struct listening_record *listening)
{
	if (!listening)
		return statement_run(store, drop_listening, NULL);
	return statement_run(store, save_listening,
	        VALUES(value_text(listening->address), value_int(listening->port), value_text(listening->advertise)));
}
