/* Another program writes beside us into a study that is too large to be read anew each time: what
 * the daemon says is what one says that has just been started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/refresh.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_trial.h"
#include "daemon/studies/table_view.h"
#include "schema/api/shape_write.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"
#include "schema/base/text.h"
#include "tests/daemon/studies/fixture.h"

#define DISTRIBUTION_X "(SELECT distribution_json FROM trial_params WHERE param_name = 'x' LIMIT 1)"
#define STUDY "(SELECT study_id FROM studies WHERE study_name = 's')"
#define LAST "(SELECT max(trial_id) FROM trials)"

/* More trials than are read anew each time. */
static const char crowd[] =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 249)"
        " INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)"
        " SELECT 1 + i, " STUDY ", 'COMPLETE', '2026-01-01 00:00:00', '2026-01-01 00:00:01' FROM n;"
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
        " SELECT trial_id, 'x', (number * 37 % 250) / 250.0, " DISTRIBUTION_X
        " FROM trials WHERE number BETWEEN 1 AND 250;"
        "INSERT INTO trial_values (trial_id, objective, value, value_type)"
        " SELECT trial_id, 0, (number * 91 % 250) / 300.0, 'FINITE' FROM trials WHERE number BETWEEN 1 AND 250;";

/* What a program beside us does, commit by commit. */
static const struct edit {
	const char *what, *sql;
	bool anew; /* memory is made anew for it */
} edits[] = {
        {"a trial begins",
                "INSERT INTO trials (number, study_id, state, datetime_start) SELECT max(number) + 1, study_id,"
                " 'RUNNING', '2026-01-02 00:00:00' FROM trials WHERE study_id = " STUDY},
        {"it gets a parameter",
                "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (" LAST
                ", 'x', 0.625, " DISTRIBUTION_X ")"},
        {"it reports", "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value,"
                       " intermediate_value_type) VALUES (" LAST ", 1, 0.25, 'FINITE')"},
        {"it reports again", "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value,"
                             " intermediate_value_type) VALUES (" LAST ", 2, 0.75, 'FINITE')"},
        {"it takes a report back", "DELETE FROM trial_intermediate_values WHERE step = 1 AND trial_id = " LAST, true},
        {"people write about it",
                "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (" LAST ", 'k', '1')"},
        {"it ends as the best", "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (" LAST
                                ", 0, 0.97, 'FINITE'); UPDATE trials SET state = 'COMPLETE', datetime_complete ="
                                " '2026-01-02 00:01:00' WHERE trial_id = " LAST},
        {"a point is queued and taken",
                "INSERT INTO trials (number, study_id, state) SELECT max(number) + 1, study_id,"
                " 'WAITING' FROM trials WHERE study_id = " STUDY
                "; INSERT INTO trial_system_attributes (trial_id, key, value_json) VALUES (" LAST
                ", 'fixed_params', '{\"x\": 0.375}')"},
        {"one is queued for itself", "INSERT INTO trials (number, study_id, state) SELECT max(number) + 1, study_id,"
                                     " 'FAIL' FROM trials WHERE study_id = " STUDY},
        {"a pruned one",
                "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) SELECT max(number) + "
                "1,"
                " study_id, 'PRUNED', '2026-01-03 00:00:00', '2026-01-03 00:00:02' FROM trials WHERE study_id = " STUDY
                "; INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (" LAST
                ", 'x', 0.875, " DISTRIBUTION_X ")"},
        {"a finished one is changed by hand", "UPDATE trial_values SET value = 0.99 WHERE trial_id = 40", true},
        {"one is deleted by hand",
                "DELETE FROM trial_values WHERE trial_id = 41; DELETE FROM trial_params WHERE trial_id = 41;"
                "DELETE FROM trials WHERE trial_id = 41",
                true},
        {"the study gets a note",
                "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (" STUDY ", 'k', '1')"},
};

static const struct study_spec *spec_of(struct fixture *fixture)
{
	const struct study_spec *spec;
	assert_int_equal(study_table_spec(&spec, fixture->table, "s", &fixture->error), 0);
	return spec;
}

static void describe(struct text *said, struct fixture *fixture)
{
	struct study_summary study = fixture_study(fixture, "s");
	study.running_s = study.eta_s = 0;
	study.workers.count = 0;
	shape_write(said, &study_summary_shape, &study);
	for (int64_t number = 0; number < 270; number++) {
		struct trial_detail detail;
		const struct trial_request request = {"s", number};
		if (study_table_trial(&detail, fixture->table, &request, &fixture->arena, &fixture->error) == 0)
			shape_write(said, &trial_summary_shape, &detail.summary);
	}
}

/* Everything up to the edit with that number; then what the daemon says and does next. */
static void live_through(struct text *said, size_t last, bool restarts)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_add(
	        &fixture, "s", ", \"pruner\": {\"name\": \"median\", \"n_startup_trials\": 1, \"n_warmup_steps\": 0}");
	struct assignment held = fixture_ask(&fixture, "s", "a", "");
	const char *stop;
	fixture_report(&fixture, &held, 0, 0.5, &stop);
	fixture_sql(&fixture, crowd);
	fixture_wait(&fixture, 3000);
	for (size_t i = 0; i <= last; i++) {
		const struct study_spec *before = spec_of(&fixture);
		fixture_sql(&fixture, edits[i].sql);
		if (restarts)
			fixture_restart(&fixture);
		fixture_wait(&fixture, 3000);
		assert_string_equal(fixture_renew(&fixture, &held), "");
		if (!restarts && edits[i].anew == (spec_of(&fixture) == before))
			fail_msg("%s: memory was%s made anew", edits[i].what, edits[i].anew ? " not" : "");
	}
	describe(said, &fixture);
	struct assignment next = fixture_ask(&fixture, "s", "b", "");
	text_printf(said, "%lld %s\n", (long long)next.number, next.params_json);
	fixture_report(&fixture, &next, 1, 0.1, &stop);
	text_printf(said, "%s\n", stop ? stop : "goes on");
	fixture_complete(&fixture, &held, 0.5);
	describe(said, &fixture);
	fixture_finish(&fixture);
}

static void after_each_commit_of_another_program_all_is_as_after_a_start(void **state)
{
	(void)state;
	for (size_t last = 0; last < sizeof edits / sizeof *edits; last++) {
		struct text living = TEXT_NULL, started = TEXT_NULL;
		live_through(&living, last, false);
		live_through(&started, last, true);
		if (strcmp(text_string(&living), text_string(&started)) != 0)
			fail_msg("after: %s\n%s\n---\n%s", edits[last].what, text_string(&living),
			        text_string(&started));
		text_finish(&living);
		text_finish(&started);
	}
}

static void a_name_that_is_none_here_does_not_make_memory_anew_each_time(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct study_spec *before, *after;
	fixture_init(&fixture);
	fixture_add(&fixture, "s", "");
	fixture_ask(&fixture, "s", "a", "");
	fixture_sql(&fixture, crowd);
	fixture_sql(&fixture, "UPDATE studies SET study_name = 'my s: 1/2'");
	fixture_wait(&fixture, 3000);
	assert_int_equal(study_table_spec(&before, fixture.table, "my-s--1-2", &fixture.error), 0);
	fixture_sql(&fixture,
	        "INSERT INTO study_user_attributes (study_id, key, value_json) SELECT study_id, 'k', '1' FROM studies");
	fixture_wait(&fixture, 3000);
	assert_int_equal(study_table_spec(&after, fixture.table, "my-s--1-2", &fixture.error), 0);
	assert_ptr_equal(before, after);
	fixture_finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(after_each_commit_of_another_program_all_is_as_after_a_start),
	        cmocka_unit_test(a_name_that_is_none_here_does_not_make_memory_anew_each_time)};
	return cmocka_run_group_tests_name("studies", tests, NULL, NULL);
}
