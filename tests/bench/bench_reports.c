/* How many durable reports a second a daemon takes and how long each waits: bench_reports KRE_SEARCHD [WORKERS [SECONDS]]
 * starts that daemon on a home of its own, lets 50 workers (or WORKERS) ask, report 20 steps and tell on a connection each, one
 * request at a time, for 10 s (or SECONDS), checks that the file holds every acknowledged report, and prints figures. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/message/client.h"
#include "schema/space/json.h"

enum { STEPS = 20, LATENCIES_MAX = 4000000 };

struct bench {
	uv_loop_t loop;
	uint64_t end_ns;
	double *latencies_ms; /* of reports */
	size_t report_count, tell_count;
	int open_count;
};

struct worker {
	struct bench *bench;
	struct client *client;
	double run, lease;
	int step;
	uint64_t sent_ns;
};

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_reports: %s\n", what);
	exit(1);
}

static void next(struct worker *worker);

static void on_answer(void *context, const struct client_reply *reply)
{
	struct worker *worker = context;
	struct bench *bench = worker->bench;
	must(reply->result != NULL, reply->error_text ? reply->error_text : "a connection was lost");
	if (worker->step > 0 && worker->step <= STEPS && bench->report_count < LATENCIES_MAX)
		bench->latencies_ms[bench->report_count++] = (double)(uv_hrtime() - worker->sent_ns) / 1e6;
	bench->tell_count += worker->step > STEPS;
	const cJSON *run = cJSON_GetObjectItemCaseSensitive(reply->result, "run");
	if (run) {
		worker->run = json_double(run, "run", -1);
		worker->lease = json_double(run, "lease", -1);
	}
	worker->step = worker->step > STEPS ? 0 : worker->step + 1;
	next(worker);
}

/* Step 0 asks, 1 to STEPS report, STEPS + 1 tells. */
static void next(struct worker *worker)
{
	if (uv_hrtime() > worker->bench->end_ns) {
		client_destroy(worker->client);
		worker->bench->open_count--;
		return;
	}
	const char *method = worker->step == 0 ? "trial.ask" : worker->step > STEPS ? "trial.tell" : "trial.report";
	cJSON *params = cJSON_CreateObject();
	if (worker->step > 0) {
		cJSON_AddNumberToObject(params, "run", worker->run);
		cJSON_AddNumberToObject(params, "lease", worker->lease);
		cJSON_AddNumberToObject(params, "value", 1.0 - 1.0 / (worker->step + worker->run));
	}
	if (worker->step > STEPS)
		cJSON_AddStringToObject(params, "state", "complete");
	else if (worker->step > 0)
		cJSON_AddNumberToObject(params, "step", worker->step - 1);
	worker->sent_ns = uv_hrtime();
	must(client_call(worker->client, method, params, 0, on_answer, worker) == 0, "a request was not sent");
}

static void on_ready(void *context, const cJSON *hello)
{
	(void)hello;
	next(context);
}

static void on_closed(void *context, const char *reason)
{
	(void)context;
	must(0, reason);
}

static pid_t start_daemon(const char *program, const char *home)
{
	pid_t child = fork();
	must(child >= 0, "cannot fork");
	if (child == 0) {
		execl(program, program, "--home", home, "--log-level=error", (char *)NULL);
		_exit(127);
	}
	return child;
}

static void create_study(const char *socket)
{
	static const char spec[] = "{\"spec\":{\"name\":\"bench\",\"method\":\"random\",\"seed\":1,\"metric\":{"
	                           "\"name\":\"f1\",\"goal\":\"maximize\"},"
	                           "\"parameters\":{\"a\":{\"min\":0.0,\"max\":1.0},\"b\":{\"min\":1,\"max\":64},\"c\":"
	                           "{\"values\":[\"x\",\"y\"]}}}}";
	struct client_options options = {socket, ROLE_ADMIN, "bench", NULL};
	struct client_sync *sync = NULL;
	struct error error;
	for (int i = 0; i < 500 && !sync; i++)
		if (client_sync_create(&sync, &options, 5000, &error) != 0)
			usleep(10000); /* it is still starting */
	must(sync != NULL, error.text);
	cJSON *result = NULL;
	int code;
	must(client_sync_call(sync, "study.create", json_parse(spec, sizeof spec - 1, &error), &result, &code, NULL,
	             &error) == 0,
	        error.text);
	cJSON_Delete(result);
	client_sync_destroy(sync);
}

static int64_t count_rows(const char *database)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	must(sqlite3_open(database, &db) == SQLITE_OK, "cannot open the file");
	must(sqlite3_prepare_v2(db, "select count(*) from trial_intermediate_values", -1, &statement, NULL) ==
	                SQLITE_OK,
	        "cannot read the file");
	must(sqlite3_step(statement) == SQLITE_ROW, "cannot count");
	int64_t count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return count;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static void run_workers(struct bench *bench, const char *socket, int count, double seconds)
{
	struct worker *workers = calloc((size_t)count, sizeof *workers);
	must(workers != NULL, "out of memory");
	bench->end_ns = uv_hrtime() + (uint64_t)(seconds * 1e9);
	bench->open_count = count;
	for (int i = 0; i < count; i++) {
		char name[32];
		struct error error;
		snprintf(name, sizeof name, "worker-%d", i);
		struct client_options options = {socket, ROLE_WORKER, name, NULL};
		struct client_events events = {on_ready, NULL, on_closed, &workers[i]};
		workers[i].bench = bench;
		must(client_create(&workers[i].client, &bench->loop, &options, &events, &error) == 0, error.text);
	}
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	free(workers);
}

static void print(const struct bench *bench, int workers, double seconds)
{
	size_t n = bench->report_count;
	must(n > 0, "no report was answered");
	qsort(bench->latencies_ms, n, sizeof *bench->latencies_ms, compare);
	printf("workers %d  reports/s %.0f  trials/s %.0f  latency ms: median %.2f  p99 %.2f  max %.2f\n", workers,
	        (double)n / seconds, (double)bench->tell_count / seconds, bench->latencies_ms[n / 2],
	        bench->latencies_ms[n * 99 / 100], bench->latencies_ms[n - 1]);
}

int main(int argc, char **argv)
{
	struct bench bench = {.latencies_ms = malloc(LATENCIES_MAX * sizeof(double))};
	char home[256], socket[300], database[300];
	must(argc >= 2 && bench.latencies_ms, "usage: bench_reports KRE_SEARCHD [WORKERS [SECONDS]]");
	int workers = argc > 2 ? atoi(argv[2]) : 50;
	double seconds = argc > 3 ? atof(argv[3]) : 10;
	const char *parent = getenv("TMPDIR");
	snprintf(home, sizeof home, "%s/bench-reports-XXXXXX", parent ? parent : "/tmp");
	must(mkdtemp(home) != NULL, "cannot make a folder");
	snprintf(socket, sizeof socket, "%s/daemon.sock", home);
	snprintf(database, sizeof database, "%s/trials.db", home);
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&bench.loop);
	pid_t daemon = start_daemon(argv[1], home);
	create_study(socket);
	run_workers(&bench, socket, workers, seconds);
	kill(daemon, SIGKILL); /* what was acknowledged is in the file without a polite end */
	waitpid(daemon, NULL, 0);
	int64_t kept = count_rows(database);
	print(&bench, workers, seconds);
	printf("reports acknowledged %zu, in the file %" PRId64 "\n", bench.report_count, kept);
	uv_loop_close(&bench.loop);
	free(bench.latencies_ms);
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return kept >= (int64_t)bench.report_count ? 0 : 1;
}
