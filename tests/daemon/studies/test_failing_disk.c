/* A write that fails once, or an allocation of SQLite's, costs one turn: the next one works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "daemon/studies/study_table.h"
#include "daemon/studies/table_work.h"
#include "schema/api/study.h"
#include "schema/base/memory.h"
#include "tests/daemon/storage/faults.h"
#include "tests/daemon/studies/fixture.h"

static int setup(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture);
	fixture_add(&fixture, "s", "");
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	return 0;
}

/* A trial in one turn: asked for, reported on, told. */
static int try_turn(struct fixture *fixture)
{
	struct ask_request ask = {.study = "s", .worker = "a", .session = "a", .software = "test", .key = ""};
	struct ask_answer answer = {0};
	struct report_answer stop;
	struct tell_answer end;
	const struct given_number value = {.given = true, .value = 0.5};
	int rc = study_table_begin(fixture->table, &fixture->error);
	if (rc == 0)
		rc = study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error);
	const struct lease_claim claim = {answer.run ? answer.run->id : 0, answer.run ? answer.run->lease : 0};
	if (rc == 0)
		rc = study_table_report(&stop, fixture->table, &(struct report_request){.claim = claim, .value = value},
		        &fixture->error);
	if (rc == 0)
		rc = study_table_tell(&end, fixture->table,
		        &(struct tell_request){.claim = claim, .state = RUN_COMPLETE, .value = value, .reason = ""},
		        &fixture->error);
	const int committed = study_table_commit(fixture->table, &fixture->error);
	if (committed != 0)
		assert_non_null(strstr(fixture->error.text, ": ")); /* behind it, why */
	return rc != 0 ? rc : committed;
}

static void fail_memory(long nth)
{
	memory_fault_after(nth);
}

static void fail_write(long nth)
{
	faults_plan_io(nth, SQLITE_IOERR_WRITE, false);
}

static void fill_disk(long nth)
{
	faults_plan_io(nth, SQLITE_FULL, false);
}

/* Every fault of the kind in turn; all that was acknowledged is there. */
static void endure(struct fixture *fixture, void (*plan)(long nth))
{
	bool happened = true;
	int acknowledged = 0, refused = 0;
	for (long nth = 1; happened; nth++) {
		plan(nth);
		const int rc = try_turn(fixture);
		happened = memory_fault_happened() || faults_io_happened();
		plan(0);
		assert_true(rc == 0 || happened);
		refused += rc != 0;
		assert_int_equal(try_turn(fixture), 0);
		acknowledged += 1 + (rc == 0);
	}
	assert_true(refused > 0);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") >= acknowledged);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_RUNNING], 0);
}

static void a_write_that_fails_once_costs_one_turn(void **state)
{
	endure(*state, fail_write);
}

static void a_disk_that_was_full_once_costs_one_turn(void **state)
{
	endure(*state, fill_disk);
}

static void an_allocation_that_fails_once_costs_one_turn(void **state)
{
	endure(*state, fail_memory);
}

int main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        SENTENCE(a_write_that_fails_once_costs_one_turn),
	        SENTENCE(a_disk_that_was_full_once_costs_one_turn),
	        SENTENCE(an_allocation_that_fails_once_costs_one_turn),
	};
	if (faults_install() != SQLITE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
