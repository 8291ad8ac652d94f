/* How long the turns of a daemon's loop are: LD_PRELOAD=…/libloop_turns.so LOOP_TURNS=FILE
 * bench_reports kre-searchd … keeps FILE.kre-searchd up to date (and FILE.bench_reports for the
 * other loop), also when the daemon is killed. A turn is what the loop's thread does between two
 * waits; counted is the time it computed, which does not grow when other programs keep the machine
 * busy, and beside it the time that passed. */
#define _GNU_SOURCE /* program_invocation_short_name */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { STEPS = 8, FILE_BYTES = 4096 };

/* Turns that computed longer than so many milliseconds. */
static const double steps_ms[STEPS] = {0.5, 1, 2, 5, 10, 20, 50, 100};

static struct {
	char *file; /* mapped */
	unsigned long turns, longer[STEPS];
	double cpu_ms, wall_ms; /* when the turn began */
	double most_cpu_ms, most_wall_ms;
} loop;

static double now_ms(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static void open_file(void)
{
	char path[4096];
	const char *file = getenv("LOOP_TURNS");
	snprintf(path, sizeof path, "%s.%s", file ? file : "turns", program_invocation_short_name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || ftruncate(fd, FILE_BYTES) < 0)
		abort();
	loop.file = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (loop.file == MAP_FAILED)
		abort();
	close(fd);
}

static void write_file(void)
{
	int length = snprintf(loop.file, FILE_BYTES, "turns %lu  most computed %.2f ms  most passed %.2f ms\n",
	        loop.turns, loop.most_cpu_ms, loop.most_wall_ms);
	for (int i = 0; i < STEPS; i++)
		length += snprintf(loop.file + length, (size_t)(FILE_BYTES - length), "over %g ms: %lu\n", steps_ms[i],
		        loop.longer[i]);
}

static void end_turn(void)
{
	double cpu_ms = now_ms(CLOCK_THREAD_CPUTIME_ID) - loop.cpu_ms;
	double wall_ms = now_ms(CLOCK_MONOTONIC) - loop.wall_ms;
	loop.turns++;
	for (int i = 0; i < STEPS; i++)
		loop.longer[i] += cpu_ms > steps_ms[i];
	bool news = cpu_ms > loop.most_cpu_ms || wall_ms > loop.most_wall_ms || cpu_ms > steps_ms[0];
	loop.most_cpu_ms = cpu_ms > loop.most_cpu_ms ? cpu_ms : loop.most_cpu_ms;
	loop.most_wall_ms = wall_ms > loop.most_wall_ms ? wall_ms : loop.most_wall_ms;
	if (news || loop.turns % 1024 == 0)
		write_file();
}

/* What libuv waits with. The first turn is the start of the program and does not count. */
int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms)
{
	if (!loop.file)
		open_file();
	else
		end_turn();
	int found = epoll_pwait(epoll, events, count, timeout_ms, NULL);
	loop.cpu_ms = now_ms(CLOCK_THREAD_CPUTIME_ID);
	loop.wall_ms = now_ms(CLOCK_MONOTONIC);
	return found;
}
