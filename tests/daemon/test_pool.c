/* Jobs on real threads: how many run at once, who waits for whom, and how the pool closes. Jobs end
 * when the test lets them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/pool.h"
#include "daemon/studies/importance_job.h"
#include "daemon/studies/job.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_importance.h"
#include "schema/api/work.h"
#include "tests/daemon/studies/fixture.h"

enum { JOBS = 5 };

struct gate {
	struct study_job job;
	char name;
	uv_sem_t begun, open;
	bool ran;
};

struct room {
	uv_loop_t loop;
	struct job_pool pool;
	struct gate gates[JOBS];
	char back[JOBS + 1]; /* names of the jobs that came back, in order */
	size_t back_count;
};

static void run(struct study_job *job)
{
	struct gate *gate = (struct gate *)(void *)job;
	uv_sem_post(&gate->begun);
	uv_sem_wait(&gate->open);
	gate->ran = true;
}

static void note_back(void *context, struct study_job *job)
{
	struct room *room = context;
	room->back[room->back_count++] = ((struct gate *)(void *)job)->name;
}

static int setup(void **state)
{
	static struct room room;
	room = (struct room){0};
	*state = &room;
	uv_loop_init(&room.loop);
	pool_init(&room.pool, &room.loop, note_back, &room);
	for (int i = 0; i < JOBS; i++) {
		room.gates[i].job.run = run;
		room.gates[i].name = (char)('a' + i);
		uv_sem_init(&room.gates[i].begun, 0);
		uv_sem_init(&room.gates[i].open, 0);
	}
	return 0;
}

static int teardown(void **state)
{
	struct room *room = *state;
	uv_run(&room->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&room->loop), 0);
	for (int i = 0; i < JOBS; i++) {
		uv_sem_destroy(&room->gates[i].begun);
		uv_sem_destroy(&room->gates[i].open);
	}
	return 0;
}

static void add(struct room *room, int job, bool is_long)
{
	room->gates[job].job.is_long = is_long;
	assert_int_equal(pool_add(&room->pool, &room->gates[job].job), 0);
}

static bool has_begun(struct room *room, int job)
{
	return uv_sem_trywait(&room->gates[job].begun) == 0;
}

/* Lets a job end and waits until it is back. */
static void finish(struct room *room, int job)
{
	size_t before = room->back_count;
	uv_sem_post(&room->gates[job].open);
	while (room->back_count == before)
		uv_run(&room->loop, UV_RUN_ONCE);
}

static void two_jobs_run_at_once_and_a_long_one_waits_for_a_long_one_only(void **state)
{
	struct room *room = *state;
	add(room, 0, true);
	add(room, 1, true);
	add(room, 2, false); /* overtakes the long one before it */
	add(room, 3, false);
	uv_sem_wait(&room->gates[0].begun);
	uv_sem_wait(&room->gates[2].begun);
	assert_false(has_begun(room, 1) || has_begun(room, 3));
	finish(room, 2);
	uv_sem_wait(&room->gates[3].begun);
	assert_false(has_begun(room, 1));
	finish(room, 0);
	uv_sem_wait(&room->gates[1].begun);
	finish(room, 1);
	finish(room, 3);
	assert_string_equal(room->back, "cabd");
}

static void a_closed_pool_gives_everything_back_and_takes_nothing(void **state)
{
	struct room *room = *state;
	for (int i = 0; i < 4; i++)
		add(room, i, false);
	uv_sem_wait(&room->gates[0].begun);
	uv_sem_wait(&room->gates[1].begun);
	pool_close(&room->pool);
	assert_string_equal(room->back, "cd"); /* they had not begun */
	assert_false(room->gates[2].ran || room->gates[3].ran);
	assert_int_equal(pool_add(&room->pool, &room->gates[4].job), -ECANCELED);
	pool_close(&room->pool);
	finish(room, 1);
	finish(room, 0);
	assert_string_equal(room->back, "cdba");
	assert_true(room->gates[0].ran && room->gates[1].ran);
}

/* ---- studies on threads ---- */

struct house {
	uv_loop_t loop;
	struct job_pool pool;
	struct fixture fixture;
	size_t back_count;
};

static void take_back(void *context, struct study_job *job)
{
	struct house *house = context;
	study_table_take_back(house->fixture.table, job);
	house->back_count++;
}

/* Hands the jobs that the fixture took to the pool. */
static void send_jobs(struct house *house)
{
	struct fixture *fixture = &house->fixture;
	for (size_t i = 0; i < fixture->job_count; i++)
		assert_int_equal(pool_add(&house->pool, fixture->jobs[i]), 0);
	fixture->job_count = 0;
}

static void a_study_goes_on_while_threads_think_for_it(void **state)
{
	static struct house house;
	struct fixture *fixture = &house.fixture;
	struct assignment out, work = {0};
	struct importance_job *importance = NULL;
	struct importance_answer summary;
	struct importance_request question = {.study = "s", .method = "fanova"};
	struct importance_inquiry inquiry = {&question, &importance};
	bool created;
	int later = 0, judged = 0;
	(void)state;
	uv_loop_init(&house.loop);
	pool_init(&house.pool, &house.loop, take_back, &house);
	fixture_init(fixture);
	fixture_try_add(fixture,
	        "{\"name\": \"s\", \"sampler\": {\"name\": \"gp\", \"n_startup_trials\": 4}, \"seed\": 7,"
	        " \"pruner\": {\"name\": \"hyperband\"},"
	        " \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"},"
	        " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}, \"y\": {\"min\": 0.0, \"max\": 1.0}}}",
	        false, &created);
	out = fixture_ask(fixture, "s", "a", "");
	fixture->takes_jobs = true;
	for (int64_t turn = 0; later == 0 || judged == 0 || house.back_count < 20; turn++) {
		const char *stop;
		int rc = fixture_try_ask(fixture, "s", "b", "", &work);
		later += rc == STUDIES_LATER;
		rc = study_table_importance(&summary, fixture->table, &inquiry, &fixture->arena, &fixture->error);
		if (rc == 0) {
			judged++;
			study_importance_job_destroy(importance);
			importance = NULL;
		}
		send_jobs(&house);
		assert_int_equal(fixture_report(fixture, &out, turn, 0.5, &stop), 0);
		if (work.run_id && !work.retry_reason)
			fixture_complete(fixture, &work, 0.01 * (double)turn);
		work = (struct assignment){0};
		uv_run(&house.loop, UV_RUN_NOWAIT);
	}
	pool_close(&house.pool);
	study_importance_job_destroy(importance);
	uv_run(&house.loop, UV_RUN_DEFAULT);
	struct study_summary study = fixture_study(fixture, "s");
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") ==
	            (double)study.headline.counts[TRIAL_COMPLETE]);
	fixture_finish(fixture);
	assert_int_equal(uv_loop_close(&house.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                two_jobs_run_at_once_and_a_long_one_waits_for_a_long_one_only, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_closed_pool_gives_everything_back_and_takes_nothing, setup, teardown),
	        cmocka_unit_test(a_study_goes_on_while_threads_think_for_it),
	};
	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
