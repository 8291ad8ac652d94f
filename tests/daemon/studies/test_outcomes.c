#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/samplers/outcome.h"
#include "daemon/storage/outcome.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table_trial.h"
#include "daemon/studies/table_view.h"
#include "schema/space/param_value.h"
#include "schema/study/complaints.h"
#include "tests/daemon/studies/fixture.h"

static void no_outcome_of_a_room_passes_for_one_of_another(void **state)
{
	(void)state;
	static const struct {
		int first, last;
	} rooms[] = {
	        {STUDIES_NOT_FOUND, STUDIES_LATER},
	        {STORE_BUSY, STORE_FINISHED},
	        {SAMPLER_EXHAUSTED, CMA_DEGENERATE},
	        {STUDY_FILE_WRONG, STUDY_FILE_WRONG},
	        {PARAM_OUT_OF_BOUNDS, PARAM_OUT_OF_BOUNDS},
	};
	const size_t count = sizeof rooms / sizeof *rooms;
	for (size_t i = 0; i < count; i++) {
		assert_true(rooms[i].first > 0 && rooms[i].first <= rooms[i].last);
		for (size_t k = i + 1; k < count; k++)
			assert_true(rooms[i].last < rooms[k].first || rooms[k].last < rooms[i].first);
		assert_int_equal(studies_outcome_is(rooms[i].first), i == 0);
		assert_int_equal(studies_outcome_is(rooms[i].last), i == 0);
		assert_int_equal(store_outcome_is(rooms[i].first), i == 1);
		assert_int_equal(store_outcome_is(rooms[i].last), i == 1);
	}
	assert_false(studies_outcome_is(0) || store_outcome_is(0));
	assert_false(studies_outcome_is(-EIO) || store_outcome_is(-EIO));
}

static void what_the_store_says_in_a_turn_is_an_error_of_the_studies(void **state)
{
	(void)state;
	for (int rc = STORE_BUSY; rc <= STORE_FINISHED; rc++)
		assert_true(studies_from_store(rc) < 0);
	assert_int_equal(studies_from_store(STORE_GONE), -ESTALE);
	assert_int_equal(studies_from_store(STORE_DAMAGED), -EIO);
	assert_int_equal(studies_from_store(-ENOSPC), -ENOSPC);
	assert_int_equal(studies_from_store(0), 0);
}

/* The table has the pages of one of another kind: SQLite calls the file damaged when it reads
 * there. */
static void damage(struct fixture *fixture, const char *table)
{
	char sql[300];
	snprintf(sql, sizeof sql,
	        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema"
	        " WHERE name = 'kre_schema') WHERE name = '%s'; CREATE TABLE of_somebody_else (x)",
	        table);
	fixture_sql(fixture, sql);
}

static void a_trial_whose_rows_are_damaged_is_not_shown_in_part(void **state)
{
	(void)state;
	static const char *const tables[] = {"kre_run_metrics", "kre_classes", "kre_confusion", "kre_reports"};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct fixture fixture;
		struct trial_detail detail = {.runs.count = 77};
		struct error error = {""};
		fixture_init(&fixture);
		fixture_add(&fixture, "s", "");
		const struct assignment work = fixture_ask(&fixture, "s", "w", "");
		fixture_complete(&fixture, &work, 0.5);
		damage(&fixture, tables[i]);
		assert_int_equal(study_table_trial(&detail, fixture.table, &(struct trial_request){"s", 0, -1},
		                         &fixture.arena, &error),
		        -EIO);
		assert_non_null(strstr(error.text, "The trial cannot be read: "));
		assert_non_null(strstr(error.text, "malformed"));
		assert_int_equal(detail.runs.count, 77);
		fixture_finish(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_outcome_of_a_room_passes_for_one_of_another),
	        cmocka_unit_test(what_the_store_says_in_a_turn_is_an_error_of_the_studies),
	        cmocka_unit_test(a_trial_whose_rows_are_damaged_is_not_shown_in_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
