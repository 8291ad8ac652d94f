#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "schema/database/migrations.h"

static sqlite3 *db;

static int setup(void **state)
{
	(void)state;
	return sqlite3_open(":memory:", &db);
}

static int teardown(void **state)
{
	(void)state;
	return sqlite3_close(db);
}

static void must_run(const char *sql)
{
	char *message = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
}

static void must_read(const char *sql, const char *expected)
{
	sqlite3_stmt *row = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(row, 0), expected);
	sqlite3_finalize(row);
}

static void run_all(void)
{
	for (const struct migration *each = migrations; each->sql; each++)
		must_run(each->sql);
	must_run(views_sql);
}

static void versions_are_numbered_without_a_gap_and_named_by_number(void **state)
{
	(void)state;
	int version = 0;
	for (const struct migration *each = migrations; each->sql; each++) {
		int number = 0;
		assert_int_equal(each->version, ++version);
		assert_int_equal(sscanf(each->name, "%4d_", &number), 1);
		assert_int_equal(number, version);
	}
	assert_int_equal(version, migrations_latest());
	assert_true(version >= 3);
}

static void all_of_them_run_on_an_empty_file(void **state)
{
	(void)state;
	run_all();
	must_read("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'kre_%'", "13");
	must_read("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", "0");
	must_read("PRAGMA user_version", "0");
	must_read("SELECT version_num FROM alembic_version", optuna_revisions[0]);
	must_read("SELECT schema_version FROM version_info", "12");
}

static void a_file_of_before_tokens_goes_on_with_its_runs(void **state)
{
	(void)state;
	const struct migration *each = migrations;
	for (; each->version < 8; each++)
		must_run(each->sql);
	must_run("INSERT INTO kre_studies VALUES (1, 's', 'o', '{}', 'f1', 'running', '', 7, 1, 0)");
	must_run("INSERT INTO kre_runs (run_id, study_id, trial_id, fold, attempt, lease, state, session, ask_key)"
	         " VALUES (1, 1, 1, 0, 0, 5, 'leased', 'one', '3')");
	must_run("INSERT INTO kre_workers VALUES ('w', 'one', 'kre-search 0.1', 1, 2)");
	for (; each->sql; each++)
		must_run(each->sql);
	must_run(views_sql);
	must_read("SELECT holder || ' ' || lease || ' ' || session || ' ' || quote(software) FROM kre_runs",
	        "0 5 one ''");
	must_read("SELECT worker || ' ' || quote(threads) FROM workers", "w NULL");
	must_read("SELECT value FROM kre_counters WHERE name = 'epoch'", "1");
}

static void views_are_those_that_are_listed_and_can_be_made_again(void **state)
{
	(void)state;
	run_all();
	must_run(views_sql);
	size_t count = 0;
	for (const char *const *name = view_names; *name; name++, count++) {
		char sql[160];
		snprintf(sql, sizeof sql, "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = '%s'",
		        *name);
		must_read(sql, "1");
		snprintf(sql, sizeof sql, "DROP VIEW %s", *name);
		must_run(sql);
	}
	must_read("SELECT count(*) FROM sqlite_schema WHERE type = 'view'", "0");
	assert_true(count >= 10);
}

static void every_statement_of_the_tables_carries_its_comments(void **state)
{
	(void)state;
	run_all();
	must_read("SELECT count(*) FROM sqlite_schema WHERE name = 'kre_runs' AND sql LIKE '%-- fencing number%'", "1");
}

static void parameters_are_readable_text(void **state)
{
	(void)state;
	static const struct {
		const char *distribution, *value, *text;
	} cases[] = {
	        {"{\"name\": \"FloatDistribution\", \"attributes\": {}}", "0.001", "p=0.001"},
	        {"{\"name\": \"FloatDistribution\", \"attributes\": {}}", "1e-05", "p=1e-05"},
	        {"{\"name\": \"LogUniformDistribution\", \"attributes\": {}}", "0.3333333333", "p=0.333333"},
	        {"{\"name\": \"IntDistribution\", \"attributes\": {}}", "8.0", "p=8"},
	        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"adam\", null, true, 2.5]}}",
	                "0.0", "p=adam"},
	        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"adam\", null, true, 2.5]}}",
	                "1.0", "p=null"},
	        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"adam\", null, true, 2.5]}}",
	                "2.0", "p=true"},
	        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [\"adam\", null, true, 2.5]}}",
	                "3.0", "p=2.5"},
	        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [NaN]}}", "0.0", "p=0.0"},
	};
	run_all();
	must_run("INSERT INTO studies VALUES (1, 's'); INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0);"
	         "INSERT INTO trials VALUES (1, 0, 1, 'RUNNING', NULL, NULL)");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char sql[320];
		snprintf(sql, sizeof sql,
		        "DELETE FROM trial_params; INSERT INTO trial_params VALUES (1, 1, 'p', %s, '%s')",
		        cases[i].value, cases[i].distribution);
		must_run(sql);
		must_read("SELECT parameters FROM leaderboard", cases[i].text);
	}
}

static void smaller_values_lead_when_a_study_minimizes_and_infinities_are_last(void **state)
{
	(void)state;
	run_all();
	must_run("INSERT INTO studies VALUES (1, 's'); INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0);"
	         "INSERT INTO trials (trial_id, number, study_id, state) VALUES (1, 0, 1, 'COMPLETE'), (2, 1, 1, "
	         "'COMPLETE'),"
	         " (3, 2, 1, 'COMPLETE'), (4, 3, 1, 'PRUNED');"
	         "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (1, 0, 3.5, 'FINITE'),"
	         " (2, 0, NULL, 'INF_POS'), (3, 0, 1.5, 'FINITE'), (4, 0, 0.5, 'FINITE')");
	must_read("SELECT group_concat(number || ':' || coalesce(rank, '-'), ' ') FROM leaderboard", "2:1 0:2 1:3 3:-");
	must_read("SELECT group_concat(best_so_far, ' ') FROM trial_history", "3.5 3.5 1.5 1.5");
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(versions_are_numbered_without_a_gap_and_named_by_number),
	        SENTENCE(all_of_them_run_on_an_empty_file),
	        SENTENCE(a_file_of_before_tokens_goes_on_with_its_runs),
	        SENTENCE(views_are_those_that_are_listed_and_can_be_made_again),
	        SENTENCE(every_statement_of_the_tables_carries_its_comments),
	        SENTENCE(parameters_are_readable_text),
	        SENTENCE(smaller_values_lead_when_a_study_minimizes_and_infinities_are_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
