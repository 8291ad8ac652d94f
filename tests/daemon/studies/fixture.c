#include "daemon/storage/store.h"
#include "daemon/studies/job.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_trial.h"
#include "daemon/studies/table_view.h"
#include "daemon/studies/table_work.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
#include "tests/daemon/studies/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void hear(void *context, const struct study_event *event)
{
	struct fixture *fixture = context;
	const char *kind = words_name(&event_kind_words, (int)event->kind);
	fixture->event_count++;
	snprintf(fixture->last_event, sizeof fixture->last_event, "%s", kind);
	size_t length = strlen(fixture->told);
	snprintf(fixture->told + length, sizeof fixture->told - length, "%s ", kind);
}

static int take_job(void *context, struct study_job *job)
{
	struct fixture *fixture = context;
	if (!fixture->takes_jobs)
		return -EAGAIN;
	assert_true(fixture->job_count < FIXTURE_JOBS_MOST);
	fixture->jobs[fixture->job_count++] = job;
	return 0;
}

static struct study_job *first_job(struct fixture *fixture)
{
	assert_true(fixture->job_count > 0);
	struct study_job *job = fixture->jobs[0];
	memmove(fixture->jobs, fixture->jobs + 1, --fixture->job_count * sizeof(struct study_job *));
	return job;
}

void fixture_do_job(struct fixture *fixture)
{
	struct study_job *job = first_job(fixture);
	study_job_run(job);
	study_table_take_back(fixture->table, job);
}

void fixture_drop_job(struct fixture *fixture)
{
	study_table_take_back(fixture->table, first_job(fixture));
}

static void must(struct fixture *fixture, int rc)
{
	if (rc != 0)
		fail_msg("outcome %d: %s", rc, fixture->error.text);
}

static void open_table(struct fixture *fixture)
{
	struct study_table_options options = {
	        .lease_ms = FIXTURE_LEASE_MS, .work = take_job, .on_event = hear, .context = fixture};
	must(fixture, store_open(&fixture->store, fixture->path, &fixture->error));
	must(fixture,
	        study_table_create(&fixture->table, fixture->store, &fixture->clock.clock, &options, &fixture->error));
}

static void close_table(struct fixture *fixture)
{
	while (fixture->job_count > 0)
		fixture_drop_job(fixture);
	study_table_destroy(fixture->table);
	store_close(fixture->store);
	arena_finish(&fixture->arena);
}

void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){0};
	const char *parent = getenv("TMPDIR");
	snprintf(fixture->folder, sizeof fixture->folder, "%s/studies-XXXXXX", parent ? parent : "/tmp");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof fixture->path, "%s/trials.db", fixture->folder);
	fake_clock_init(&fixture->clock);
	open_table(fixture);
}

void fixture_finish(struct fixture *fixture)
{
	close_table(fixture);
	DIR *folder = opendir(fixture->folder);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		char path[600];
		snprintf(path, sizeof path, "%s/%s", fixture->folder, entry->d_name);
		unlink(path);
	}
	if (folder)
		closedir(folder);
	rmdir(fixture->folder);
}

void fixture_restart(struct fixture *fixture)
{
	close_table(fixture);
	open_table(fixture);
}

static void begin(struct fixture *fixture)
{
	fixture->error.text[0] = '\0';
	must(fixture, study_table_begin(fixture->table, &fixture->error));
}

static void commit(struct fixture *fixture)
{
	struct error error = {0};
	int rc = study_table_commit(fixture->table, &error);
	if (rc != 0)
		fail_msg("commit: %d: %s (%s)", rc, error.text, fixture->error.text);
}

void fixture_wait(struct fixture *fixture, int64_t ms)
{
	int64_t end = fixture->clock.monotonic.ms + ms;
	for (;;) {
		int64_t due = study_table_next_deadline(fixture->table).ms;
		int64_t now = fixture->clock.monotonic.ms;
		int64_t next = due < now ? now : due;
		fake_clock_advance(&fixture->clock, next < end ? next - now : end - now);
		must(fixture, study_table_tick(fixture->table, &fixture->error));
		commit(fixture);
		if (next >= end)
			return;
	}
}

static void append_changes(struct text *out, const struct study_arrival *arrival)
{
	for (size_t i = 0; i < arrival->changes.count; i++) {
		const struct spec_change *change = &arrival->changes.items[i];
		text_printf(out, "%s%s %s → %s", out->length ? "; " : "", change->path, change->from, change->to);
	}
}

int fixture_try_add(struct fixture *fixture, const char *json, bool resume, bool *created)
{
	struct study_offer offer = {.resume = resume};
	struct study_arrival arrival = {.created = false};
	int rc = fixture_offer(fixture, json, &offer, &arrival);
	if (rc == 0)
		*created = arrival.created;
	return rc;
}

int fixture_offer(struct fixture *fixture, const char *json, struct study_offer *offer, struct study_arrival *arrival)
{
	struct study_spec *spec;
	struct complaints complaints = {0};
	int rc = study_file_parse(
	        &spec, &(struct study_source){json, strlen(json), "", NULL, NULL}, &complaints, &fixture->error);
	if (rc != 0)
		fail_msg("%s: %s", json, complaints.count ? complaints.items[0].text : fixture->error.text);
	complaints_finish(&complaints);
	begin(fixture);
	offer->spec = spec;
	rc = study_table_add(arrival, fixture->table, offer, &fixture->error);
	struct text changes = TEXT_NULL;
	append_changes(&changes, arrival);
	snprintf(fixture->changes, sizeof fixture->changes, "%s", text_string(&changes));
	text_finish(&changes);
	spec_changes_finish(&arrival->changes);
	commit(fixture);
	return rc;
}

void fixture_add(struct fixture *fixture, const char *name, const char *more)
{
	char json[1000];
	bool created = false;
	snprintf(json, sizeof json,
	        "{\"name\": \"%s\", \"method\": \"tpe\", \"seed\": 7,"
	        " \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"},"
	        " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}, \"n\": {\"min\": 1, \"max\": 9}}%s}",
	        name, more);
	must(fixture, fixture_try_add(fixture, json, false, &created));
	assert_true(created);
}

void fixture_add_thinker(struct fixture *fixture, const char *name, const char *more)
{
	char json[1000];
	bool created;
	snprintf(json, sizeof json,
	        "{\"name\": \"%s\", \"sampler\": {\"name\": \"gp\", \"n_startup_trials\": 3}, \"seed\": 7,"
	        " \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"},"
	        " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}, \"n\": {\"min\": 1, \"max\": 9}}%s}",
	        name, more);
	assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
}

double fixture_score(const struct assignment *work)
{
	return 0.1 * (double)(work->number % 7) + (double)strlen(work->params_json) / 1000;
}

void fixture_warm_up(struct fixture *fixture, const char *study)
{
	for (int i = 0; i < FIXTURE_STARTUP; i++) {
		struct assignment work;
		assert_int_equal(fixture_try_ask(fixture, study, "early", "", &work), 0);
		fixture_complete(fixture, &work, fixture_score(&work));
	}
	fixture->takes_jobs = true;
}

struct assignment fixture_assignment(const struct ask_answer *answer)
{
	const struct assigned_run *run = answer->run;
	if (!run)
		return (struct assignment){.retry_s = answer->retry_s,
		        .retry_reason = words_name(&wait_reason_words, (int)answer->reason)};
	return (struct assignment){.study = run->study,
	        .run_id = run->id,
	        .lease = run->lease,
	        .trial_id = run->trial_id,
	        .number = run->number,
	        .fold = run->fold,
	        .folds = run->folds,
	        .attempt = run->attempt,
	        .seed = (uint64_t)run->seed,
	        .params_json = run->params};
}

int fixture_try_ask(
        struct fixture *fixture, const char *study, const char *worker, const char *key, struct assignment *out)
{
	struct ask_request ask = {
	        .study = study, .worker = worker, .session = worker, .software = "test", .key = key, .repeats = true};
	struct ask_answer answer = {0};
	begin(fixture);
	int rc = study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error);
	commit(fixture);
	if (rc == 0)
		*out = fixture_assignment(&answer);
	return rc;
}

struct assignment fixture_ask(struct fixture *fixture, const char *study, const char *worker, const char *key)
{
	struct assignment work = {0};
	int rc = fixture_try_ask(fixture, study, worker, key, &work);
	while (rc == STUDIES_LATER) {
		fixture_do_job(fixture);
		rc = fixture_try_ask(fixture, study, worker, key, &work);
	}
	must(fixture, rc);
	return work;
}

static const char *stop_word(enum stop_reason stop)
{
	const char *word = words_name(&stop_reason_words, (int)stop);
	return word ? word : "";
}

int fixture_report(
        struct fixture *fixture, const struct assignment *work, int64_t step, double value, const char **stop)
{
	struct report_request report = {
	        .claim = {work->run_id, work->lease}, .step = step, .value = {.given = true, .value = value}};
	struct report_answer answer = {STOP_NONE};
	begin(fixture);
	int rc = study_table_report(&answer, fixture->table, &report, &fixture->error);
	commit(fixture);
	*stop = stop_word(answer.stop);
	return rc;
}

int fixture_tell(struct fixture *fixture, const struct assignment *work, enum run_state state, double value,
        enum trial_state *out)
{
	struct tell_request tell = {.claim = {work->run_id, work->lease},
	        .state = state,
	        .reason = "",
	        .value = {.given = state == RUN_COMPLETE && !isnan(value), .value = value}};
	struct tell_answer answer;
	begin(fixture);
	int rc = study_table_tell(&answer, fixture->table, &tell, &fixture->error);
	commit(fixture);
	if (rc == 0)
		*out = answer.trial;
	return rc;
}

int fixture_resume_trial(struct fixture *fixture, const char *study, int64_t number, int64_t *runs)
{
	const struct trial_resume_request request = {study, number};
	begin(fixture);
	int rc = study_table_resume_trial(runs, fixture->table, &request, &fixture->error);
	commit(fixture);
	return rc;
}

enum trial_state fixture_complete(struct fixture *fixture, const struct assignment *work, double value)
{
	enum trial_state state = TRIAL_STATE_COUNT;
	must(fixture, fixture_tell(fixture, work, RUN_COMPLETE, value, &state));
	return state;
}

const char *fixture_renew(struct fixture *fixture, const struct assignment *work)
{
	struct lease_claim claim = {work->run_id, work->lease};
	struct renew_request renewal = {.leases = {1, &claim}};
	struct renew_answer answer = {0};
	begin(fixture);
	must(fixture, study_table_renew(&answer, fixture->table, &renewal, &fixture->arena));
	commit(fixture);
	if (answer.lost.count)
		return stop_word(STOP_LOST);
	return stop_word(answer.stop.count ? answer.stop.items[0].reason : STOP_NONE);
}

struct study_summary fixture_study(struct fixture *fixture, const char *study)
{
	struct study_summary summary = {0};
	const struct study_request request = {study};
	int rc;
	while ((rc = study_table_get(&summary, fixture->table, &request, &fixture->arena, &fixture->error)) ==
	        STUDIES_LATER)
		fixture_do_job(fixture);
	must(fixture, rc);
	return summary;
}

struct trial_detail fixture_trial(struct fixture *fixture, const char *study, int64_t number)
{
	struct trial_detail detail = {0};
	must(fixture, study_table_trial(&detail, fixture->table, &(struct trial_request){study, number, -1},
	                      &fixture->arena, &fixture->error));
	return detail;
}

void fixture_sql(struct fixture *fixture, const char *sql)
{
	sqlite3 *db;
	char *message = NULL;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

void *fixture_lock(struct fixture *fixture)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

void fixture_unlock(void *lock)
{
	assert_int_equal(sqlite3_close(lock), SQLITE_OK);
}

double fixture_query(struct fixture *fixture, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	double value = sqlite3_column_double(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}
