#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/storage/store_run.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_usage.h"
#include "schema/base/memory.h"
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

#define IN_TRANSACTION(call)                                                                                           \
	do {                                                                                                           \
		assert_int_equal(store_begin(room.store), 0);                                                          \
		assert_int_equal(call, 0);                                                                             \
		assert_int_equal(store_commit(room.store), 0);                                                         \
	} while (0)

/* A walk's findings. */
struct seen {
	size_t count;
	struct trial_record record;
	double point[PARAM_COUNT];
	double value;
	struct study_row study;
	struct run_record run;
	char worker[64];
	struct report report;
	size_t metric_count;
	char metric[64];
	double metric_value;
};

static int see_trial(void *context, const struct trial_record *record)
{
	struct seen *seen = context;
	seen->count++;
	seen->record = *record;
	memcpy(seen->point, record->point, sizeof seen->point);
	seen->value = record->values[0];
	return 0;
}

static struct seen walk_trials(void)
{
	struct seen seen = {0};
	assert_int_equal(store_trial_each(room.store, room.spec, room.study_id, see_trial, &seen), 0);
	return seen;
}

static int see_study(void *context, const struct study_row *row)
{
	struct seen *seen = context;
	seen->count++;
	seen->study = *row;
	assert_string_equal(row->name, "quick");
	assert_string_equal(row->spec_json, "{\"name\":\"quick\"}");
	return 0;
}

static struct seen walk_studies(void)
{
	struct seen seen = {0};
	assert_int_equal(store_study_each(room.store, see_study, &seen), 0);
	return seen;
}

static int see_run(void *context, const struct run_record *run, const struct run_holder *holder)
{
	struct seen *seen = context;
	seen->count++;
	seen->run = *run;
	snprintf(seen->worker, sizeof seen->worker, "%s/%s/%s/%s", holder->worker, holder->session, holder->ask_key,
	        holder->reason);
	return 0;
}

static struct seen walk_runs(void)
{
	struct seen seen = {0};
	assert_int_equal(store_run_each(room.store, room.study_id, see_run, &seen), 0);
	return seen;
}

static int see_report(void *context, const struct report *report)
{
	struct seen *seen = context;
	seen->count++;
	seen->report = *report;
	seen->metric_count = report->metric_count;
	if (report->metric_count) {
		snprintf(seen->metric, sizeof seen->metric, "%s", report->metrics[report->metric_count - 1].name);
		seen->metric_value = report->metrics[report->metric_count - 1].value;
	}
	return 0;
}

static void a_study_comes_back_as_it_was_saved(void **state)
{
	(void)state;
	struct study_row row = {.id = room.study_id, .state = STUDY_FINISHED, .reason = "budget", .running_s = 12.5};
	IN_TRANSACTION(store_study_save(room.store, &row));
	fixture_reopen(&room);
	struct seen seen = walk_studies();
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.study.id, room.study_id);
	assert_int_equal(seen.study.state, STUDY_FINISHED);
	assert_true(seen.study.seed == UINT64_MAX);
	assert_int_equal(seen.study.created.us, fixture_time(0).us);
	assert_true(seen.study.running_s == 12.5);
	must_read("SELECT reason FROM kre_studies", "budget");
}

static void a_name_is_taken_once(void **state)
{
	(void)state;
	int64_t id = -1;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(fixture_study_add(room.store, room.spec, &id), -EEXIST);
	assert_int_equal(id, -1);
	assert_int_equal(store_commit(room.store), 0);
}

static void a_deleted_study_leaves_nothing_and_its_ids_never_return(void **state)
{
	(void)state;
	struct fixture_trial trial;
	fixture_trial_add(&room, &trial, 0.01);
	struct report report = {.run_id = trial.run.id, .value = 0.5};
	IN_TRANSACTION(store_report_insert(room.store, &report));
	IN_TRANSACTION(store_trial_attribute(room.store, trial.record.id, false, "a", "1"));
	IN_TRANSACTION(store_study_delete(room.store, room.study_id));
	must_read("SELECT (SELECT count(*) FROM studies) + (SELECT count(*) FROM trials) + (SELECT count(*) FROM "
	          "trial_params)"
	          " + (SELECT count(*) FROM kre_studies) + (SELECT count(*) FROM kre_runs) + (SELECT count(*) FROM "
	          "kre_reports)"
	          " + (SELECT count(*) FROM study_system_attributes) + (SELECT count(*) FROM trial_user_attributes)",
	        "0");
	int64_t first = room.study_id, trial_id = trial.record.id;
	IN_TRANSACTION(fixture_study_add(room.store, room.spec, &room.study_id));
	assert_true(room.study_id > first);
	fixture_trial_add(&room, &trial, 0.01);
	assert_true(trial.record.id > trial_id);
	assert_int_equal(trial.record.number, 0);
}

static void a_running_trial_comes_back_with_its_point(void **state)
{
	(void)state;
	struct fixture_trial first, second;
	fixture_trial_add(&room, &first, 0.00012345678901234567);
	fixture_trial_add(&room, &second, 0.1);
	assert_int_equal(second.record.number, 1);
	struct seen seen = {0};
	assert_int_equal(store_trial_each(room.store, room.spec, room.study_id, see_trial, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.record.id, second.record.id);
	assert_int_equal(seen.record.state, TRIAL_RUNNING);
	assert_int_equal(seen.record.started.us, fixture_time(10).us);
	assert_int_equal(seen.record.completed.us, 0);
	assert_false(seen.record.enqueued);
	assert_memory_equal(seen.point, second.point, sizeof seen.point);
	assert_true(isnan(seen.value));
	must_read("SELECT heartbeat FROM trial_heartbeats", "2026-01-01 00:00:10");
	must_read("SELECT datetime_start FROM trials", "2026-01-01 00:00:10.123456");
	must_read("SELECT typeof(param_value) FROM trial_params WHERE param_name = 'layers'", "real");
}

static void a_queued_trial_keeps_what_is_fixed_and_starts_later(void **state)
{
	(void)state;
	double point[PARAM_COUNT] = {(double)NAN, 0.02, 4, (double)NAN, 7}, values[1] = {(double)NAN};
	struct trial_record record = {
	        .study_id = room.study_id, .state = TRIAL_WAITING, .point = point, .values = values};
	IN_TRANSACTION(store_trial_insert(room.store, room.spec, &record));
	must_read("SELECT value_json FROM trial_system_attributes",
	        "{\"lr\": 0.02, \"optimizer\": \"\\ud558\\ub098\", \"units\": 7}");
	struct seen seen = walk_trials();
	assert_int_equal(seen.record.state, TRIAL_WAITING);
	assert_true(seen.record.enqueued);
	for (size_t i = 0; i < PARAM_COUNT; i++)
		assert_true(same_number(seen.point[i], point[i]));
	point[LAYERS] = 5;
	point[Q] = 0.5;
	record.started = fixture_time(20);
	IN_TRANSACTION(store_trial_start(room.store, room.spec, &record));
	seen = walk_trials();
	assert_int_equal(seen.record.state, TRIAL_RUNNING);
	assert_true(seen.record.enqueued);
	assert_memory_equal(seen.point, point, sizeof point);
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_trial_start(room.store, room.spec, &record), STORE_FINISHED);
	store_rollback(room.store);
}

static void results_are_kept_in_optunas_types(void **state)
{
	(void)state;
	struct fixture_trial trial;
	static const struct {
		double value;
		const char *row;
	} cases[] = {{0.8125, "FINITE 0.8125"}, {(double)INFINITY, "INF_POS "}, {-(double)INFINITY, "INF_NEG "}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fixture_trial_add(&room, &trial, 0.01);
		fixture_trial_end(&room, &trial, TRIAL_COMPLETE, cases[i].value);
		must_read("SELECT value_type || ' ' || coalesce(value, '') FROM trial_values ORDER BY trial_id DESC",
		        cases[i].row);
		assert_true(walk_trials().value == cases[i].value);
	}
	assert_int_equal(walk_trials().record.completed.us, fixture_time(40).us);
	fixture_trial_add(&room, &trial, 0.01);
	fixture_trial_end(&room, &trial, TRIAL_FAILED, 0.5);
	assert_true(isnan(walk_trials().value));
	fixture_trial_add(&room, &trial, 0.01);
	trial.record.state = TRIAL_COMPLETE;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_trial_finish(room.store, room.spec, &trial.record), -EINVAL);
	store_rollback(room.store);
}

static void a_pruned_trial_has_the_value_it_is_given_or_none(void **state)
{
	(void)state;
	struct fixture_trial trial;
	fixture_trial_add(&room, &trial, 0.01);
	IN_TRANSACTION(store_intermediate_insert(room.store, trial.record.id, 10, 0.25));
	IN_TRANSACTION(store_intermediate_insert(room.store, trial.record.id, 9, 0.75));
	IN_TRANSACTION(store_intermediate_insert(room.store, trial.record.id, 10, 0.99));
	fixture_trial_end(&room, &trial, TRIAL_PRUNED, 0.25);
	assert_true(walk_trials().value == 0.25);
	fixture_trial_add(&room, &trial, 0.01);
	IN_TRANSACTION(store_intermediate_insert(room.store, trial.record.id, 0, (double)NAN));
	must_read("SELECT intermediate_value_type FROM trial_intermediate_values ORDER BY trial_id DESC", "NAN");
	fixture_trial_end(&room, &trial, TRIAL_PRUNED, (double)NAN);
	assert_true(isnan(walk_trials().value));
}

static void a_finished_trial_never_changes(void **state)
{
	(void)state;
	struct fixture_trial trial;
	fixture_trial_add(&room, &trial, 0.01);
	fixture_trial_end(&room, &trial, TRIAL_COMPLETE, 0.5);
	trial.record.state = TRIAL_FAILED;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_trial_finish(room.store, room.spec, &trial.record), STORE_FINISHED);
	assert_int_equal(store_intermediate_insert(room.store, trial.record.id, 3, 0.1), 0);
	trial.record.id += 1000;
	assert_int_equal(store_trial_finish(room.store, room.spec, &trial.record), STORE_GONE);
	assert_int_equal(store_commit(room.store), 0);
	must_read("SELECT state FROM trials", "COMPLETE");
	must_read("SELECT count(*) FROM trial_intermediate_values", "0");
}

static void attributes_and_retries_are_optunas(void **state)
{
	(void)state;
	struct fixture_trial trial;
	fixture_trial_add(&room, &trial, 0.01);
	IN_TRANSACTION(
	        store_trial_attribute(room.store, trial.record.id, false, "kre:fail_reason", "\"out of memory\""));
	IN_TRANSACTION(store_trial_attribute(room.store, trial.record.id, false, "kre:fail_reason", "\"lost\""));
	IN_TRANSACTION(store_trial_attribute(room.store, trial.record.id, true, "failed_trial", "2"));
	must_read("SELECT group_concat(value_json) FROM trial_user_attributes", "\"lost\"");
	must_read("SELECT retry_of FROM trial_history", "2");
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_trial_attribute(room.store, 999, true, "a", "1"), STORE_GONE);
	store_rollback(room.store);
}

static void an_attribute_of_one_trial_is_read_back(void **state)
{
	(void)state;
	struct fixture_trial trial;
	char *json = NULL;
	fixture_trial_add(&room, &trial, 0.01);
	IN_TRANSACTION(store_trial_attribute(room.store, trial.record.id, false, "kre:sampler", "\"gp\""));
	assert_int_equal(store_trial_attribute_copy(&json, room.store, trial.record.id, "kre:sampler"), 0);
	assert_string_equal(json, "\"gp\"");
	memory_free(json);
	assert_int_equal(store_trial_attribute_copy(&json, room.store, trial.record.id, "kre:other"), 0);
	assert_null(json);
}

static void the_heartbeat_of_a_trial_is_renewed_while_it_runs(void **state)
{
	(void)state;
	struct fixture_trial running, finished;
	fixture_trial_add(&room, &running, 0.01);
	fixture_trial_add(&room, &finished, 0.01);
	fixture_trial_end(&room, &finished, TRIAL_COMPLETE, 0.5);
	IN_TRANSACTION(store_trial_heartbeat(room.store, running.record.id, fixture_time(30)));
	IN_TRANSACTION(store_trial_heartbeat(room.store, finished.record.id, fixture_time(30)));
	must_read("SELECT group_concat(heartbeat) FROM (SELECT heartbeat FROM trial_heartbeats ORDER BY trial_id)",
	        "2026-01-01 00:00:30,2026-01-01 00:00:10");
}

static void a_run_comes_back_with_its_holder(void **state)
{
	(void)state;
	struct fixture_trial trial;
	struct run_holder holder = {"box", "s1", "s1:4", "slow"};
	fixture_trial_add(&room, &trial, 0.01);
	assert_true(isnan(walk_runs().run.value));
	trial.run.state = RUN_PRUNED;
	trial.run.value = -(double)INFINITY;
	trial.run.completed = fixture_time(60);
	trial.run.expires = (struct walltime){0};
	IN_TRANSACTION(store_run_save(room.store, &trial.run, &holder));
	struct seen seen = walk_runs();
	assert_int_equal(seen.count, 1);
	assert_memory_equal(&seen.run, &trial.run, sizeof seen.run);
	assert_string_equal(seen.worker, "box/s1/s1:4/slow");
	trial.run.id = 77;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_run_save(room.store, &trial.run, &holder), STORE_GONE);
	trial.run.trial_id = 99;
	assert_int_equal(store_run_insert(room.store, &trial.run), STORE_GONE);
	store_rollback(room.store);
}

static void workers_are_known_by_name(void **state)
{
	(void)state;
	struct worker_sign sign = {"box", "s1", "kre-worker 0.1", 8, 16000, fixture_time(1)};
	IN_TRANSACTION(store_worker_seen(room.store, &sign));
	sign = (struct worker_sign){"box", "s1", "", 0, 0, fixture_time(61)};
	IN_TRANSACTION(store_worker_seen(room.store, &sign));
	must_read("SELECT worker || ' ' || software || ' ' || first_seen || ' ' || last_seen FROM workers",
	        "box kre-worker 0.1 2026-01-01 00:00:01 2026-01-01 00:01:01");
	must_read("SELECT threads || ' ' || memory_mb FROM workers", "8 16000");
}

static void the_first_report_of_a_step_is_kept(void **state)
{
	(void)state;
	struct fixture_trial trial;
	struct metric_value metrics[] = {{"auprc", 0.5}, {"loss", (double)NAN}};
	fixture_trial_add(&room, &trial, 0.01);
	struct report report = {trial.run.id, 3, 0.25, fixture_time(11), 2, metrics};
	IN_TRANSACTION(store_report_insert(room.store, &report));
	report.value = 0.75;
	IN_TRANSACTION(store_report_insert(room.store, &report));
	report.step = 4;
	report.value = (double)NAN;
	report.metric_count = 1;
	IN_TRANSACTION(store_report_insert(room.store, &report));
	struct seen fast = {0}, full = {0};
	assert_int_equal(store_report_each(room.store, room.study_id, false, see_report, &fast), 0);
	assert_int_equal(fast.count, 2);
	assert_int_equal(fast.metric_count, 0);
	assert_int_equal(fast.report.step, 4);
	assert_true(isnan(fast.report.value));
	assert_int_equal(fast.report.reported.us, fixture_time(11).us);
	assert_int_equal(store_report_each_of_trial(room.store, trial.record.id, see_report, &full), 0);
	assert_int_equal(full.count, 2);
	assert_int_equal(full.metric_count, 1);
	assert_string_equal(full.metric, "auprc");
	must_read("SELECT value FROM kre_reports WHERE step = 3", "0.25");
	must_read("SELECT count(*) FROM learning_curves", "5");
	report.run_id = 99;
	assert_int_equal(store_begin(room.store), 0);
	assert_int_equal(store_report_insert(room.store, &report), STORE_GONE);
	store_rollback(room.store);
}

static void tables_of_a_run_are_replaced_as_a_whole(void **state)
{
	(void)state;
	struct fixture_trial trial;
	struct class_score classes[] = {
	        {"per:title", 0.5, 0.25, 0.75, (double)NAN, 10}, {"no_relation", 1, 1, 1, 1, 90}};
	struct confusion_cell cells[] = {{"per:title", "no_relation", 5}};
	struct run_tables tables = {2, classes, 1, cells}, loaded;
	struct arena arena = ARENA_NULL;
	fixture_trial_add(&room, &trial, 0.01);
	for (int i = 0; i < 2; i++)
		IN_TRANSACTION(store_run_tables_save(room.store, trial.run.id, &tables));
	assert_int_equal(store_run_tables_load(&loaded, room.store, trial.run.id, &arena), 0);
	assert_int_equal(loaded.class_count, 2);
	assert_int_equal(loaded.cell_count, 1);
	assert_string_equal(loaded.classes[0].label, "per:title");
	assert_true(isnan(loaded.classes[0].auprc) && loaded.classes[0].recall == 0.25);
	assert_int_equal(loaded.classes[1].support, 90);
	assert_string_equal(loaded.cells[0].predicted, "no_relation");
	assert_int_equal(loaded.cells[0].count, 5);
	arena_finish(&arena);
}

static void final_metrics_come_back_by_name(void **state)
{
	(void)state;
	struct fixture_trial trial;
	struct metric_value metrics[] = {{"seconds", 12.5}, {"auprc", 0.5}};
	struct run_metrics loaded;
	struct arena arena = ARENA_NULL;
	fixture_trial_add(&room, &trial, 0.01);
	IN_TRANSACTION(store_run_metrics(room.store, trial.run.id, metrics, 2));
	metrics[0].value = 13;
	IN_TRANSACTION(store_run_metrics(room.store, trial.run.id, metrics, 1));
	assert_int_equal(store_run_metrics_load(&loaded, room.store, trial.run.id, &arena), 0);
	assert_int_equal(loaded.count, 2);
	assert_string_equal(loaded.items[1].name, "seconds");
	assert_true(loaded.items[1].value == 13);
	arena_finish(&arena);
}

static void what_a_run_took_comes_back_or_is_not_known(void **state)
{
	(void)state;
	struct fixture_trial trial;
	const struct run_usage *loaded = NULL;
	struct arena arena = ARENA_NULL;
	fixture_trial_add(&room, &trial, 0.01);
	assert_int_equal(store_run_usage_load(&loaded, room.store, trial.run.id, &arena), 0);
	assert_null(loaded);
	IN_TRANSACTION(store_run_usage_save(room.store, trial.run.id, &(struct run_usage){1, 2, 3}));
	IN_TRANSACTION(store_run_usage_save(room.store, trial.run.id, &(struct run_usage){2.5, -1, INFINITY}));
	assert_int_equal(store_run_usage_load(&loaded, room.store, trial.run.id, &arena), 0);
	assert_true(loaded->cpu_s == 2.5 && isnan(loaded->peak_mb) && isnan(loaded->wall_s));
	arena_finish(&arena);
}

static void the_leaderboard_ranks_what_is_complete(void **state)
{
	(void)state;
	struct fixture_trial trial;
	static const double values[] = {0.5, 0.875, 0.75, 0.875};
	struct run_holder holder = {.worker = "box"};
	for (size_t i = 0; i < 4; i++) {
		fixture_trial_add(&room, &trial, 0.001);
		fixture_trial_end(&room, &trial, TRIAL_COMPLETE, values[i]);
	}
	IN_TRANSACTION(store_run_save(room.store, &trial.run, &holder));
	fixture_trial_add(&room, &trial, 0.01);
	must_read("SELECT group_concat(coalesce(rank, '-') || ':' || number, ' ') FROM leaderboard",
	        "1:1 1:3 3:2 4:0 -:4");
	must_read("SELECT parameters FROM leaderboard", "layers=3 lr=0.001 optimizer=null q=0.75 units=64");
	must_read("SELECT duration FROM leaderboard", "30.0");
	must_read("SELECT worker FROM leaderboard WHERE number = 3", "box");
	must_read("SELECT group_concat(best_so_far, ' ') FROM trial_history", "0.5 0.875 0.875 0.875 0.875");
}

static void the_front_of_several_objectives_is_a_view(void **state)
{
	(void)state;
	static const double values[][2] = {{0.5, 10}, {0.75, 10}, {0.25, 5}, {0.75, 12}, {0.75, 10}};
	study_spec_destroy(room.spec);
	room.spec = fixture_spec("both", "seconds");
	IN_TRANSACTION(fixture_study_add(room.store, room.spec, &room.study_id));
	for (size_t i = 0; i < 5; i++) {
		struct fixture_trial trial;
		fixture_trial_add(&room, &trial, 0.001);
		trial.values[1] = values[i][1];
		fixture_trial_end(&room, &trial, TRIAL_COMPLETE, values[i][0]);
	}
	must_read("SELECT group_concat(number) FROM pareto", "1,2,4");
	must_read("SELECT \"values\" FROM pareto", "0.75 10.0");
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(a_study_comes_back_as_it_was_saved),
	        SENTENCE(a_name_is_taken_once),
	        SENTENCE(a_deleted_study_leaves_nothing_and_its_ids_never_return),
	        SENTENCE(a_running_trial_comes_back_with_its_point),
	        SENTENCE(a_queued_trial_keeps_what_is_fixed_and_starts_later),
	        SENTENCE(results_are_kept_in_optunas_types),
	        SENTENCE(a_pruned_trial_has_the_value_it_is_given_or_none),
	        SENTENCE(a_finished_trial_never_changes),
	        SENTENCE(attributes_and_retries_are_optunas),
	        SENTENCE(an_attribute_of_one_trial_is_read_back),
	        SENTENCE(the_heartbeat_of_a_trial_is_renewed_while_it_runs),
	        SENTENCE(a_run_comes_back_with_its_holder),
	        SENTENCE(workers_are_known_by_name),
	        SENTENCE(the_first_report_of_a_step_is_kept),
	        SENTENCE(tables_of_a_run_are_replaced_as_a_whole),
	        SENTENCE(final_metrics_come_back_by_name),
	        SENTENCE(what_a_run_took_comes_back_or_is_not_known),
	        SENTENCE(the_leaderboard_ranks_what_is_complete),
	        SENTENCE(the_front_of_several_objectives_is_a_view),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
