#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/storage/store_export.h"
#include "daemon/storage/store_scores.h"
#include "schema/database/migrations.h"
#include "tests/daemon/storage/fixture.h"

static struct fixture room;

static int setup(void **state)
{
	(void)state;
	fixture_init(&room);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_finish(&room);
	return 0;
}

static void must_read(const char *sql, const char *expected)
{
	char answer[1024];
	fixture_ask(room.path, sql, answer);
	assert_string_equal(answer, expected);
}

static void the_file_is_for_its_owner_only(void **state)
{
	(void)state;
	struct stat status;
	char wal[320];
	snprintf(wal, sizeof wal, "%s-wal", room.path);
	assert_int_equal(stat(room.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(wal, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_commit_is_there_after_reopening_and_a_rollback_is_not(void **state)
{
	(void)state;
	int64_t lease = 0, again = 0;
	assert_int_equal(store_begin(room.store), 0);
	assert_true(store_in_transaction(room.store));
	assert_int_equal(store_next_lease(&lease, room.store), 0);
	assert_int_equal(store_commit(room.store), 0);
	assert_false(store_in_transaction(room.store));
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_next_lease(&again, room.store), 0);
	assert_int_equal(again, lease + 1);
	store_rollback(room.store);
	fixture_reopen(&room);
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_next_lease(&again, room.store), 0);
	assert_int_equal(again, lease + 1);
	store_rollback(room.store);
}

static void a_writer_outside_of_a_transaction_is_refused(void **state)
{
	(void)state;
	int64_t lease;
	assert_int_equal(store_next_lease(&lease, room.store), -ECANCELED);
	assert_int_equal(store_commit(room.store), -ECANCELED);
	assert_non_null(strstr(store_error(room.store)->text, "not inside of a transaction"));
}

static void closing_rolls_back(void **state)
{
	(void)state;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_study_delete(room.store, room.study_id), 0);
	fixture_reopen(&room);
	must_read("SELECT count(*) FROM studies", "1");
}

static void another_writer_makes_it_busy_and_nothing_waits(void **state)
{
	(void)state;
	struct store *other = NULL;
	assert_int_equal(store_open(&other, room.path, NULL), 0);
	assert_int_equal(store_begin(other), 0);
	assert_int_equal(store_begin(room.store), STORE_BUSY);
	assert_false(store_in_transaction(room.store));
	assert_non_null(strstr(store_error(room.store)->text, "locked"));
	store_rollback(other);
	assert_int_equal(store_begin(room.store), 0);
	store_rollback(room.store);
	store_close(other);
}

static void changes_of_others_are_noticed_and_own_ones_are_not(void **state)
{
	(void)state;
	bool changed = true;
	struct fixture_trial trial;
	assert_int_equal(store_poll_changes(&changed, room.store), 0);
	assert_false(changed);
	fixture_trial_add(&room, &trial, 0.01);
	assert_int_equal(store_poll_changes(&changed, room.store), 0);
	assert_false(changed);
	fixture_sql(room.path, "UPDATE trials SET state = 'FAIL'");
	assert_int_equal(store_poll_changes(&changed, room.store), 0);
	assert_true(changed);
	assert_int_equal(store_poll_changes(&changed, room.store), 0);
	assert_false(changed);
}

static void a_newer_file_is_refused_with_a_sentence_and_left_alone(void **state)
{
	(void)state;
	struct error error;
	store_close(room.store);
	room.store = NULL;
	fixture_sql(room.path, "UPDATE kre_schema SET version = 1000");
	assert_int_equal(store_open(&room.store, room.path, &error), STORE_NEWER);
	assert_non_null(strstr(error.text, "newer kre-search"));
	assert_non_null(strstr(error.text, room.path));
	must_read("SELECT version FROM kre_schema", "1000");
}

static void tables_of_an_unknown_optuna_are_refused(void **state)
{
	(void)state;
	struct error error;
	store_close(room.store);
	room.store = NULL;
	fixture_sql(room.path, "UPDATE alembic_version SET version_num = 'v9.0.0.a'");
	assert_int_equal(store_open(&room.store, room.path, &error), STORE_NEWER);
	assert_non_null(strstr(error.text, "v9.0.0.a"));
}

/* Overwrites the file with `bytes` and expects it to be reported and unchanged. */
static void must_be_damaged(const char *bytes, size_t length)
{
	char *after = malloc(length + 1);
	struct error error;
	struct store *store = NULL;
	FILE *file = fopen(room.path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	assert_int_equal(store_open(&store, room.path, &error), STORE_DAMAGED);
	assert_null(store);
	assert_non_null(strstr(error.text, room.path));
	file = fopen(room.path, "rb");
	assert_int_equal(fread(after, 1, length + 1, file), length);
	fclose(file);
	assert_memory_equal(after, bytes, length);
	free(after);
}

static char *read_all(size_t *length)
{
	FILE *file = fopen(room.path, "rb");
	assert_non_null(file);
	char *bytes = malloc(1 << 20);
	*length = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

static void a_damaged_file_is_reported_and_never_overwritten(void **state)
{
	(void)state;
	size_t length;
	store_close(room.store);
	room.store = NULL;
	char *bytes = read_all(&length);
	assert_true(length > 16384);
	must_be_damaged("this is not a database", 22);
	must_be_damaged(bytes, length / 2);
	memset(bytes + 3 * 4096, 0xff, 200);
	must_be_damaged(bytes, length);
	memset(bytes, 0x5a, 100);
	must_be_damaged(bytes, length);
	free(bytes);
}

static void a_folder_that_is_not_there_is_a_sentence(void **state)
{
	(void)state;
	struct error error;
	struct store *store = NULL;
	assert_int_equal(store_open(&store, "/nowhere/at/all/trials.db", &error), -ENOENT);
	assert_string_equal(error.text, "/nowhere/at/all/trials.db: No such file or directory");
}

static void an_old_version_is_migrated_and_keeps_its_rows(void **state)
{
	(void)state;
	struct run_tables tables;
	struct arena arena = ARENA_NULL;
	for (int version = 0; version < migrations_latest(); version++) {
		store_close(room.store);
		room.store = NULL;
		unlink(room.path);
		for (int i = 0; i < version; i++)
			fixture_sql(room.path, migrations[i].sql);
		char stamp[96];
		snprintf(stamp, sizeof stamp, "INSERT INTO kre_schema VALUES (1, %d)", version);
		if (version >= 2)
			fixture_sql(room.path, stamp);
		if (version >= 1)
			fixture_sql(room.path, "INSERT INTO studies VALUES (7, 'kept')");
		assert_int_equal(store_open(&room.store, room.path, NULL), 0);
		char latest[16];
		snprintf(latest, sizeof latest, "%d", migrations_latest());
		must_read("SELECT version FROM kre_schema", latest);
		must_read("SELECT group_concat(study_name) FROM studies", version >= 1 ? "kept" : "");
		must_read("SELECT count(*) FROM alembic_version", "1");
		assert_int_equal(store_run_tables_load(&tables, room.store, 1, &arena), 0);
		assert_int_equal(tables.class_count, 0);
	}
	arena_finish(&arena);
}

/* Trial 1: a fold that ended before the clock was set back, and one after; trial 2 lies between. */
static const char old_rows[] =
        "INSERT INTO kre_studies VALUES (7, 's', 'o', '{}', 'f1', 'running', '', 1, 0, 0.0);"
        "INSERT INTO trials VALUES (1, 0, 7, 'COMPLETE', '1970-01-01 00:00:01.000000', '1970-01-01 00:00:02.500000'),"
        " (2, 1, 7, 'PRUNED', '1970-01-01 00:00:01.500000', '1970-01-01 00:00:02.000001'),"
        " (3, 2, 7, 'RUNNING', '1970-01-01 00:00:09.000000', NULL);"
        "INSERT INTO kre_runs (run_id, study_id, trial_id, fold, attempt, lease, state, started_us, completed_us) "
        "VALUES"
        " (10, 7, 1, 0, 0, 1, 'complete', 1000000, 2500000), (11, 7, 1, 1, 0, 2, 'complete', 2000000, 100),"
        " (12, 7, 2, 0, 0, 3, 'pruned', 1500000, 3000000), (13, 7, 3, 0, 0, 4, 'leased', 9000000, NULL);"
        "INSERT INTO kre_reports (run_id, step, value, reported_us) VALUES"
        " (10, 0, 0.5, 1200000), (11, 0, 0.5, 200), (12, 0, 0.5, 2000001)";

static void what_old_files_order_by_dates_is_ordered_by_numbers(void **state)
{
	(void)state;
	store_close(room.store);
	room.store = NULL;
	unlink(room.path);
	for (int i = 0; i < 5; i++)
		fixture_sql(room.path, migrations[i].sql);
	fixture_sql(room.path, "INSERT INTO kre_schema VALUES (1, 5); INSERT INTO studies VALUES (7, 's')");
	fixture_sql(room.path, old_rows);
	assert_int_equal(store_open(&room.store, room.path, NULL), 0);
	must_read("SELECT group_concat(began || '-' || ended || '-' || closed, ' ') FROM kre_runs",
	        "1-9-10 4-6-0 3-11-8 12-0-0");
	must_read("SELECT group_concat(moment, ' ') FROM kre_reports", "2 5 7");
	must_read("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'kre_happened%'", "0");
}

static void views_that_somebody_changed_are_made_again(void **state)
{
	(void)state;
	fixture_sql(room.path, "DROP VIEW leaderboard; CREATE VIEW leaderboard AS SELECT 1");
	fixture_reopen(&room);
	must_read("SELECT count(*) FROM pragma_table_info('leaderboard')", "9");
}

static void every_view_is_listed_and_can_be_read(void **state)
{
	(void)state;
	char sql[128];
	size_t count = 0;
	for (const char *const *name = view_names; *name; name++, count++) {
		char answer[1024];
		snprintf(sql, sizeof sql, "SELECT * FROM %s", *name);
		fixture_ask(room.path, sql, answer);
	}
	snprintf(sql, sizeof sql, "%zu", count);
	must_read("SELECT count(*) FROM sqlite_schema WHERE type = 'view'", sql);
}

static void the_copy_has_all_rows_no_views_and_no_wal(void **state)
{
	(void)state;
	char path[320], answer[1024];
	struct fixture_trial trial;
	struct stat status;
	snprintf(path, sizeof path, "%s.copy", room.path);
	fixture_trial_add(&room, &trial, 0.01);
	assert_int_equal(store_export(room.store, path), 0);
	fixture_ask(path, "SELECT count(*) FROM trial_params", answer);
	assert_string_equal(answer, "5");
	fixture_ask(path, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'", answer);
	assert_string_equal(answer, "0");
	fixture_ask(path, "PRAGMA journal_mode", answer);
	assert_string_equal(answer, "delete");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(store_export(room.store, path), -EEXIST);
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_export(room.store, path), -EINVAL);
	store_rollback(room.store);
}

static void a_copy_that_was_put_back_has_the_next_epoch_and_leases_far_above(void **state)
{
	(void)state;
	int64_t epoch, lease, next;
	assert_int_equal(store_begin_life(room.store, 1000), -ECANCELED);
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_next_lease(&lease, room.store), 0);
	assert_int_equal(store_commit(room.store), 0);
	for (int i = 2; i < 4; i++) {
		assert_int_equal(store_begin(room.store), 0);
		assert_int_equal(store_begin_life(room.store, 1000), 0);
		assert_int_equal(store_next_lease(&next, room.store), 0);
		assert_int_equal(store_commit(room.store), 0);
		assert_int_equal(store_epoch(&epoch, room.store), 0);
		assert_int_equal(epoch, i);
		assert_int_equal(next, lease + 1001);
		lease = next;
	}
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(the_file_is_for_its_owner_only),
	        SENTENCE(a_commit_is_there_after_reopening_and_a_rollback_is_not),
	        SENTENCE(a_writer_outside_of_a_transaction_is_refused),
	        SENTENCE(closing_rolls_back),
	        SENTENCE(another_writer_makes_it_busy_and_nothing_waits),
	        SENTENCE(changes_of_others_are_noticed_and_own_ones_are_not),
	        SENTENCE(a_newer_file_is_refused_with_a_sentence_and_left_alone),
	        SENTENCE(tables_of_an_unknown_optuna_are_refused),
	        SENTENCE(a_damaged_file_is_reported_and_never_overwritten),
	        SENTENCE(a_folder_that_is_not_there_is_a_sentence),
	        SENTENCE(an_old_version_is_migrated_and_keeps_its_rows),
	        SENTENCE(what_old_files_order_by_dates_is_ordered_by_numbers),
	        SENTENCE(views_that_somebody_changed_are_made_again),
	        SENTENCE(every_view_is_listed_and_can_be_read),
	        SENTENCE(the_copy_has_all_rows_no_views_and_no_wal),
	        SENTENCE(a_copy_that_was_put_back_has_the_next_epoch_and_leases_far_above),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
