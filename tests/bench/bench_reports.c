/* How many durable reports a second a daemon takes and how long each waits: bench_reports [--tls |
 * --flood | --downloads] KRE_SEARCHD [WORKERS [SECONDS [SAMPLER [TRIALS [JUDGES]]]]] starts that daemon on a home of its
 * own, lets 50 workers (or WORKERS) ask, report 20 steps and tell on a connection each, one request
 * at a time, for 10 s (or SECONDS), checks that the file holds every acknowledged report, and
 * prints figures. With --tls they come over the network, with --flood through a crowd of strangers who
 * begin handshakes as fast as they can, with --downloads beside 20 connections that fetch a file.
 *
 * With a SAMPLER ("gp") there is a second study of six parameters with 200 finished trials (or
 * TRIALS): one more worker asks it for trials and completes them all the time, somebody looks at
 * the list of studies, which costs nothing (how long that takes is how long the daemon's loop was
 * busy with something else), and JUDGES (1) ask all the time how parameters matter (fanova). */
#define _DEFAULT_SOURCE /* drand48 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/api/study.h"
#include "schema/api/trial.h"
#include "schema/api/work.h"
#include "schema/transport/link_sync.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_downloads.h"
#include "tests/bench/bench_network.h"

enum { STEPS = 20, LATENCIES_MAX = 4000000 };

struct series {
	const char *what;
	double *ms; /* (LATENCIES_MAX) */
	size_t count;
};

struct bench {
	uv_loop_t loop;
	uint64_t end_ns;
	struct series asks, reports, thoughts, judgements, looks; /* thoughts: asks of the second study */
	size_t tell_count;
};

/* Repeats one method, or trials of so many steps. */
struct worker {
	struct bench *bench;
	struct link *link;
	int method; /* enum method_id, that it repeats; -1 = trials */
	const char *study;
	int steps;
	struct series *series; /* of its asks, or of its method */
	struct lease_claim claim;
	int step;
	uint64_t sent_ns;
};

static void next(struct worker *worker);

static void note(struct series *series, uint64_t sent_ns)
{
	if (series->count < LATENCIES_MAX)
		series->ms[series->count++] = (double)(uv_hrtime() - sent_ns) / 1e6;
}

static void on_answer(void *context, const struct call_reply *reply)
{
	struct worker *worker = context;
	struct bench *bench = worker->bench;
	bench_must(reply->answer, reply->error_text ? reply->error_text : "a connection was lost");
	if (worker->step == 0)
		note(worker->series, worker->sent_ns);
	else if (worker->step <= worker->steps)
		note(&bench->reports, worker->sent_ns);
	bench->tell_count += worker->step > STEPS;
	if (worker->method < 0 && worker->step == 0) {
		const struct assigned_run *run = ((const struct ask_answer *)reply->answer)->run;
		bench_must(run, "no run was handed out");
		worker->claim = (struct lease_claim){run->id, run->lease};
	}
	worker->step = worker->method >= 0 || worker->step > worker->steps ? 0 : worker->step + 1;
	next(worker);
}

static void say(struct worker *worker, enum method_id method, const void *params)
{
	worker->sent_ns = uv_hrtime();
	bench_must(link_call(worker->link, &(struct link_request){method, params, 0, on_answer, worker}) == 0,
	        "a request was not sent");
}

/* Step 0 asks, the following report, the last one tells. */
static void next_step(struct worker *worker)
{
	double score = 1.0 - 1.0 / (double)(worker->step + worker->claim.run_id);
	struct given_number value = {.given = true, .value = score};
	const struct ask_request ask = {.study = worker->study};
	const struct report_request report = {.claim = worker->claim, .step = worker->step - 1, .value = value};
	const struct tell_request tell = {.claim = worker->claim, .state = RUN_COMPLETE, .value = value, .reason = ""};
	if (worker->step == 0)
		say(worker, METHOD_TRIAL_ASK, &ask);
	else if (worker->step <= worker->steps)
		say(worker, METHOD_TRIAL_REPORT, &report);
	else
		say(worker, METHOD_TRIAL_TELL, &tell);
}

static void next(struct worker *worker)
{
	const struct importance_request importance = {.study = worker->study, .method = "fanova"};
	const struct study_request look = {worker->study};
	if (uv_hrtime() > worker->bench->end_ns)
		link_destroy(worker->link);
	else if (worker->method < 0)
		next_step(worker);
	else
		say(worker, (enum method_id)worker->method,
		        worker->method == METHOD_STUDY_IMPORTANCE ? (const void *)&importance : &look);
}

static void on_ready(void *context, const struct hello_answer *hello)
{
	(void)hello;
	next(context);
}

static void on_closed(void *context, int why, const char *reason)
{
	(void)context, (void)why;
	bench_must(0, reason);
}

static void create_study(struct link_sync *sync, const char *json)
{
	struct study_create_request wanted = {.spec = json};
	struct study_create_answer made;
	bench_call(sync, METHOD_STUDY_CREATE, &wanted, &made);
}

/* A trial at that point, from the queue to its end. */
static void try_point(struct link_sync *sync, const char *params, double value)
{
	struct trial_enqueue_request point = {"thinks", params};
	struct trial_enqueue_answer queued;
	struct ask_request ask = {.study = "thinks"};
	struct ask_answer asked;
	struct tell_answer told;
	bench_call(sync, METHOD_TRIAL_ENQUEUE, &point, &queued);
	bench_call(sync, METHOD_TRIAL_ASK, &ask, &asked);
	bench_must(asked.run, "no run was handed out");
	struct tell_request tell = {.claim = {asked.run->id, asked.run->lease},
	        .state = RUN_COMPLETE,
	        .value = {.given = true, .value = value},
	        .reason = ""};
	bench_call(sync, METHOD_TRIAL_TELL, &tell, &told);
}

/* Finished trials that no sampler had to think about. */
static void add_thoughtful_study(struct link_sync *sync, const char *sampler, int trials)
{
	char json[700];
	snprintf(json, sizeof json,
	        "{\"name\":\"thinks\",\"method\":\"%s\",\"seed\":1,\"metric\":{\"name\":\"f1\",\"goal\":"
	        "\"maximize\"},\"parameters\":{\"a\":{\"min\":0.0,\"max\":1.0},\"b\":{\"min\":0.0,\"max\":1.0},\"c\":{"
	        "\"min\":0.0,\"max\":1.0},\"d\":{\"min\":0.0,\"max\":1.0},\"e\":{\"min\":0.0,\"max\":1.0},\"f\":{"
	        "\"min\":"
	        "0.0,\"max\":1.0}}}",
	        sampler);
	create_study(sync, json);
	srand48(1);
	for (int i = 0; i < trials; i++) {
		double a = drand48(), b = drand48(), c = drand48();
		snprintf(json, sizeof json, "{\"a\":%.9f,\"b\":%.9f,\"c\":%.9f,\"d\":%.9f,\"e\":%.9f,\"f\":%.9f}", a, b,
		        c, drand48(), drand48(), drand48());
		try_point(sync, json, a * (1 - b) + c * c / 2);
	}
}

static void create_studies(struct link_sync *sync, const char *sampler, int trials)
{
	static const char spec[] = "{\"name\":\"bench\",\"method\":\"random\",\"seed\":1,\"metric\":{"
	                           "\"name\":\"f1\",\"goal\":\"maximize\"},"
	                           "\"parameters\":{\"a\":{\"min\":0.0,\"max\":1.0},\"b\":{\"min\":1,\"max\":64},\"c\":"
	                           "{\"values\":[\"x\",\"y\"]}}}";
	create_study(sync, spec);
	if (sampler)
		add_thoughtful_study(sync, sampler, trials);
}

static int64_t count_rows(const char *database)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	bench_must(sqlite3_open(database, &db) == SQLITE_OK, "cannot open the file");
	bench_must(sqlite3_prepare_v2(db, "select count(*) from trial_intermediate_values", -1, &statement, NULL) ==
	                   SQLITE_OK,
	        "cannot read the file");
	bench_must(sqlite3_step(statement) == SQLITE_ROW, "cannot count");
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

static void run_workers(struct bench *bench, const char *address, int count, int others)
{
	struct worker *workers = calloc((size_t)(count + others) + 2, sizeof *workers);
	bench_must(workers, "out of memory");
	for (int i = 0; i < count; i++)
		workers[i] = (struct worker){.study = "bench", .method = -1, .steps = STEPS, .series = &bench->asks};
	workers[count] = (struct worker){.study = "thinks", .method = -1, .series = &bench->thoughts};
	workers[count + 1] = (struct worker){.study = "thinks", .method = METHOD_STUDY_LIST, .series = &bench->looks};
	for (int i = 2; i < others; i++)
		workers[count + i] = (struct worker){
		        .study = "thinks", .method = METHOD_STUDY_IMPORTANCE, .series = &bench->judgements};
	for (int i = 0; i < count + others; i++) {
		char name[32];
		struct error error;
		snprintf(name, sizeof name, "worker-%d", i);
		struct link_options options = {
		        .address = address, .role = i < count ? ROLE_WORKER : ROLE_ADMIN, .name = name};
		struct link_events events = {on_ready, NULL, on_closed, &workers[i]};
		workers[i].bench = bench;
		bench_must(link_create(&workers[i].link, &bench->loop, &options, &events, &error) == 0, error.text);
	}
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	free(workers);
}

static void print(struct series *series)
{
	size_t n = series->count;
	if (n == 0)
		return;
	qsort(series->ms, n, sizeof *series->ms, compare);
	printf("%-10s %8zu  ms: median %.2f  p99 %.2f  max %.2f\n", series->what, n, series->ms[n / 2],
	        series->ms[n * 99 / 100], series->ms[n - 1]);
}

int main(int argc, char **argv)
{
	struct bench bench = {.asks.what = "asks",
	        .reports.what = "reports",
	        .thoughts.what = "thoughts",
	        .judgements.what = "judgements",
	        .looks.what = "looks"};
	struct series *all[] = {&bench.asks, &bench.reports, &bench.thoughts, &bench.judgements, &bench.looks};
	struct bench_daemon daemon;
	const bool floods = argc > 1 && strcmp(argv[1], "--flood") == 0;
	const bool downloads = argc > 1 && strcmp(argv[1], "--downloads") == 0;
	const bool secure = floods || downloads || (argc > 1 && strcmp(argv[1], "--tls") == 0);
	char address[BENCH_ADDRESS_BYTES];
	argc -= secure;
	argv += secure;
	bench_must(argc >= 2, "usage: bench_reports [--tls | --flood | --downloads] KRE_SEARCHD [WORKERS [SECONDS "
	                      "[SAMPLER [TRIALS [JUDGES]]]]]");
	for (int i = 0; i < 5; i++)
		bench_must((all[i]->ms = malloc(LATENCIES_MAX * sizeof(double))) != NULL, "out of memory");
	int workers = argc > 2 ? atoi(argv[2]) : 50;
	double seconds = argc > 3 ? atof(argv[3]) : 10;
	int judges = argc > 6 ? atoi(argv[6]) : 1;
	const char *sampler = argc > 4 ? argv[4] : NULL;
	uv_loop_init(&bench.loop);
	struct link_sync *sync = bench_daemon_start(&daemon, argv[1]);
	create_studies(sync, sampler, argc > 5 ? atoi(argv[5]) : 200);
	if (secure)
		bench_network_open(address, sync);
	if (downloads)
		bench_file_make(sync);
	pid_t flood = floods ? bench_flood_start(address) : 0;
	pid_t fetching = downloads ? bench_downloads_start(address, 20) : 0;
	bench.end_ns = uv_hrtime() + (uint64_t)(seconds * 1e9);
	run_workers(&bench, secure ? address : daemon.socket, workers, sampler ? 2 + judges : 0);
	if (floods)
		bench_flood_stop(flood);
	if (downloads)
		bench_downloads_stop(fetching);
	bench_daemon_kill(&daemon, sync); /* what was acknowledged is in the file without a polite end */
	int64_t kept = count_rows(daemon.database);
	printf("workers %d  reports/s %.0f  trials/s %.0f\n", workers, (double)bench.reports.count / seconds,
	        (double)bench.tell_count / seconds);
	for (int i = 0; i < 5; i++)
		print(all[i]);
	printf("reports acknowledged %zu, in the file %" PRId64 "\n", bench.reports.count, kept);
	uv_loop_close(&bench.loop);
	for (int i = 0; i < 5; i++)
		free(all[i]->ms);
	bench_daemon_remove(&daemon);
	return kept >= (int64_t)bench.reports.count ? 0 : 1;
}
