#include "daemon/storage/store_checkpoint.h"

#include "daemon/storage/statement.h"

#define OF_PLACE                                                                                                       \
	"run_id IN (SELECT run_id FROM kre_runs WHERE trial_id = ?1 AND (fold = ?2 OR (?2 < 0 AND repeat = 0)))"
#define COLUMNS "run_id, name, sha256, size_bytes"

static const char forget_pending[] = "DELETE FROM kre_checkpoints WHERE run_id = ?1 AND NOT complete";
static const char add_file[] = "INSERT INTO kre_checkpoints (run_id, complete, name, sha256, size_bytes)"
                               " VALUES (?1, 0, ?2, ?3, ?4) ON CONFLICT (run_id, complete, name) DO UPDATE"
                               " SET sha256 = excluded.sha256, size_bytes = excluded.size_bytes";
/* All of the place but what the run has on its way; ?3 = 0: all. */
#define OLD OF_PLACE " AND (complete OR run_id <> ?3)"
static const char forget_old[] = "DELETE FROM kre_checkpoints WHERE " OLD;
static const char make_whole[] = "UPDATE kre_checkpoints SET complete = 1 WHERE run_id = ?1 AND NOT complete";
static const char each_old[] = "SELECT " COLUMNS " FROM kre_checkpoints WHERE " OLD;
static const char each_pending[] = "SELECT " COLUMNS " FROM kre_checkpoints WHERE run_id = ?1 AND NOT complete";
static const char each_whole[] =
        "SELECT " COLUMNS " FROM kre_checkpoints WHERE complete AND " OF_PLACE " ORDER BY name";
/* Its trial is finished, and somebody may go on with it all the same. */
#define REPEATS                                                                                                        \
	"(r.repeat > 0 AND EXISTS (SELECT 1 FROM kre_runs n WHERE n.trial_id = r.trial_id AND n.fold = r.fold"         \
	" AND n.state IN ('waiting', 'leased')))"
static const char has_content[] = "SELECT count(*) FROM kre_checkpoints c JOIN kre_runs r USING (run_id)"
                                  " JOIN studies s ON s.study_id = r.study_id"
                                  " JOIN trials t ON t.trial_id = r.trial_id AND (t.state = 'RUNNING' OR " REPEATS ")"
                                  " WHERE c.sha256 = ?1 AND s.study_name = ifnull(?2, s.study_name)";
static const char run_has_content[] = "SELECT count(*) FROM kre_checkpoints c JOIN kre_runs r USING (run_id)"
                                      " WHERE c.sha256 = ?1 AND c.run_id = ?2 AND NOT c.complete AND r.lease = ?3";

int store_checkpoint_begin(struct store *store, int64_t run_id)
{
	return statement_run(store, forget_pending, VALUES(value_int(run_id)));
}

int store_checkpoint_add(struct store *store, const struct checkpoint_file *file)
{
	return statement_run(store, add_file,
	        VALUES(value_int(file->run_id), value_text(file->name), value_text(file->sha256),
	                value_int(file->size_bytes)));
}

static int forget(struct store *store, const struct checkpoint_place *place, int64_t run_id)
{
	return statement_run(
	        store, forget_old, VALUES(value_int(place->trial_id), value_int(place->fold), value_int(run_id)));
}

int store_checkpoint_complete(struct store *store, int64_t run_id, const struct checkpoint_place *place)
{
	int rc = forget(store, place, run_id);
	return rc ? rc : statement_run(store, make_whole, VALUES(value_int(run_id)));
}

int store_checkpoint_drop(struct store *store, const struct checkpoint_place *place)
{
	return forget(store, place, 0);
}

struct checkpoint_walk {
	store_checkpoint_visit *visit;
	void *context;
};

static int each(struct store *store, const char *sql, const struct value *values, const struct checkpoint_walk *walk)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, sql, values);
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		const struct checkpoint_file file = {sqlite3_column_int64(row, 0), column_text(row, 1),
		        column_text(row, 2), sqlite3_column_int64(row, 3)};
		rc = statement_row_check(store);
		if (!rc)
			rc = walk->visit(walk->context, &file);
	}
	statement_close(row);
	return rc;
}

int store_checkpoint_each(
        struct store *store, const struct checkpoint_place *place, store_checkpoint_visit *visit, void *context)
{
	return each(store, each_whole, VALUES(value_int(place->trial_id), value_int(place->fold)),
	        &(struct checkpoint_walk){visit, context});
}

int store_checkpoint_each_pending(struct store *store, int64_t run_id, store_checkpoint_visit *visit, void *context)
{
	return each(store, each_pending, VALUES(value_int(run_id)), &(struct checkpoint_walk){visit, context});
}

int store_checkpoint_each_old(struct store *store, const struct checkpoint_place *place, int64_t run_id,
        store_checkpoint_visit *visit, void *context)
{
	return each(store, each_old, VALUES(value_int(place->trial_id), value_int(place->fold), value_int(run_id)),
	        &(struct checkpoint_walk){visit, context});
}

int store_checkpoint_has(bool *has, struct store *store, const char *sha256, const char *study)
{
	return statement_counts(has, store, has_content, VALUES(value_text(sha256), value_text(study)));
}

int store_checkpoint_run_has(bool *has, struct store *store, const char *sha256, int64_t run_id, int64_t lease)
{
	return statement_counts(
	        has, store, run_has_content, VALUES(value_text(sha256), value_int(run_id), value_int(lease)));
}
