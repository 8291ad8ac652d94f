#include "daemon/storage/store.h"
#include "daemon/studies/job.h"
#include "daemon/studies/study_table.h"
#include "schema/base/folder.h"
#include "schema/transport/join_token.h"
#include "tests/daemon/network/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hear(void *context, const struct study_event *event)
{
	struct fixture *fixture = context;
	if (fixture->on_event)
		fixture->on_event(fixture->listener, event);
}

static int take_job(void *context, struct study_job *job)
{
	struct fixture *fixture = context;
	if (!fixture->takes_jobs || fixture->job_count == FIXTURE_JOBS_MOST)
		return -EAGAIN;
	fixture->jobs[fixture->job_count++] = job;
	return 0;
}

void fixture_do_job(struct fixture *fixture)
{
	struct study_job *job = fixture->jobs[0];
	memmove(fixture->jobs, fixture->jobs + 1, --fixture->job_count * sizeof(struct study_job *));
	study_job_run(job);
	study_table_take_back(fixture->table, job);
}

static void stop(void *context)
{
	struct fixture *fixture = context;
	fixture->stop_count++;
}

static const unsigned char pin[JOIN_PIN_BYTES] = "a pin of 16 byte";

static int open_table(struct fixture *fixture)
{
	struct error error;
	struct study_table_options options = {
	        .lease_ms = FIXTURE_LEASE_MS, .work = take_job, .on_event = hear, .context = fixture};
	int rc = store_open(&fixture->store, fixture->database, &error);
	if (rc == 0)
		rc = study_table_create(&fixture->table, fixture->store, &fixture->clock.clock, &options, &error);
	if (rc == 0)
		rc = access_init(&fixture->access, fixture->store, &fixture->clock.clock, &error);
	fixture->around = (struct surroundings){.table = fixture->table,
	        .access = &fixture->access,
	        .clock = &fixture->clock.clock,
	        .lease_ms = FIXTURE_LEASE_MS,
	        .stop = stop,
	        .context = fixture,
	        .pin = pin};
	return rc;
}

int fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){0};
	const char *parent = getenv("TMPDIR");
	snprintf(fixture->folder, sizeof fixture->folder, "%s/network-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(fixture->folder))
		return -errno;
	snprintf(fixture->database, sizeof fixture->database, "%s/trials.db", fixture->folder);
	snprintf(fixture->socket, sizeof fixture->socket, "%s/daemon.sock", fixture->folder);
	fake_clock_init(&fixture->clock);
	return open_table(fixture);
}

void fixture_restart(struct fixture *fixture)
{
	study_table_destroy(fixture->table);
	store_close(fixture->store);
	if (open_table(fixture) < 0)
		abort();
}

void fixture_finish(struct fixture *fixture)
{
	while (fixture->job_count > 0)
		fixture_do_job(fixture);
	study_table_destroy(fixture->table);
	store_close(fixture->store);
	folder_remove(AT_FDCWD, fixture->folder);
}

const char *fixture_create_request(const char *study)
{
	static char line[512];
	snprintf(line, sizeof line,
	        "{\"id\":1,\"method\":\"study.create\",\"params\":{\"spec\":{\"name\":\"%s\",\"method\":\"random\","
	        "\"seed\":7,"
	        "\"metric\":{\"name\":\"f1\",\"goal\":\"maximize\"},\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}}"
	        "}",
	        study);
	return line;
}
