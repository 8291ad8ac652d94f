/* What one trial costs from end to end: ask_tell KRE_SEARCHD [TRIALS [ROUNDS]] starts that daemon
 * on a home of its own, brings a study of eight mixed parameters (those of ask_speed) to 1,000
 * trials (or TRIALS) by TPE, then times 200 (or ROUNDS) asks and tells, one after the other, each
 * in the file when it is answered. Beside that, what the disk alone wants for it: two writes of a
 * page that are synchronized. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/api/study.h"
#include "schema/api/work.h"
#include "tests/bench/bench_daemon.h"

enum { PAGE_BYTES = 4096, ROUNDS_MAX = 100000 };

static const char spec[] =
        "{\"name\":\"bench\",\"method\":\"tpe\",\"seed\":1,\"budget\":{\"trials\":1000000},"
        "\"metric\":{\"name\":\"f1\",\"goal\":\"maximize\"},\"parameters\":{"
        "\"lr\":{\"min\":1e-5,\"max\":0.1,\"log\":true},\"dropout\":{\"min\":0.0,\"max\":0.6},"
        "\"warmup\":{\"min\":0.0,\"max\":0.6,\"step\":0.1},\"layers\":{\"min\":1,\"max\":8},"
        "\"hidden\":{\"min\":32,\"max\":512,\"step\":32},\"width\":{\"min\":16,\"max\":1024,\"log\":true},"
        "\"activation\":{\"values\":[\"relu\",\"tanh\",\"gelu\"]},\"loss\":{\"values\":[\"ce\",\"focal\",\"smooth\"]}}"
        "}";

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, compare);
	return values[count / 2];
}

static double since_us(uint64_t start_ns)
{
	return (double)(uv_hrtime() - start_ns) / 1e3;
}

static struct lease_claim ask(struct link_sync *sync)
{
	struct ask_request request = {.study = "bench"};
	struct ask_answer answer;
	bench_call(sync, METHOD_TRIAL_ASK, &request, &answer);
	bench_must(answer.run, "no run was handed out");
	return (struct lease_claim){answer.run->id, answer.run->lease};
}

static void tell(struct link_sync *sync, struct lease_claim claim)
{
	double value = (double)((claim.run_id * 7919) % 1000) / 1000;
	struct tell_request request = {
	        .claim = claim, .state = RUN_COMPLETE, .value = {.given = true, .value = value}, .reason = ""};
	struct tell_answer answer;
	bench_call(sync, METHOD_TRIAL_TELL, &request, &answer);
}

static void time_trials(struct link_sync *sync, double *ask_us, double *tell_us, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		uint64_t start_ns = uv_hrtime();
		struct lease_claim claim = ask(sync);
		ask_us[i] = since_us(start_ns);
		start_ns = uv_hrtime();
		tell(sync, claim);
		tell_us[i] = since_us(start_ns);
	}
}

/* The median of so many pages, each written over and synchronized, in the daemon's folder. */
static double disk_us(const struct bench_daemon *daemon, double *each_us, int rounds)
{
	char path[300], page[PAGE_BYTES] = {0};
	snprintf(path, sizeof path, "%s/page", daemon->home);
	int file = open(path, O_RDWR | O_CREAT, 0600);
	bench_must(file >= 0, "cannot make a file");
	for (int i = 0; i < rounds; i++) {
		uint64_t start_ns = uv_hrtime();
		memset(page, i, sizeof page);
		bench_must(pwrite(file, page, sizeof page, 0) == PAGE_BYTES && fdatasync(file) == 0, "cannot write");
		each_us[i] = since_us(start_ns);
	}
	close(file);
	return median(each_us, rounds);
}

int main(int argc, char **argv)
{
	static double ask_us[ROUNDS_MAX], tell_us[ROUNDS_MAX], page_us[ROUNDS_MAX];
	int trials = argc > 2 ? atoi(argv[2]) : 1000, rounds = argc > 3 ? atoi(argv[3]) : 200;
	struct bench_daemon daemon;
	struct study_create_request wanted = {.spec = spec};
	struct study_create_answer made;
	bench_must(argc >= 2 && rounds > 0 && rounds <= ROUNDS_MAX, "usage: ask_tell KRE_SEARCHD [TRIALS [ROUNDS]]");
	struct link_sync *sync = bench_daemon_start(&daemon, argv[1]);
	bench_call(sync, METHOD_STUDY_CREATE, &wanted, &made);
	for (int i = 0; i < trials; i++)
		tell(sync, ask(sync));
	time_trials(sync, ask_us, tell_us, rounds);
	bench_daemon_kill(&daemon, sync);
	double page = disk_us(&daemon, page_us, rounds), asked = median(ask_us, rounds), told = median(tell_us, rounds);
	bench_daemon_remove(&daemon);
	printf("ask and tell %d trials: %.0f us (ask %.0f, tell %.0f; two synchronized pages %.0f)\n", trials,
	        asked + told, asked, told, 2 * page);
	return 0;
}
