/* A worker that only asks and tells: remote_worker ADDRESS SECONDS [STUDY] connects, says "ready", waits
 * for a line, and for so long asks for a run of the study (s), works out an objective of its
 * parameters and tells it. Then it says its processor time in seconds and, line by line, how many
 * ms each pair took. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "schema/api/work.h"
#include "tests/bench/bench_daemon.h"

enum { PAIRS_MOST = 1000000 };

/* Something to tell; what it is does not matter. */
static double objective(const char *params)
{
	uint64_t hash = 14695981039346656037u;
	for (; *params; params++)
		hash = (hash ^ (unsigned char)*params) * 1099511628211u;
	return (double)(hash % 8000) / 1000;
}

static void pair(struct link_sync *sync, const char *study)
{
	static const char *command = "true";
	const struct ask_request ask = {.study = study, .commands = {1, &command}};
	struct ask_answer answer;
	bench_call(sync, METHOD_TRIAL_ASK, &ask, &answer);
	bench_must(answer.run, "no run was handed out");
	const struct tell_request tell = {.claim = {answer.run->id, answer.run->lease},
	        .state = RUN_COMPLETE,
	        .value = {.given = true, .value = objective(answer.run->params)},
	        .reason = ""};
	struct tell_answer told;
	bench_call(sync, METHOD_TRIAL_TELL, &tell, &told);
}

int main(int argc, char **argv)
{
	static double ms[PAIRS_MOST];
	bench_must(argc >= 3, "usage: remote_worker ADDRESS SECONDS [STUDY]");
	const char *study = argc > 3 ? argv[3] : "s";
	const struct link_options options = {.address = argv[1], .role = ROLE_WORKER, .name = "bench"};
	struct link_sync *sync;
	struct error error;
	size_t count = 0;
	bench_must(link_sync_create(&sync, &options, 10000, &error) == 0, error.text);
	puts("ready");
	fflush(stdout);
	bench_must(getchar() == '\n', "nobody said to begin");
	const uint64_t end_ns = uv_hrtime() + (uint64_t)(atof(argv[2]) * 1e9);
	for (uint64_t began_ns; (began_ns = uv_hrtime()) < end_ns && count < PAIRS_MOST; count++) {
		pair(sync, study);
		ms[count] = (double)(uv_hrtime() - began_ns) / 1e6;
	}
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	printf("%.3f\n", (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	                         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	for (size_t i = 0; i < count; i++)
		printf("%.4f\n", ms[i]);
	link_sync_destroy(sync);
	return 0;
}
