#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/storage/store_run.h"
#include "daemon/storage/store_scores.h"
#include "schema/base/memory.h"
#include "tests/daemon/storage/faults.h"
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

/* What the daemon does in a turn: hand out a trial, hear a report, end the trial. */
static int one_turn(struct store *store)
{
	double point[PARAM_COUNT] = {3, 0.01, 0, 0.5, 8}, value = (double)NAN;
	struct metric_value metrics[] = {{"auprc", 0.5}, {"loss", 1.5}};
	struct class_score class = {"per:title", 0.5, 0.5, 0.5, 0.5, 7};
	struct run_tables tables = {1, &class, 0, NULL};
	struct run_holder holder = {"box", "s", "s:1", ""};
	struct trial_record trial = {.study_id = room.study_id, .state = TRIAL_RUNNING, .started = fixture_time(1)};
	trial.point = point;
	trial.values = &value;
	int code = store_trial_insert(store, room.spec, &trial);
	struct run_record run = {.trial_id = trial.id, .state = RUN_LEASED, .value = (double)NAN};
	if (!code)
		code = store_next_lease(&run.lease, store);
	if (!code)
		code = store_run_insert(store, &run);
	if (!code)
		code = store_run_save(store, &run, &holder);
	struct report report = {run.id, 0, 0.5, fixture_time(2), 2, metrics};
	if (!code)
		code = store_report_insert(store, &report);
	if (!code)
		code = store_intermediate_insert(store, trial.id, 0, 0.5);
	if (!code)
		code = store_run_tables_save(store, run.id, &tables);
	trial.state = TRIAL_COMPLETE;
	value = 0.5;
	return code ? code : store_trial_finish(store, room.spec, &trial);
}

static int count_trial(void *context, const struct trial_record *record)
{
	(void)record;
	++*(int *)context;
	return 0;
}

static int ignore_study(void *context, const struct study_row *row)
{
	(void)context;
	(void)row;
	return 0;
}

static int ignore_report(void *context, const struct report *report)
{
	(void)context;
	(void)report;
	return 0;
}

/* Opens, adds a trial, reads all, closes. *acknowledged counts commits that succeeded. */
static int visit(int *acknowledged)
{
	struct store *store = NULL;
	int seen = 0;
	int code = store_open(&store, room.path, NULL);
	if (!code)
		code = store_begin(store);
	if (!code)
		code = one_turn(store);
	if (!code)
		code = store_commit(store);
	if (!code)
		++*acknowledged;
	if (!code)
		code = store_study_each(store, ignore_study, NULL);
	if (!code)
		code = store_trial_each(store, room.spec, room.study_id, count_trial, &seen);
	if (!code)
		code = store_report_each(store, room.study_id, true, ignore_report, NULL);
	store_close(store);
	return code;
}

/* No page is torn, no trial is half there, and none that was acknowledged is missing. */
static void must_be_sound(int acknowledged)
{
	char answer[1024];
	fixture_ask(room.path, "PRAGMA integrity_check", answer);
	assert_string_equal(answer, "ok");
	fixture_ask(room.path,
	        "SELECT count(*) FROM trials t WHERE state <> 'COMPLETE'"
	        " OR (SELECT count(*) FROM trial_params p WHERE p.trial_id = t.trial_id) <> 5"
	        " OR (SELECT count(*) FROM trial_values v WHERE v.trial_id = t.trial_id) <> 1"
	        " OR (SELECT count(*) FROM kre_runs JOIN kre_reports USING (run_id) WHERE trial_id = t.trial_id) <> 1",
	        answer);
	assert_string_equal(answer, "0");
	fixture_ask(room.path, "SELECT count(*) FROM trials", answer);
	int there = 0;
	assert_int_equal(sscanf(answer, "%d", &there), 1);
	assert_true(there >= acknowledged);
}

static void close_store(void)
{
	store_close(room.store);
	room.store = NULL;
}

/* Opening an existing file parses the whole schema; every allocation of it would take minutes, so
 * the steps grow. */
static void the_nth_allocation_fails_and_nothing_is_lost(void **state)
{
	(void)state;
	int acknowledged = 0;
	long failures = 0;
	close_store();
	for (long n = 1;; n += 1 + n / 64) {
		long before = faults_blocks();
		memory_fault_after(n);
		int code = visit(&acknowledged);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_true(code == 0 || code == -ENOMEM);
		assert_int_equal(faults_blocks(), before);
		must_be_sound(acknowledged);
		failures += code != 0;
		if (!happened)
			break;
	}
	assert_true(failures > 200);
}

static void the_nth_allocation_of_a_turn_fails_and_the_turn_is_undone(void **state)
{
	(void)state;
	int acknowledged = 0;
	for (long n = 1;; n++) {
		memory_fault_after(n);
		int code = store_begin(room.store);
		if (!code)
			code = one_turn(room.store);
		if (code)
			store_rollback(room.store);
		else
			code = store_commit(room.store);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_false(store_in_transaction(room.store));
		assert_true(code == 0 || code == -ENOMEM);
		acknowledged += code == 0;
		if (!happened)
			break;
	}
	must_be_sound(acknowledged);
	assert_true(acknowledged >= 1);
}

static void fail_io(int code_of_sqlite, bool lasting)
{
	int acknowledged = 0;
	long failures = 0;
	close_store();
	for (long n = 1;; n++) {
		faults_plan_io(n, code_of_sqlite, lasting);
		int code = visit(&acknowledged);
		bool happened = faults_io_happened();
		faults_plan_io(0, 0, false);
		assert_true(code == 0 || code == -ENOSPC || code == -EIO);
		must_be_sound(acknowledged);
		failures += code != 0;
		if (!happened)
			break;
	}
	assert_true(failures > 3);
}

static void the_nth_write_fails_and_nothing_is_lost(void **state)
{
	(void)state;
	fail_io(SQLITE_IOERR_WRITE, false);
}

static void the_disk_fills_up_and_nothing_is_lost(void **state)
{
	(void)state;
	fail_io(SQLITE_FULL, true);
}

static void a_full_disk_is_told_from_other_failures(void **state)
{
	(void)state;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(one_turn(room.store), 0);
	faults_plan_io(1, SQLITE_FULL, true);
	assert_int_equal(store_commit(room.store), -ENOSPC);
	faults_plan_io(0, 0, false);
	assert_non_null(strstr(store_error(room.store)->text, "full"));
	assert_false(store_in_transaction(room.store));
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(one_turn(room.store), 0);
	assert_int_equal(store_commit(room.store), 0);
	must_be_sound(1);
}

static void a_spoiled_transaction_can_not_be_committed(void **state)
{
	(void)state;
	assert_int_equal(store_begin(room.store), 0);
	int code = 0;
	for (long n = 1; !code; n++) {
		memory_fault_after(n);
		code = one_turn(room.store);
		memory_fault_after(0);
	}
	assert_int_equal(code, -ENOMEM);
	assert_int_equal(one_turn(room.store), -ENOMEM);
	assert_int_equal(store_commit(room.store), -ENOMEM);
	char answer[1024];
	fixture_ask(room.path, "SELECT count(*) FROM trials", answer);
	assert_string_equal(answer, "0");
}

static void a_new_file_that_can_not_be_made_is_made_the_next_time(void **state)
{
	(void)state;
	for (long n = 1;; n += 1 + n / 8) {
		close_store();
		unlink(room.path);
		faults_plan_io(n, SQLITE_FULL, true);
		int code = store_open(&room.store, room.path, NULL);
		bool happened = faults_io_happened();
		close_store();
		faults_plan_io(0, 0, false);
		assert_true(code == 0 || code == -ENOSPC || code == -EIO);
		assert_int_equal(store_open(&room.store, room.path, NULL), 0);
		if (!happened)
			break;
	}
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(the_nth_allocation_fails_and_nothing_is_lost),
	        SENTENCE(the_nth_allocation_of_a_turn_fails_and_the_turn_is_undone),
	        SENTENCE(the_nth_write_fails_and_nothing_is_lost),
	        SENTENCE(the_disk_fills_up_and_nothing_is_lost),
	        SENTENCE(a_full_disk_is_told_from_other_failures),
	        SENTENCE(a_spoiled_transaction_can_not_be_committed),
	        SENTENCE(a_new_file_that_can_not_be_made_is_made_the_next_time),
	};
	if (faults_install() != SQLITE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
