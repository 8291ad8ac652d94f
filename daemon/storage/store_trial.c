#include "daemon/storage/store_trial.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/trial_rows.h"
#include "schema/base/memory.h"

static const char next_trial[] = COUNTER_SQL("trial", "trials", "trial_id");
static const char next_number[] = "SELECT coalesce(max(number), -1) + 1 FROM trials WHERE study_id = ?1";
static const char insert_trial[] = "INSERT INTO trials (trial_id, number, study_id, state, datetime_start)"
                                   " SELECT ?1, ?2, study_id, ?4, ?5 FROM studies WHERE study_id = ?3";
static const char start_trial[] = "UPDATE trials SET state = 'RUNNING', datetime_start = ?2"
                                  " WHERE trial_id = ?1 AND state = 'WAITING'";
static const char finish_trial[] =
        "UPDATE trials SET state = ?2, datetime_start = coalesce(datetime_start, ?3), datetime_complete = ?3"
        " WHERE trial_id = ?1 AND state IN ('WAITING', 'RUNNING')";
static const char resume_trial[] = "UPDATE trials SET state = 'RUNNING', datetime_complete = NULL"
                                   " WHERE trial_id = ?1 AND state = 'PRUNED'";
static const char forget_values[] = "DELETE FROM trial_values WHERE trial_id = ?1";
static const char forget_reason[] =
        "DELETE FROM trial_user_attributes WHERE trial_id = ?1 AND \"key\" IN ('kre:prune_reason', 'kre:sd')";
static const char read_state[] = "SELECT state FROM trials WHERE trial_id = ?1";
/* JSON texts; another program may have written something else. */
#define EACH_TEXT(keys)                                                                                                \
	"SELECT trial_id, json_extract(value_json, '$') FROM trials t JOIN trial_user_attributes a USING (trial_id)"   \
	" WHERE t.study_id = ?1 AND a.key IN (" keys ") AND json_valid(value_json)"
static const char each_reason[] = EACH_TEXT("'kre:prune_reason', 'kre:fail_reason'");
static const char each_defaults[] = EACH_TEXT("'kre:defaults'") " ORDER BY trial_id";
#define EACH_TRIAL "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE "
static const char each_trial[] =
        EACH_TRIAL "study_id = ?1 AND +trial_id > ?2 ORDER BY number"; /* + : not by that index */
static const char each_trial_after[] = EACH_TRIAL "study_id = ?1 AND trial_id > ?2 ORDER BY number";
static const char one_trial[] = EACH_TRIAL "study_id = ?1 AND trial_id = ?2";
static const char count_trials[] = "SELECT count(*) FROM trials WHERE study_id = ?1";
static const char beat_one[] = "INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (?1, ?2)"
                               " ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat";
static const char beat_running[] =
        "INSERT INTO trial_heartbeats (trial_id, heartbeat) SELECT trial_id, ?2 FROM trials WHERE trial_id = ?1"
        " AND state = 'RUNNING' ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat";

#define SAVE_ATTRIBUTE(table)                                                                                          \
	"INSERT INTO " table                                                                                           \
	" (trial_id, \"key\", value_json) SELECT trial_id, ?2, ?3 FROM trials WHERE trial_id = ?1"                     \
	" ON CONFLICT (trial_id, \"key\") DO UPDATE SET value_json = excluded.value_json"
static const char save_user_attribute[] = SAVE_ATTRIBUTE("trial_user_attributes");
static const char save_system_attribute[] = SAVE_ATTRIBUTE("trial_system_attributes");
static const char read_user_attribute[] =
        "SELECT value_json FROM trial_user_attributes WHERE trial_id = ?1 AND \"key\" = ?2";

/* Optuna's dates; heartbeats have no fraction, as CURRENT_TIMESTAMP writes them. */
struct date {
	char text[WALLTIME_TEXT_BYTES];
};

#define HEARTBEAT_LENGTH 19

static struct value value_date(struct walltime time, struct date *date)
{
	walltime_sql(time, date->text);
	return value_text(time.us ? date->text : NULL);
}

static struct value value_heartbeat(struct walltime time, struct date *date)
{
	walltime_sql(time, date->text);
	date->text[HEARTBEAT_LENGTH] = '\0';
	return value_text(date->text);
}

static int gone(struct store *store)
{
	error_set(&store->error, STORE_GONE, "%s: the trial is not there any more", store->path);
	return STORE_GONE;
}

/* Why an UPDATE found no row: the trial was deleted, or somebody finished it. */
static int gone_or_finished(struct store *store, int64_t trial_id)
{
	enum trial_state state;
	int rc = store_trial_state(&state, store, trial_id);
	if (rc)
		return rc;
	return error_set(&store->error, STORE_FINISHED, "%s: trial %lld is %s in the file already", store->path,
	        (long long)trial_id, trial_state_name(state));
}

static int start_rows(struct store *store, const struct study_spec *spec, const struct trial_record *record)
{
	struct date date;
	int rc = trial_params_write(store, spec->space, record);
	return rc ? rc
	          : statement_run(
	                    store, beat_one, VALUES(value_int(record->id), value_heartbeat(record->started, &date)));
}

int store_trial_insert(struct store *store, const struct study_spec *spec, struct trial_record *record)
{
	struct date started;
	struct trial_record fresh = *record;
	int rc = store_trial_next_number(&fresh.number, store, record->study_id);
	if (!rc)
		rc = store_next_id(&fresh.id, store, next_trial);
	if (!rc)
		rc = statement_run(store, insert_trial,
		        VALUES(value_int(fresh.id), value_int(fresh.number), value_int(fresh.study_id),
		                value_text(trial_state_name(fresh.state)), value_date(fresh.started, &started)));
	if (!rc && statement_changes(store) == 0)
		return gone(store);
	if (!rc)
		rc = fresh.state == TRIAL_WAITING ? trial_fixed_params_write(store, spec->space, &fresh)
		                                  : start_rows(store, spec, &fresh);
	if (rc)
		return rc;
	record->id = fresh.id;
	record->number = fresh.number;
	return 0;
}

int store_trial_start(struct store *store, const struct study_spec *spec, const struct trial_record *record)
{
	struct date started;
	int rc =
	        statement_run(store, start_trial, VALUES(value_int(record->id), value_date(record->started, &started)));
	if (rc)
		return rc;
	if (statement_changes(store) == 0)
		return gone_or_finished(store, record->id);
	return start_rows(store, spec, record);
}

int store_trial_finish(struct store *store, const struct study_spec *spec, const struct trial_record *record)
{
	struct date completed;
	for (size_t i = 0; record->state == TRIAL_COMPLETE && i < spec->objective_count; i++)
		if (isnan(record->values[i]))
			return error_set(&store->error, -EINVAL, "%s: trial %lld is complete without a value of %s",
			        store->path, (long long)record->number, spec->objectives[i].name);
	int rc = statement_run(store, finish_trial,
	        VALUES(value_int(record->id), value_text(trial_state_name(record->state)),
	                value_date(record->completed, &completed)));
	if (rc)
		return rc;
	if (statement_changes(store) == 0)
		return gone_or_finished(store, record->id);
	return record->state == TRIAL_FAILED ? 0 : trial_values_write(store, spec, record);
}

int store_trial_resume(struct store *store, int64_t trial_id)
{
	int rc = statement_run(store, resume_trial, VALUES(value_int(trial_id)));
	if (rc == 0 && statement_changes(store) == 0)
		return gone_or_finished(store, trial_id);
	if (rc == 0)
		rc = statement_run(store, forget_values, VALUES(value_int(trial_id)));
	return rc ? rc : statement_run(store, forget_reason, VALUES(value_int(trial_id)));
}

int store_trial_attribute(struct store *store, int64_t trial_id, bool system, const char *key, const char *json)
{
	int rc = statement_run(store, system ? save_system_attribute : save_user_attribute,
	        VALUES(value_int(trial_id), value_text(key), value_text(json)));
	return rc || statement_changes(store) ? rc : gone(store);
}

int store_trial_heartbeat(struct store *store, int64_t trial_id, struct walltime now)
{
	struct date date;
	return statement_run(store, beat_running, VALUES(value_int(trial_id), value_heartbeat(now, &date)));
}

int store_trial_state(enum trial_state *state, struct store *store, int64_t trial_id)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, read_state, VALUES(value_int(trial_id)));
	if (rc)
		return rc;
	rc = statement_step(store, row);
	if (rc == STATEMENT_ROW)
		rc = trial_state_parse(state, column_text(row, 0));
	else if (!rc)
		rc = gone(store);
	statement_close(row);
	return rc;
}

int store_trial_next_number(int64_t *next, struct store *store, int64_t study_id)
{
	return statement_integer(next, store, next_number, VALUES(value_int(study_id)));
}

static int read_trial(struct trial_reader *reader, sqlite3_stmt *row)
{
	struct trial_record *record = &reader->record;
	record->id = sqlite3_column_int64(row, 0);
	record->number = sqlite3_column_int64(row, 1);
	record->started = record->completed = (struct walltime){0};
	(void)walltime_parse(&record->started, column_text(row, 3));
	(void)walltime_parse(&record->completed, column_text(row, 4));
	int rc = trial_state_parse(&record->state, column_text(row, 2));
	if (rc)
		return store_fail_with(reader->store, STORE_DAMAGED, "trial %lld has the unknown state %s",
		        (long long)record->id, column_text(row, 2));
	rc = statement_row_check(reader->store);
	return rc ? rc : trial_reader_read(reader);
}

/* A walk over the trials of `at`'s study, with `at`'s id as the query's second value. */
struct trial_walk {
	const struct trial_record *at;
	int (*each)(void *context, const struct trial_record *record);
	void *context;
};

static int walk_trials(
        struct store *store, const struct study_spec *spec, const char *query, const struct trial_walk *walk)
{
	struct trial_reader reader;
	int rc = trial_reader_init(&reader, store, spec);
	if (rc)
		return rc;
	reader.record.study_id = walk->at->study_id;
	sqlite3_stmt *row = NULL;
	rc = statement_open(&row, store, query, VALUES(value_int(walk->at->study_id), value_int(walk->at->id)));
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		rc = read_trial(&reader, row);
		if (!rc)
			rc = walk->each(walk->context, &reader.record);
	}
	statement_close(row);
	trial_reader_finish(&reader);
	return rc;
}

int store_trial_each(struct store *store, const struct study_spec *spec, int64_t study_id,
        int (*each)(void *context, const struct trial_record *record), void *context)
{
	const struct trial_record none = {.study_id = study_id};
	return walk_trials(store, spec, each_trial, &(struct trial_walk){&none, each, context});
}

int store_trial_each_after(struct store *store, const struct study_spec *spec, const struct trial_record *last,
        int (*each)(void *context, const struct trial_record *record), void *context)
{
	return walk_trials(store, spec, each_trial_after, &(struct trial_walk){last, each, context});
}

int store_trial_again(struct store *store, const struct study_spec *spec, const struct trial_record *known,
        int (*each)(void *context, const struct trial_record *record), void *context)
{
	return walk_trials(store, spec, one_trial, &(struct trial_walk){known, each, context});
}

int store_trial_count(int64_t *count, struct store *store, int64_t study_id)
{
	return statement_integer(count, store, count_trials, VALUES(value_int(study_id)));
}

int store_trial_attribute_copy(char **json, struct store *store, int64_t trial_id, const char *key)
{
	sqlite3_stmt *row = NULL;
	char *copy = NULL;
	int rc = statement_open(&row, store, read_user_attribute, VALUES(value_int(trial_id), value_text(key)));
	if (!rc)
		rc = statement_step(store, row);
	if (rc == STATEMENT_ROW) {
		copy = memory_strdup(column_text(row, 0));
		rc = copy ? 0 : -ENOMEM;
	}
	statement_close(row);
	if (!rc)
		*json = copy;
	return rc;
}

/* A walk over texts of a study's trials. */
struct text_walk {
	int64_t study_id;
	int (*each)(void *context, int64_t trial_id, const char *text);
	void *context;
};

static int walk_texts(struct store *store, const char *query, const struct text_walk *walk)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, query, VALUES(value_int(walk->study_id)));
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		const char *text = column_text(row, 1);
		rc = statement_row_check(store);
		if (!rc)
			rc = walk->each(walk->context, sqlite3_column_int64(row, 0), text);
	}
	statement_close(row);
	return rc;
}

int store_trial_reason_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, const char *reason), void *context)
{
	return walk_texts(store, each_reason, &(struct text_walk){study_id, each, context});
}

int store_trial_defaults_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, const char *of), void *context)
{
	return walk_texts(store, each_defaults, &(struct text_walk){study_id, each, context});
}
