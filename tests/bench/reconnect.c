/* Workers that come back at once: reconnect KRE_SEARCHD [WORKERS] starts that daemon on a home of its
 * own, has 500 workers (or WORKERS) come over TLS and take a run each, kills the daemon with kill -9,
 * starts it again, and measures from then on until all of them are greeted and have renewed the
 * leases that they had. Memory of the daemon is its RSS. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "schema/api/study.h"
#include "schema/api/lease.h"
#include "schema/api/work.h"
#include "schema/base/log.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/bench_network.h"

struct worker {
	struct bench *bench;
	struct link *link;
	struct lease_claim claim; /* of the run that it has */
	bool has_run;
	double greeted_s, renewed_s; /* after the daemon was started again; 0 = not yet */
};

struct bench {
	uv_loop_t loop;
	struct worker *workers;
	int count, ready; /* in this phase */
	bool again;       /* the daemon was killed once */
	uint64_t began_ns;
	size_t lost_runs, losses;
};

static double since_s(const struct bench *bench)
{
	return (double)(uv_hrtime() - bench->began_ns) / 1e9;
}

static void one_more(struct bench *bench)
{
	if (++bench->ready == bench->count)
		uv_stop(&bench->loop);
}

static void on_run(void *context, const struct call_reply *reply)
{
	struct worker *worker = context;
	if (!reply->answer) /* lost on the way in */
		return;
	const struct assigned_run *run = ((const struct ask_answer *)reply->answer)->run;
	bench_must(run, "no run was handed out");
	worker->claim = (struct lease_claim){run->id, run->lease};
	worker->has_run = true;
	one_more(worker->bench);
}

static void on_renewed(void *context, const struct call_reply *reply)
{
	struct worker *worker = context;
	if (!reply->answer) /* lost once more */
		return;
	const struct renew_answer *answer = reply->answer;
	worker->bench->lost_runs += answer->lost.count;
	worker->renewed_s = since_s(worker->bench);
	one_more(worker->bench);
}

static void on_up(void *context, const struct hello_answer *hello)
{
	struct worker *worker = context;
	const struct ask_request ask = {.study = "bench"};
	struct renew_request renew = {.leases = {1, &worker->claim}};
	(void)hello;
	struct link_request request = {METHOD_TRIAL_ASK, &ask, 0, on_run, worker};
	if (worker->has_run) {
		worker->greeted_s = since_s(worker->bench);
		request = (struct link_request){METHOD_LEASE_RENEW, &renew, 0, on_renewed, worker};
	}
	bench_must(link_call(worker->link, &request) == 0, "a request was not sent");
}

static void on_down(void *context, int why, const char *reason)
{
	struct worker *worker = context;
	(void)why, (void)reason;
	worker->bench->losses++;
}

static void create_study(struct link_sync *sync)
{
	static const char text[] = "{\"name\":\"bench\",\"method\":\"random\",\"metric\":{\"name\":\"f1\",\"goal\":"
	                           "\"maximize\"},\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}";
	const struct study_create_request wanted = {.spec = text};
	struct study_create_answer created;
	bench_call(sync, METHOD_STUDY_CREATE, &wanted, &created);
}

static void come(struct bench *bench, const char *address)
{
	struct error error;
	for (int i = 0; i < bench->count; i++) {
		struct worker *worker = &bench->workers[i];
		char name[32];
		snprintf(name, sizeof name, "worker-%d", i);
		*worker = (struct worker){.bench = bench};
		const struct link_options options = {
		        .address = address, .role = ROLE_WORKER, .name = name, .comes_back = true};
		const struct link_events events = {on_up, NULL, on_down, worker};
		bench_must(link_create(&worker->link, &bench->loop, &options, &events, &error) == 0, error.text);
	}
	uv_run(&bench->loop, UV_RUN_DEFAULT);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void print(const struct bench *bench, const char *what, size_t member)
{
	double *times = calloc((size_t)bench->count, sizeof *times);
	bench_must(times, "out of memory");
	for (int i = 0; i < bench->count; i++)
		memcpy(&times[i], (const char *)&bench->workers[i] + member, sizeof *times);
	qsort(times, (size_t)bench->count, sizeof *times, compare);
	printf("%-10s first %.2f s  half %.2f s  all %.2f s\n", what, times[0], times[bench->count / 2],
	        times[bench->count - 1]);
	free(times);
}

int main(int argc, char **argv)
{
	bench_must(argc >= 2, "usage: reconnect KRE_SEARCHD [WORKERS]");
	struct bench bench = {.count = argc > 2 ? atoi(argv[2]) : 500};
	struct bench_daemon daemon;
	char address[BENCH_ADDRESS_BYTES];
	bench.workers = calloc((size_t)bench.count, sizeof *bench.workers);
	bench_must(bench.workers, "out of memory");
	log_set_level(LOG_ERROR); /* each says that it is cut off */
	uv_loop_init(&bench.loop);
	struct link_sync *sync = bench_daemon_start(&daemon, argv[1]);
	create_study(sync);
	bench_network_open(address, sync);
	const long before_kb = bench_daemon_memory_kb(&daemon);
	bench.began_ns = uv_hrtime();
	come(&bench, address);
	const double first_s = since_s(&bench);
	const long idle_kb = bench_daemon_memory_kb(&daemon);
	printf("workers %d over TLS: all have a run after %.2f s; the daemon's memory %.1f MB with none, %.1f MB with "
	       "all idle, %.1f KB each\n",
	        bench.count, first_s, (double)before_kb / 1024, (double)idle_kb / 1024,
	        (double)(idle_kb - before_kb) / bench.count);
	bench.ready = 0;
	bench_daemon_kill(&daemon, sync);
	bench.began_ns = uv_hrtime();
	sync = bench_daemon_again(&daemon, argv[1]);
	const double serves_s = since_s(&bench);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	printf("killed and started again, serves after %.2f s\n", serves_s);
	print(&bench, "greeted", offsetof(struct worker, greeted_s));
	print(&bench, "renewed", offsetof(struct worker, renewed_s));
	printf("connections lost %zu times, runs lost %zu, processor time of the daemon until then %.2f s\n",
	        bench.losses, bench.lost_runs, bench_daemon_processor_s(&daemon));
	for (int i = 0; i < bench.count; i++)
		link_destroy(bench.workers[i].link);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench.loop);
	bench_daemon_kill(&daemon, sync);
	bench_daemon_remove(&daemon);
	free(bench.workers);
	return bench.lost_runs == 0 ? 0 : 1;
}
