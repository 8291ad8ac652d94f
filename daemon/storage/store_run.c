#include "daemon/storage/store_run.h"

#include "daemon/storage/statement.h"

static const char next_run[] = COUNTER_SQL("run", "kre_runs", "run_id");
static const char insert_run[] =
        "INSERT INTO kre_runs (run_id, trial_id, study_id, number, fold, attempt, lease, state, started_us, "
        "completed_us, expires_us,"
        " value, repeat, stopped, resumed) SELECT ?1, trial_id, study_id, number, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12,"
        " ?13 FROM trials WHERE trial_id = ?2";
static const char save_run[] =
        "UPDATE kre_runs SET lease = ?2, state = ?3, started_us = ?4, completed_us = ?5, expires_us = ?6, value = ?7,"
        " worker = ?8, session = ?9, ask_key = ?10, reason = ?11, began = ?12, ended = ?13, holder = ?14,"
        " software = coalesce(?15, software), handed_back = ?16 WHERE run_id = ?1";
static const char close_trial[] = "UPDATE kre_runs SET closed = ?2 WHERE run_id = ?1";
static const char each_run[] =
        "SELECT run_id, trial_id, fold, attempt, lease, state, started_us, completed_us, expires_us, value,"
        " worker, session, ask_key, reason, began, ended, closed, holder, software, repeat, stopped, resumed, "
        "handed_back"
        " FROM kre_runs WHERE study_id = ?1 ORDER BY run_id";
static const char see_worker[] =
        "INSERT INTO kre_workers (name, session, software, first_seen_us, last_seen_us, threads, memory_mb)"
        " VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)"
        " ON CONFLICT (name) DO UPDATE SET session = excluded.session, last_seen_us = excluded.last_seen_us,"
        " software = CASE excluded.software WHEN '' THEN software ELSE excluded.software END,"
        " threads = CASE excluded.threads WHEN 0 THEN threads ELSE excluded.threads END,"
        " memory_mb = CASE excluded.memory_mb WHEN 0 THEN memory_mb ELSE excluded.memory_mb END";

static struct value value_word(const char *word)
{
	return value_text(word ? word : "");
}

static int changed_or_gone(struct store *store, int rc)
{
	if (rc || statement_changes(store))
		return rc;
	return error_set(&store->error, STORE_GONE, "%s: the run is not there any more", store->path);
}

int store_run_insert(struct store *store, struct run_record *run)
{
	int64_t id;
	int rc = store_next_id(&id, store, next_run);
	if (!rc)
		rc = statement_run(store, insert_run,
		        VALUES(value_int(id), value_int(run->trial_id), value_int(run->fold), value_int(run->attempt),
		                value_int(run->lease), value_text(run_state_name(run->state)), value_us(run->started),
		                value_us(run->completed), value_us(run->expires), value_real(run->value),
		                value_int(run->repeat), value_int(run->stopped), value_int(run->resumed)));
	rc = changed_or_gone(store, rc);
	if (!rc)
		run->id = id;
	return rc;
}

int store_run_save(struct store *store, const struct run_record *run, const struct run_holder *holder)
{
	int rc = statement_run(store, save_run,
	        VALUES(value_int(run->id), value_int(run->lease), value_text(run_state_name(run->state)),
	                value_us(run->started), value_us(run->completed), value_us(run->expires),
	                value_real(run->value), value_word(holder->worker), value_word(holder->session),
	                value_word(holder->ask_key), value_word(holder->reason), value_int(run->began),
	                value_int(run->ended), value_int(run->holder), value_text(holder->software),
	                value_int(run->handed_back)));
	return changed_or_gone(store, rc);
}

int store_run_close_trial(struct store *store, const struct run_record *run)
{
	return changed_or_gone(
	        store, statement_run(store, close_trial, VALUES(value_int(run->id), value_int(run->closed))));
}

static int read_run(sqlite3_stmt *row, struct run_record *run)
{
	*run = (struct run_record){
	        .id = sqlite3_column_int64(row, 0),
	        .trial_id = sqlite3_column_int64(row, 1),
	        .fold = sqlite3_column_int64(row, 2),
	        .attempt = sqlite3_column_int64(row, 3),
	        .lease = sqlite3_column_int64(row, 4),
	        .started = column_us(row, 6),
	        .completed = column_us(row, 7),
	        .expires = column_us(row, 8),
	        .value = column_real(row, 9),
	        .began = sqlite3_column_int64(row, 14),
	        .ended = sqlite3_column_int64(row, 15),
	        .closed = sqlite3_column_int64(row, 16),
	        .holder = sqlite3_column_int64(row, 17),
	        .repeat = sqlite3_column_int64(row, 19),
	        .stopped = sqlite3_column_int64(row, 20),
	        .resumed = sqlite3_column_int64(row, 21),
	        .handed_back = sqlite3_column_int(row, 22) != 0,
	};
	return run_state_parse(&run->state, column_text(row, 5));
}

int store_run_each(struct store *store, int64_t study_id,
        int (*each)(void *context, const struct run_record *run, const struct run_holder *holder), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_run, VALUES(value_int(study_id)));
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		struct run_record run;
		rc = read_run(row, &run);
		struct run_holder holder = {column_text(row, 10), column_text(row, 11), column_text(row, 12),
		        column_text(row, 13), column_text(row, 18)};
		int memory = statement_row_check(store);
		rc = memory ? memory : rc ? rc : each(context, &run, &holder);
	}
	statement_close(row);
	return rc;
}

int store_worker_seen(struct store *store, const struct worker_sign *sign)
{
	return statement_run(store, see_worker,
	        VALUES(value_word(sign->name), value_word(sign->session), value_word(sign->software),
	                value_us(sign->now), value_int(sign->threads), value_int(sign->memory_mb)));
}
