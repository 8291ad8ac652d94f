#include "daemon/storage/store_study.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/statement.h"
#include "daemon/storage/store_origin.h"
#include "daemon/storage/store_token.h"
#include "schema/base/text.h"

static const char next_study[] = COUNTER_SQL("study", "studies", "study_id");
static const char find_name[] = "SELECT study_id FROM studies WHERE study_name = ?1";
static const char read_directions[] = "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective";
static const char insert_study[] = "INSERT INTO studies (study_id, study_name) VALUES (?1, ?2)";
static const char insert_direction[] =
        "INSERT INTO study_directions (direction, study_id, objective) VALUES (?1, ?2, ?3)";
static const char insert_own[] = "INSERT INTO kre_studies (study_id, name, origin, spec_json, prune_metric, state, "
                                 "reason, seed, created_us, running_s)"
                                 " VALUES (?1, ?2, hex(randomblob(16)), ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
static const char save_own[] = "UPDATE kre_studies SET state = ?2, reason = ?3, running_s = ?4 WHERE study_id = ?1";
static const char insert_version[] = "INSERT INTO kre_specs (study_id, version, since_us, spec_json)"
                                     " SELECT ?1, 1 + (SELECT count(*) FROM kre_specs WHERE study_id = ?1), ?2, ?3";
static const char save_spec[] = "UPDATE kre_studies SET spec_json = ?2 WHERE study_id = ?1";
static const char insert_system_attribute[] =
        "INSERT INTO study_system_attributes (study_id, \"key\", value_json) VALUES (?1, ?2, ?3)";
/* One whose rows are being deleted (store_deletion.h). */
#define RETIRED(study)                                                                                                 \
	"EXISTS (SELECT 1 FROM study_system_attributes d WHERE d.study_id = " study ".study_id"                        \
	" AND d.\"key\" = 'kre:deleted')"

static const char each_study[] = "SELECT study_id, name, spec_json, state, reason, seed, created_us, running_s"
                                 " FROM kre_studies k WHERE " STUDY_LIVES " AND NOT " RETIRED("k") " ORDER BY study_id";

static const char each_foreign[] = "SELECT study_name, (SELECT count(*) FROM trials t WHERE t.study_id = o.study_id)"
                                   " FROM studies o WHERE NOT EXISTS (SELECT 1 FROM kre_studies k"
                                   " WHERE k.study_id = o.study_id AND " STUDY_LIVES ")"
                                   " AND NOT " RETIRED("o") " ORDER BY study_name";

/* Its digits stand in the spec of whoever needs it, also in one that nobody can read. */
static const char has_content[] =
        "SELECT count(*) FROM kre_studies k WHERE instr(k.spec_json, ?1) AND NOT " RETIRED("k");
static const char has_name[] = "SELECT count(*) FROM kre_studies k WHERE name = ?1 AND " STUDY_LIVES;

#define RUN_LIVES "EXISTS (SELECT 1 FROM trials t WHERE t.trial_id = r.trial_id AND t.study_id = r.study_id)"

static const char any_orphan[] = "SELECT EXISTS (SELECT 1 FROM kre_studies k WHERE NOT " STUDY_LIVES ")"
                                 " OR EXISTS (SELECT 1 FROM kre_runs r WHERE NOT " RUN_LIVES ")";
static const char sweep_tokens[] = REVOKE_TOKENS_OF "(SELECT name FROM kre_studies k WHERE NOT " STUDY_LIVES ")";
static const char sweep_studies[] = "DELETE FROM kre_studies AS k WHERE NOT " STUDY_LIVES;
static const char sweep_runs[] = "DELETE FROM kre_runs AS r WHERE NOT " RUN_LIVES;

/* Children first: Optuna's foreign keys do not cascade. Ours do. */
#define OF_TRIALS " WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?1)"
static const char *const delete_study[] = {
        REVOKE_TOKENS_OF "(SELECT name FROM kre_studies WHERE study_id = ?1)",
        "DELETE FROM trial_heartbeats" OF_TRIALS,
        "DELETE FROM trial_intermediate_values" OF_TRIALS,
        "DELETE FROM trial_values" OF_TRIALS,
        "DELETE FROM trial_params" OF_TRIALS,
        "DELETE FROM trial_system_attributes" OF_TRIALS,
        "DELETE FROM trial_user_attributes" OF_TRIALS,
        "DELETE FROM trials WHERE study_id = ?1",
        "DELETE FROM study_system_attributes WHERE study_id = ?1",
        "DELETE FROM study_user_attributes WHERE study_id = ?1",
        "DELETE FROM study_directions WHERE study_id = ?1",
        "DELETE FROM studies WHERE study_id = ?1",
        "DELETE FROM kre_studies WHERE study_id = ?1",
};

/* Optuna has no study without an objective: one that ranks nothing minimizes a constant there. */
static int insert_directions(struct store *store, const struct study_spec *spec, int64_t id)
{
	if (spec->objective_count == 0)
		return statement_run(
		        store, insert_direction, VALUES(value_text("MINIMIZE"), value_int(id), value_int(0)));
	for (size_t i = 0; i < spec->objective_count; i++) {
		const char *word = spec->objectives[i].direction == MAXIMIZE ? "MAXIMIZE" : "MINIMIZE";
		int rc = statement_run(
		        store, insert_direction, VALUES(value_text(word), value_int(id), value_int((int64_t)i)));
		if (rc)
			return rc;
	}
	return 0;
}

/* Optuna and its dashboard look for the objectives' names under two keys. */
static int insert_metric_names(struct store *store, const struct study_spec *spec, int64_t id)
{
	struct text names = TEXT_NULL;
	text_append(&names, spec->objective_count ? "[" : "[\"no metric\"");
	for (size_t i = 0; i < spec->objective_count; i++) {
		text_append(&names, i ? ", " : "");
		text_json_string(&names, spec->objectives[i].name, true);
	}
	text_append(&names, "]");
	int rc = store_text(store, &names);
	for (int i = 0; !rc && i < 2; i++) {
		const char *key = i ? "dashboard:objective_names" : "study:metric_names";
		rc = statement_run(store, insert_system_attribute,
		        VALUES(value_int(id), value_text(key), value_text(text_string(&names))));
	}
	text_finish(&names);
	return rc;
}

static int insert_own_row(struct store *store, const struct study_spec *spec, const struct study_row *row, int64_t id)
{
	const char *reason = row->reason ? row->reason : "";
	int rc = statement_run(store, insert_own,
	        VALUES(value_int(id), value_text(spec->name), value_text(spec->json ? spec->json : row->spec_json),
	                value_text(spec->prune_metric), value_text(study_state_name(row->state)), value_text(reason),
	                value_int((int64_t)row->seed), value_us(row->created), value_real(row->running_s)));
	if (!rc)
		rc = statement_run(store, insert_version,
		        VALUES(value_int(id), value_us(row->created),
		                value_text(spec->json ? spec->json : row->spec_json)));
	return rc ? rc : store_origin_write(store, id);
}

static int check_name_free(struct store *store, const char *name)
{
	int64_t other;
	int rc = statement_integer(&other, store, find_name, VALUES(value_text(name)));
	if (rc == STORE_GONE)
		return 0;
	return rc ? rc : error_set(&store->error, -EEXIST, "%s: a study named %s is there already", store->path, name);
}

int store_study_insert(int64_t *id, struct store *store, const struct study_spec *spec, const struct study_row *row)
{
	int64_t fresh;
	int rc = check_name_free(store, spec->name);
	if (!rc)
		rc = store_next_id(&fresh, store, next_study);
	if (!rc)
		rc = statement_run(store, insert_study, VALUES(value_int(fresh), value_text(spec->name)));
	if (!rc)
		rc = insert_directions(store, spec, fresh);
	if (!rc)
		rc = insert_metric_names(store, spec, fresh);
	if (!rc)
		rc = insert_own_row(store, spec, row, fresh);
	if (!rc)
		*id = fresh;
	return rc;
}

/* What Optuna ranks by has to be what the study file ranks by. */
static int check_directions(struct store *store, const struct study_spec *spec, int64_t id)
{
	size_t count = 0;
	bool same = true;
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, read_directions, VALUES(value_int(id)));
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		bool maximize = strcmp(column_text(row, 0), "MAXIMIZE") == 0;
		same = same && count < spec->objective_count &&
		       maximize == (spec->objectives[count].direction == MAXIMIZE);
		count++;
		rc = statement_row_check(store);
	}
	statement_close(row);
	return rc || (same && count == spec->objective_count) ? rc : -EINVAL;
}

int store_study_adopt(int64_t *id, struct store *store, const struct study_spec *spec, const struct study_row *row)
{
	int64_t found;
	int rc = statement_integer(&found, store, find_name, VALUES(value_text(spec->name)));
	if (!rc)
		rc = check_directions(store, spec, found);
	if (!rc)
		rc = insert_own_row(store, spec, row, found);
	if (!rc)
		*id = found;
	return rc;
}

static int changed_or_gone(struct store *store, int rc)
{
	if (rc || statement_changes(store))
		return rc;
	return error_set(&store->error, STORE_GONE, "%s: the study is not there any more", store->path);
}

int store_study_save(struct store *store, const struct study_row *row)
{
	int rc = statement_run(store, save_own,
	        VALUES(value_int(row->id), value_text(study_state_name(row->state)),
	                value_text(row->reason ? row->reason : ""), value_real(row->running_s)));
	return changed_or_gone(store, rc);
}

int store_study_save_spec(struct store *store, int64_t id, const char *json, struct walltime since)
{
	int rc = statement_run(store, save_spec, VALUES(value_int(id), value_text(json)));
	rc = changed_or_gone(store, rc);
	return rc ? rc : statement_run(store, insert_version, VALUES(value_int(id), value_us(since), value_text(json)));
}

int store_study_delete(struct store *store, int64_t id)
{
	for (size_t i = 0; i < sizeof delete_study / sizeof *delete_study; i++) {
		int rc = statement_run(store, delete_study[i], VALUES(value_int(id)));
		if (rc)
			return rc;
	}
	return 0;
}

int store_sweep(struct store *store)
{
	int64_t any;
	int rc = statement_integer(&any, store, any_orphan, NULL);
	if (rc || !any)
		return rc;
	bool alone = !store_in_transaction(store);
	if (alone)
		rc = store_begin(store);
	if (rc)
		return rc;
	rc = store_origin_follow(store);
	if (!rc)
		rc = statement_run(store, sweep_tokens, NULL);
	if (!rc)
		rc = statement_run(store, sweep_studies, NULL);
	if (!rc)
		rc = statement_run(store, sweep_runs, NULL);
	if (!alone)
		return rc;
	if (!rc)
		return store_commit(store);
	store_rollback(store);
	return rc;
}

static int read_row(sqlite3_stmt *statement, struct study_row *row)
{
	*row = (struct study_row){
	        .id = sqlite3_column_int64(statement, 0),
	        .name = column_text(statement, 1),
	        .spec_json = column_text(statement, 2),
	        .reason = column_text(statement, 4),
	        .seed = (uint64_t)sqlite3_column_int64(statement, 5),
	        .created = column_us(statement, 6),
	        .running_s = sqlite3_column_double(statement, 7),
	};
	return study_state_parse(&row->state, column_text(statement, 3));
}

int store_study_each(struct store *store, int (*each)(void *context, const struct study_row *row), void *context)
{
	int rc = store_sweep(store);
	/* Sweeping can wait until the other writer is done; the walk leaves orphans out anyway. */
	return rc && rc != STORE_BUSY ? rc : store_study_look(store, each, context);
}

int store_study_look(struct store *store, int (*each)(void *context, const struct study_row *row), void *context)
{
	sqlite3_stmt *statement = NULL;
	int rc = statement_open(&statement, store, each_study, NULL);
	while (!rc && (rc = statement_step(store, statement)) == STATEMENT_ROW) {
		struct study_row row;
		rc = read_row(statement, &row);
		if (!rc)
			rc = statement_row_check(store);
		if (!rc)
			rc = each(context, &row);
	}
	statement_close(statement);
	return rc;
}

int store_study_foreign_each(
        struct store *store, int (*each)(void *context, const char *name, int64_t trial_count), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_foreign, NULL);
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		const char *name = column_text(row, 0);
		rc = statement_row_check(store);
		if (!rc)
			rc = each(context, name, sqlite3_column_int64(row, 1));
	}
	statement_close(row);
	return rc;
}

int store_study_has_file(bool *has, struct store *store, const char *sha256)
{
	return statement_counts(has, store, has_content, VALUES(value_text(sha256)));
}

int store_study_is_ours(bool *is, struct store *store, const char *name)
{
	return statement_counts(is, store, has_name, VALUES(value_text(name)));
}
