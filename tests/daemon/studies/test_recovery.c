/* The daemon dies, runs out of memory, or is not alone with its file: nothing acknowledged is lost,
 * and it goes on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/study_table.h"
#include "daemon/studies/table_view.h"
#include "daemon/studies/table_life.h"
#include "daemon/studies/table_work.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "tests/daemon/studies/fixture.h"

static int setup(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	return 0;
}

/* ---- the same story with and without deaths ---- */

enum { STORY_WORKERS = 3 };

/* What happens in a story. */
struct plot {
	const char *pruner;
	int steps;
	bool resumes; /* every second trial that is stopped is taken up again */
	int life;     /* requests after which the daemon dies; 0 = never */
	bool jumpy;   /* the clock is set to and fro */
};

struct holder {
	struct assignment work; /* run_id 0 = idle */
	int64_t step;
};

/* What the daemon said, as text: two daemons agree when their texts do. */
struct story {
	struct fixture fixture;
	struct holder holders[STORY_WORKERS];
	char said[131072];
	size_t length;
	int64_t stopped_count;
};

static void say(struct story *story, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct story *story, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(story->said + story->length, sizeof story->said - story->length, format, args);
	va_end(args);
	story->length += (size_t)length;
	assert_true(story->length < sizeof story->said);
}

static void ask_for_work(struct story *story, struct holder *holder, const char *name)
{
	holder->work = fixture_ask(&story->fixture, "s", name, "");
	holder->step = 0;
	const struct assignment *work = &holder->work;
	if (work->retry_reason)
		say(story, "%s\n", work->retry_reason);
	else
		say(story, "%lld/%lld attempt %lld seed %llu %s\n", (long long)work->number, (long long)work->fold,
		        (long long)work->attempt, (unsigned long long)work->seed, work->params_json);
}

static void go_on(struct story *story, struct holder *holder, double luck)
{
	const char *stop = "";
	enum trial_state end;
	if (luck < 0.7 && holder->step < 4) {
		assert_int_equal(fixture_report(&story->fixture, &holder->work, holder->step++, luck, &stop), 0);
		say(story, "stop '%s'\n", stop);
		if (!*stop)
			return;
	}
	enum run_state state = *stop ? RUN_PRUNED : luck > 0.95 ? RUN_LOST : luck > 0.9 ? RUN_FAILED : RUN_COMPLETE;
	assert_int_equal(fixture_tell(&story->fixture, &holder->work, state, luck, &end), 0);
	const struct study_summary study = fixture_study(&story->fixture, "s");
	say(story, "%s, %.17g trials\n", trial_state_name(end), study.headline.budget.items[0].used);
	holder->work.run_id = 0;
}

/* Whoever looks at what was stopped takes every second one up again. */
static void resume_some(struct story *story)
{
	int64_t stopped = fixture_study(&story->fixture, "s").headline.counts[TRIAL_PRUNED], runs = 0;
	if (stopped > story->stopped_count && stopped % 2 == 0) {
		int64_t number = (int64_t)fixture_query(&story->fixture,
		        "SELECT t.number FROM trials t JOIN kre_runs r ON r.trial_id = t.trial_id"
		        " WHERE t.state = 'PRUNED' ORDER BY r.closed DESC LIMIT 1");
		if (fixture_resume_trial(&story->fixture, "s", number, &runs) == 0)
			say(story, "%lld again: %lld\n", (long long)number, (long long)runs);
	}
	story->stopped_count = stopped;
}

/* Up to an hour to and fro, as by hands and time servers. */
static void set_the_clock(struct story *story, struct rng *rng)
{
	story->fixture.clock.wall.us += ((int64_t)rng_below(rng, 7200) - 3600) * 1000000;
}

static void tell_story(struct story *story, const struct plot *plot)
{
	static const char *const names[STORY_WORKERS] = {"a", "b", "c"};
	struct rng rng, hands;
	rng_init(&rng, 1, 1);
	rng_init(&hands, 1, 2);
	memset(story, 0, sizeof *story);
	fixture_init(&story->fixture);
	char more[160];
	snprintf(more, sizeof more, ", \"folds\": 2, \"budget\": {\"trials\": %d}, \"pruner\": {%s}", plot->steps / 10,
	        plot->pruner);
	fixture_add(&story->fixture, "s", more);
	for (int i = 0; i < plot->steps; i++) {
		size_t who = (size_t)rng_below(&rng, STORY_WORKERS);
		double luck = rng_uniform(&rng);
		fake_clock_advance(&story->fixture.clock, 10);
		if (plot->jumpy)
			set_the_clock(story, &hands);
		if (plot->life > 0 && i % plot->life == 0)
			fixture_restart(&story->fixture);
		if (story->holders[who].work.run_id == 0)
			ask_for_work(story, &story->holders[who], names[who]);
		else
			go_on(story, &story->holders[who], luck);
		if (plot->resumes)
			resume_some(story);
	}
	struct study_summary study = fixture_study(&story->fixture, "s");
	say(story, "%lld complete, %lld pruned, %lld failed, best %lld %.17g\n",
	        (long long)study.headline.counts[TRIAL_COMPLETE], (long long)study.headline.counts[TRIAL_PRUNED],
	        (long long)study.headline.counts[TRIAL_FAILED], (long long)study.headline.best->number,
	        study.headline.best->value);
	fixture_finish(&story->fixture);
}

static const char by_threshold[] = "\"name\": \"threshold\", \"lower\": 0.1";
static const char by_median[] = "\"name\": \"median\", \"n_startup_trials\": 1";
static const char by_auto[] = "\"name\": \"auto\", \"z\": 1";

/* The story as a daemon that lives on tells it, the same as one that dies and wakes up elsewhere. */
static struct story *compare_stories(struct plot plot, int life)
{
	static struct story calm, deadly;
	tell_story(&calm, &plot);
	plot.life = life;
	plot.jumpy = true;
	tell_story(&deadly, &plot);
	assert_string_equal(calm.said, deadly.said);
	assert_non_null(strstr(calm.said, "PRUNED"));
	assert_non_null(strstr(calm.said, "attempt 1"));
	return &calm;
}

static void a_daemon_that_dies_after_every_request_says_the_same(void **state)
{
	(void)state;
	static struct story calm, deadly;
	tell_story(&calm, &(struct plot){.pruner = by_threshold, .steps = 300});
	tell_story(&deadly, &(struct plot){.pruner = by_threshold, .steps = 300, .life = 1});
	assert_string_equal(calm.said, deadly.said);
	assert_non_null(strstr(calm.said, "PRUNED"));
	assert_non_null(strstr(calm.said, "COMPLETE"));
	assert_non_null(strstr(calm.said, "attempt 1"));
	assert_non_null(strstr(calm.said, "\n15/0 ")); /* well behind the sampler's random start */
}

static void a_clock_that_is_set_back_changes_nothing(void **state)
{
	(void)state;
	compare_stories((struct plot){.pruner = by_median, .steps = 300}, 1);
}

static void what_was_stopped_and_taken_up_again_is_remembered_as_it_was(void **state)
{
	(void)state;
	static const char *const pruners[] = {by_median, by_auto};
	for (size_t i = 0; i < sizeof pruners / sizeof *pruners; i++) {
		struct story *story = compare_stories((struct plot){pruners[i], .steps = 450, .resumes = true}, 3);
		assert_non_null(strstr(story->said, " again: "));
	}
}

static int tell_metrics(struct fixture *fixture, const struct assignment *work, double f1, double memory_mb)
{
	struct metric_value metrics[] = {{"f1", f1}, {"memory_mb", memory_mb}, {"seconds", memory_mb / 100}};
	struct tell_request tell = {
	        .claim = {work->run_id, work->lease}, .state = RUN_COMPLETE, .reason = "", .metrics = {3, metrics}};
	struct tell_answer end;
	int rc = study_table_begin(fixture->table, &fixture->error);
	if (rc == 0)
		rc = study_table_tell(&end, fixture->table, &tell, &fixture->error);
	return rc == 0 ? study_table_commit(fixture->table, &fixture->error) : rc;
}

static void constraints_and_second_objectives_survive_a_restart(void **state)
{
	struct fixture *fixture = *state;
	bool created;
	const char *json = "{\"name\": \"s\", \"method\": \"random\", \"seed\": 1,"
	                   " \"metrics\": [{\"name\": \"f1\", \"goal\": \"maximize\"},"
	                   " {\"name\": \"seconds\", \"goal\": \"minimize\"}],"
	                   " \"constraints\": {\"memory_mb\": \"<= 500\"},"
	                   " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	const double f1[] = {0.5, 0.6, 0.4, 0.9}, memory_mb[] = {100, 200, 300, 900};
	assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
	for (int i = 0; i < 4; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(tell_metrics(fixture, &work, f1[i], memory_mb[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		struct study_summary study = fixture_study(fixture, "s");
		assert_int_equal(study.front.count, 2); /* 2 is dominated, 3 breaks the constraint */
		assert_int_equal(study.front.items[0], 0);
		assert_int_equal(study.front.items[1], 1);
		fixture_restart(fixture);
	}
}

/* ---- out of memory ---- */

/* One life of a trial, each request a turn; the first that fails is given up. */
static int try_life(struct fixture *fixture)
{
	struct ask_request ask = {.study = "s", .worker = "a", .session = "a", .software = "test", .key = "1"};
	struct ask_answer answer = {0};
	struct report_answer stop;
	struct tell_answer end;
	int rc = study_table_begin(fixture->table, &fixture->error);
	if (rc == 0)
		rc = study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error);
	struct given_number value = {.given = true, .value = 0.5};
	struct lease_claim claim = {answer.run ? answer.run->id : 0, answer.run ? answer.run->lease : 0};
	struct report_request report = {.claim = claim, .value = value};
	if (rc == 0)
		rc = study_table_report(&stop, fixture->table, &report, &fixture->error);
	struct tell_request tell = {.claim = claim, .state = RUN_COMPLETE, .value = value, .reason = ""};
	if (rc == 0)
		rc = study_table_tell(&end, fixture->table, &tell, &fixture->error);
	int committed = study_table_commit(fixture->table, &fixture->error);
	return rc != 0 ? rc : committed;
}

static void a_turn_without_memory_is_undone_as_a_whole_and_can_be_done_again(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	bool failed_once = false;
	for (long n = 1;; n++) {
		memory_fault_after(n);
		int rc = try_life(fixture);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		if (!happened) {
			assert_int_equal(rc, 0);
			break;
		}
		if (rc == 0)
			continue; /* somebody could do without */
		failed_once = true;
		double before = fixture_query(fixture, "SELECT count(*) FROM trials");
		assert_int_equal(try_life(fixture), 0);
		assert_true(fixture_query(fixture, "SELECT count(*) FROM trials") == before + 1);
	}
	assert_true(failed_once);
	struct study_summary study = fixture_study(fixture, "s");
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") ==
	            (double)study.headline.counts[TRIAL_COMPLETE]);
	assert_int_equal(study.headline.counts[TRIAL_RUNNING], 0);
}

static void a_start_without_memory_fails_cleanly(void **state)
{
	struct fixture *fixture = *state;
	struct study_table_options options = {.lease_ms = FIXTURE_LEASE_MS};
	fixture_add(fixture, "s", ", \"folds\": 2");
	struct assignment work = fixture_ask(fixture, "s", "a", "1");
	const char *stop;
	fixture_report(fixture, &work, 0, 0.5, &stop);
	for (long n = 1;; n++) {
		study_table_destroy(fixture->table);
		fixture->table = NULL;
		memory_fault_after(n);
		int rc = study_table_create(
		        &fixture->table, fixture->store, &fixture->clock.clock, &options, &fixture->error);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		if (!happened) {
			assert_int_equal(rc, 0);
			break;
		}
		if (rc == 0)
			continue;
		assert_true(rc < 0);
		assert_true(*fixture->error.text);
		assert_null(fixture->table);
	}
	assert_string_equal(fixture_renew(fixture, &work), "");
}

/* ---- other writers ---- */

static void a_trial_that_somebody_else_fails_is_cancelled_for_its_holder(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"folds\": 2");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_sql(fixture, "UPDATE trials SET state = 'FAIL', datetime_complete = '2026-01-01 00:00:01.000000'");
	assert_string_equal(fixture_renew(fixture, &work), "cancelled");
	assert_int_equal(fixture_tell(fixture, &work, RUN_COMPLETE, 0.5, &end), 0);
	assert_int_equal(end, TRIAL_FAILED);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
}

static void a_study_that_somebody_else_deletes_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct study_summary study;
	fixture_add(fixture, "s", "");
	fixture_add(fixture, "t", "");
	struct assignment work = fixture_ask(fixture, "s", "a", ""), other = fixture_ask(fixture, "t", "a", "");
	fixture_sql(fixture,
	        "DELETE FROM trial_params; DELETE FROM trial_heartbeats;"
	        "DELETE FROM trials WHERE study_id = (SELECT study_id FROM studies WHERE study_name = 's');"
	        "DELETE FROM study_directions WHERE study_id ="
	        " (SELECT study_id FROM studies WHERE study_name = 's');"
	        "DELETE FROM studies WHERE study_name = 's'");
	fixture_wait(fixture, 2000);
	assert_string_equal(fixture->last_event, "deleted");
	assert_int_equal(
	        study_table_get(&study, fixture->table, &(struct study_request){"s"}, &fixture->arena, &fixture->error),
	        STUDIES_NOT_FOUND);
	assert_string_equal(fixture_renew(fixture, &work), "lost");
	assert_string_equal(fixture_renew(fixture, &other), "");
}

static void a_point_that_somebody_else_queues_is_taken_up(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	fixture_sql(fixture, "INSERT INTO trials (trial_id, number, study_id, state) SELECT 500, 0, study_id, "
	                     "'WAITING' FROM studies;"
	                     "INSERT INTO trial_system_attributes (trial_id, key, value_json)"
	                     " VALUES (500, 'fixed_params', '{\"x\": 0.375}')");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.trial_id, 500);
	assert_non_null(strstr(work.params_json, "0.375"));
	assert_true(fixture_ask(fixture, "s", "a", "").trial_id > 500);
}

static void leases_do_not_grow_older_or_younger_when_somebody_else_writes(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	for (int i = 0; i < 10; i++) {
		fixture_wait(fixture, FIXTURE_LEASE_MS / 10 - 1);
		fixture_sql(fixture, "INSERT INTO study_user_attributes (study_id, key, value_json)"
		                     " SELECT study_id, hex(randomblob(8)), '1' FROM studies");
	}
	fixture_wait(fixture, 10);
	assert_string_equal(fixture_renew(fixture, &work), "lost");
}

static void a_turn_waits_while_somebody_else_holds_the_lock(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	void *lock = fixture_lock(fixture);
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), STUDIES_BUSY);
	fake_clock_advance(&fixture->clock, FIXTURE_LEASE_MS);
	assert_int_equal(study_table_tick(fixture->table, &fixture->error), STUDIES_BUSY);
	assert_true(study_table_next_deadline(fixture->table).ms > fixture->clock.monotonic.ms);
	fixture_unlock(lock);
	fixture_wait(fixture, 100);
	assert_string_equal(fixture_renew(fixture, &work), "lost");
}

static void what_was_out_is_lost_when_a_new_life_begins(void **state)
{
	struct fixture *fixture = *state;
	int64_t lost;
	const char *stop;
	fixture_add(fixture, "s", ", \"folds\": 2");
	fixture_add(fixture, "t", "");
	struct assignment done = fixture_ask(fixture, "t", "a", ""), out[3];
	fixture_complete(fixture, &done, 0.5);
	for (int i = 0; i < 3; i++)
		out[i] = fixture_ask(fixture, i < 2 ? "s" : "t", "a", "");
	assert_int_equal(study_table_begin_life(&lost, fixture->table, 1000, &fixture->error), 0);
	assert_int_equal(lost, 3);
	fixture_restart(fixture);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(fixture_renew(fixture, &out[i]), "lost");
		assert_int_equal(fixture_report(fixture, &out[i], 0, 1, &stop), 0);
		assert_string_equal(stop, "lost");
		struct assignment again = fixture_ask(fixture, i < 2 ? "s" : "t", "b", "");
		assert_int_equal(again.number, out[i].number);
		assert_int_equal(again.fold, out[i].fold);
		assert_int_equal(again.attempt, 1);
		assert_true(again.lease >= out[2].lease + 1000);
	}
	assert_true(fixture_query(fixture, "SELECT count(*) FROM kre_runs WHERE state = 'lost'") == 3);
	assert_true(fixture_query(fixture, "SELECT value FROM kre_counters WHERE name = 'epoch'") == 2);
}

static void a_life_that_cannot_begin_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	int64_t lost = 0;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	void *lock = fixture_lock(fixture);
	assert_int_equal(study_table_begin_life(&lost, fixture->table, 1000, &fixture->error), STUDIES_BUSY);
	fixture_unlock(lock);
	assert_string_equal(fixture_renew(fixture, &work), "");
	assert_true(fixture_query(fixture, "SELECT value FROM kre_counters WHERE name = 'epoch'") == 1);
}

int main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_daemon_that_dies_after_every_request_says_the_same),
	        cmocka_unit_test(a_clock_that_is_set_back_changes_nothing),
	        cmocka_unit_test(what_was_stopped_and_taken_up_again_is_remembered_as_it_was),
	        SENTENCE(constraints_and_second_objectives_survive_a_restart),
	        SENTENCE(a_turn_without_memory_is_undone_as_a_whole_and_can_be_done_again),
	        SENTENCE(a_start_without_memory_fails_cleanly),
	        SENTENCE(a_trial_that_somebody_else_fails_is_cancelled_for_its_holder),
	        SENTENCE(a_study_that_somebody_else_deletes_is_dropped),
	        SENTENCE(a_point_that_somebody_else_queues_is_taken_up),
	        SENTENCE(leases_do_not_grow_older_or_younger_when_somebody_else_writes),
	        SENTENCE(a_turn_waits_while_somebody_else_holds_the_lock),
	        SENTENCE(what_was_out_is_lost_when_a_new_life_begins),
	        SENTENCE(a_life_that_cannot_begin_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
