/* A simulated fleet: workers on virtual time that die, come late, repeat themselves and lose
 * replies, and a daemon that restarts. Whatever happens, the promises hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/api/study.h"
#include "schema/api/work.h"
#include "schema/base/rng.h"
#include "schema/study/trial.h"
#include "tests/daemon/studies/fixture.h"

enum { WORKERS = 6, TRIALS = 12, FOLDS = 2, STEPS = 3, FLEETS = 8, TURNS_MOST = 6000, TOLD_MOST = 400 };

struct worker {
	char name[8];
	struct assignment work;
	bool holds; /* believes to hold `work` */
	int64_t step;
	int64_t wakes_ms; /* does nothing before */
	int64_t renewed_ms;
	int asks; /* keys are counted, so that an ask can be repeated */
};

struct fleet {
	struct fixture fixture;
	struct rng rng;
	struct worker workers[WORKERS];
	struct told {
		int64_t run_id;
		enum run_state state;
	} told[TOLD_MOST]; /* acknowledged ends */
	size_t told_count;
	int deaths, restarts, repeats, waits;
};

static bool chance(struct fleet *fleet, double probability)
{
	return rng_uniform(&fleet->rng) < probability;
}

static int64_t now(const struct fleet *fleet)
{
	return fleet->fixture.clock.monotonic.ms;
}

/* False while a suggestion is under way: the same ask is repeated when the worker's time comes
 * again. */
static bool ask(struct fleet *fleet, struct worker *worker, const char *key)
{
	int rc = fixture_try_ask(&fleet->fixture, "s", worker->name, key, &worker->work);
	assert_true(rc == 0 || rc == STUDIES_LATER);
	fleet->waits += rc == STUDIES_LATER;
	return rc == 0;
}

static void take_work(struct fleet *fleet, struct worker *worker)
{
	char key[16];
	snprintf(key, sizeof key, "%d", worker->asks);
	if (!ask(fleet, worker, key))
		return;
	if (chance(fleet, 0.1)) { /* the reply is lost: the same question again */
		fleet->repeats++;
		struct assignment again = fixture_ask(&fleet->fixture, "s", worker->name, key);
		if (!worker->work.retry_reason)
			assert_int_equal(again.lease, worker->work.lease);
		worker->work = again;
	}
	worker->asks++;
	worker->holds = worker->work.retry_reason == NULL;
	worker->step = 0;
	worker->renewed_ms = now(fleet);
	worker->wakes_ms = now(fleet) + (worker->holds ? 1000 : 5000);
}

/* A pure function of the run, so that every attempt reports the same. */
static double score(const struct worker *worker)
{
	struct rng rng;
	rng_init(&rng, worker->work.seed, (uint64_t)worker->step);
	return rng_uniform(&rng);
}

static void let_go(struct fleet *fleet, struct worker *worker)
{
	worker->holds = false;
	worker->wakes_ms = now(fleet) + 1000;
}

static void report_step(struct fleet *fleet, struct worker *worker)
{
	const char *stop;
	int times = chance(fleet, 0.1) ? 2 : 1;
	for (int i = 0; i < times; i++)
		assert_int_equal(fixture_report(&fleet->fixture, &worker->work, worker->step, score(worker), &stop), 0);
	fleet->repeats += times - 1;
	worker->step++;
	worker->wakes_ms = now(fleet) + 1000 + (int64_t)rng_below(&fleet->rng, 9000);
	if (strcmp(stop, "lost") == 0)
		let_go(fleet, worker);
}

static void tell_end(struct fleet *fleet, struct worker *worker)
{
	enum trial_state end, again;
	enum run_state state = chance(fleet, 0.05) ? RUN_LOST : RUN_COMPLETE;
	int rc = fixture_tell(&fleet->fixture, &worker->work, state, score(worker), &end);
	assert_true(rc == 0 || rc == STUDIES_LEASE_LOST);
	if (rc == 0 && chance(fleet, 0.2)) {
		fleet->repeats++;
		assert_int_equal(fixture_tell(&fleet->fixture, &worker->work, state, 0.5, &again), 0);
		assert_int_equal(again, end);
	}
	if (rc == 0) {
		assert_true(fleet->told_count < TOLD_MOST);
		fleet->told[fleet->told_count++] = (struct told){worker->work.run_id, state};
	}
	let_go(fleet, worker);
}

static void renew(struct fleet *fleet, struct worker *worker)
{
	worker->renewed_ms = now(fleet);
	if (strcmp(fixture_renew(&fleet->fixture, &worker->work), "lost") == 0)
		let_go(fleet, worker);
}

static void act(struct fleet *fleet, struct worker *worker)
{
	if (worker->wakes_ms > now(fleet))
		return;
	if (chance(fleet, 0.03)) { /* killed, or cut off and late: it may come back with an old lease */
		fleet->deaths++;
		worker->holds = worker->holds && chance(fleet, 0.5);
		worker->wakes_ms = now(fleet) + 2 * FIXTURE_LEASE_MS;
	} else if (!worker->holds)
		take_work(fleet, worker);
	else if (now(fleet) - worker->renewed_ms > FIXTURE_LEASE_MS / 3)
		renew(fleet, worker);
	else if (worker->step < STEPS)
		report_step(fleet, worker);
	else
		tell_end(fleet, worker);
}

static void check_leases(struct fleet *fleet)
{
	assert_true(fixture_query(&fleet->fixture, "SELECT count(*) FROM (SELECT 1 FROM kre_runs WHERE state = 'leased'"
	                                           " GROUP BY trial_id, fold HAVING count(*) > 1)") == 0);
}

static void check_told(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->told_count; i++) {
		char sql[120];
		snprintf(sql, sizeof sql, "SELECT count(*) FROM kre_runs WHERE run_id = %lld AND state = '%s'",
		        (long long)fleet->told[i].run_id, run_state_name(fleet->told[i].state));
		assert_true(fixture_query(&fleet->fixture, sql) == 1);
	}
}

static void check_end(struct fleet *fleet)
{
	struct study_summary study = fixture_study(&fleet->fixture, "s");
	assert_int_equal(study.headline.state, STUDY_FINISHED);
	assert_int_equal(study.headline.counts[TRIAL_COMPLETE] + study.headline.counts[TRIAL_FAILED], TRIALS);
	assert_true(study.headline.counts[TRIAL_COMPLETE] > 0);
	assert_true(fixture_query(&fleet->fixture, "SELECT count(*) FROM trials") == TRIALS);
	/* a complete trial has each fold once, and none of its runs was counted twice */
	assert_true(fixture_query(&fleet->fixture,
	                    "SELECT count(*) FROM (SELECT trial_id FROM trials JOIN kre_runs r USING (trial_id)"
	                    " WHERE trials.state = 'COMPLETE' AND r.state = 'complete' GROUP BY trial_id"
	                    " HAVING count(*) = 2 AND count(DISTINCT fold) = 2)") ==
	            (double)study.headline.counts[TRIAL_COMPLETE]);
	assert_true(fixture_query(&fleet->fixture, "SELECT count(*) FROM pragma_integrity_check"
	                                           " WHERE integrity_check <> 'ok'") == 0);
	check_told(fleet);
}

static void restart(struct fleet *fleet)
{
	fleet->restarts++;
	fixture_restart(&fleet->fixture);
	check_told(fleet);
}

static bool finished(struct fleet *fleet)
{
	return fixture_study(&fleet->fixture, "s").headline.state == STUDY_FINISHED;
}

/* A job that was taken comes back at some time, now and then without having run. */
static void think(struct fleet *fleet)
{
	if (fleet->fixture.job_count == 0 || chance(fleet, 0.5))
		return;
	if (chance(fleet, 0.1))
		fixture_drop_job(&fleet->fixture);
	else
		fixture_do_job(&fleet->fixture);
}

/* Somebody else writes to the file, and memory is built anew. */
static void disturb(struct fleet *fleet)
{
	if (chance(fleet, 0.01))
		fixture_sql(&fleet->fixture, "INSERT OR REPLACE INTO study_user_attributes (study_id, key, value_json)"
		                             " VALUES (1, 'note', '1')");
}

static void add_study(struct fleet *fleet, bool thinks)
{
	static const char json[] =
	        "{\"name\": \"s\", \"sampler\": {\"name\": \"gp\", \"n_startup_trials\": 2}, \"seed\": 7,"
	        " \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"}, \"folds\": 2, \"retries\": 3,"
	        " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}, \"budget\": {\"trials\": 12}}";
	bool created;
	if (thinks)
		assert_int_equal(fixture_try_add(&fleet->fixture, json, false, &created), 0);
	else
		fixture_add(&fleet->fixture, "s", ", \"folds\": 2, \"retries\": 3, \"budget\": {\"trials\": 12}");
	fleet->fixture.takes_jobs = thinks;
}

static void sail(struct fleet *fleet, uint64_t seed, bool thinks)
{
	*fleet = (struct fleet){.told_count = 0};
	rng_init(&fleet->rng, seed, 0);
	fixture_init(&fleet->fixture);
	add_study(fleet, thinks);
	for (int i = 0; i < WORKERS; i++)
		snprintf(fleet->workers[i].name, sizeof fleet->workers[i].name, "w%d", i);
	int turns = 0;
	for (; !finished(fleet) && turns < TURNS_MOST; turns++) {
		fixture_wait(&fleet->fixture, 500);
		act(fleet, &fleet->workers[rng_below(&fleet->rng, WORKERS)]);
		check_leases(fleet);
		if (thinks)
			disturb(fleet);
		if (thinks)
			think(fleet);
		if (chance(fleet, 0.01))
			restart(fleet);
	}
	assert_true(turns < TURNS_MOST);
	check_end(fleet);
	fixture_finish(&fleet->fixture);
}

static void whatever_happens_to_a_fleet_the_promises_hold(void **state)
{
	(void)state;
	static struct fleet fleet;
	int deaths = 0, restarts = 0, repeats = 0;
	for (uint64_t seed = 1; seed <= FLEETS; seed++) {
		sail(&fleet, seed, false);
		deaths += fleet.deaths;
		restarts += fleet.restarts;
		repeats += fleet.repeats;
	}
	assert_true(deaths > FLEETS && restarts > FLEETS && repeats > FLEETS);
}

static void they_hold_too_while_suggestions_are_jobs_and_somebody_else_writes(void **state)
{
	(void)state;
	static struct fleet fleet;
	int restarts = 0, waits = 0;
	for (uint64_t seed = 1; seed <= FLEETS / 4; seed++) {
		sail(&fleet, seed, true);
		restarts += fleet.restarts;
		waits += fleet.waits;
	}
	assert_true(restarts > 0 && waits > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(whatever_happens_to_a_fleet_the_promises_hold),
	        cmocka_unit_test(they_hold_too_while_suggestions_are_jobs_and_somebody_else_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
