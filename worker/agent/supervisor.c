#include "worker/agent/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/clock.h"
#include "worker/agent/descendants.h"
#include "worker/agent/usage_note.h"

#define COULD_NOT_START 127
#define LOOK_MS 250  /* how often the memory of all processes is looked at */
#define REST_MS 5000 /* the same, where they may take what they like */
#define BURIAL_MS 10 /* between two rounds of killing what is left */
#define BURIAL_ROUNDS 500

struct supervisor {
	pid_t agent, program;
	int64_t memory_bytes; /* that all processes of the run may take together; 0 = no limit */
	int64_t looked_ms, started_ms;
	int64_t peak_bytes; /* the most that was seen */
	int status;         /* of the program, when it has ended */
	sigset_t usual;     /* signals that the program finds blocked */
};

/* ---- signals ---- */

/* They are taken one by one: nothing is done inside a handler. */
static sigset_t watched_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&set, numbers[i]);
	return set;
}

/* The next signal, or 0 after `most_ms`. */
static int await_signal(siginfo_t *out, int64_t most_ms)
{
	const sigset_t watched = watched_signals();
	const struct timespec most = {most_ms / 1000, most_ms % 1000 * 1000000};
	int number = sigtimedwait(&watched, out, &most);
	return number < 0 ? 0 : number;
}

/* The program may send one to its whole group: that is between its processes. */
static bool is_the_agents_end(const struct supervisor *run, int number, const siginfo_t *signal)
{
	return number == SIGHUP && (signal->si_pid == run->agent || getppid() != run->agent);
}

/* ---- processes ---- */

static void signal_all(int number, pid_t except_group)
{
	struct descendants all;
	if (descendants_init(&all, getpid()) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].group != except_group)
			kill(all.items[i].pid, number);
	descendants_finish(&all);
}

/* Children whose parents ended become ours (PR_SET_CHILD_SUBREAPER). True when the program itself
 * has ended. */
static bool reap(struct supervisor *run)
{
	int status;
	pid_t pid;
	bool ended = false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == run->program)
			run->status = status;
		ended |= pid == run->program;
	}
	return ended;
}

/* Whoever was about to start another process did so before it was killed: until none is left. */
static void bury_all(struct supervisor *run)
{
	siginfo_t signal;
	for (int round = 0; round < BURIAL_ROUNDS; round++) {
		reap(run);
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		signal_all(SIGKILL, 0);
		await_signal(&signal, BURIAL_MS);
	}
}

static int die_alike(int signal_number)
{
	struct rlimit no_core = {0, 0};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t all;
	sigfillset(&all);
	setrlimit(RLIMIT_CORE, &no_core);
	sigaction(signal_number, &usual, NULL);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	raise(signal_number);
	return 128 + signal_number;
}

/* ---- memory ---- */

static int64_t now_ms(void)
{
	return clock_system()->monotonic(clock_system()).ms;
}

static int64_t look_ms(const struct supervisor *run)
{
	return run->memory_bytes ? LOOK_MS : REST_MS;
}

/* Also notes the most that they took. One process alone cannot take more than the kernel lets it;
 * several together can. */
static bool takes_too_much(struct supervisor *run)
{
	const int64_t now = now_ms(), most = run->memory_bytes ? run->memory_bytes : INT64_MAX;
	struct descendants all;
	if (now - run->looked_ms < look_ms(run) || descendants_init(&all, getpid()) < 0)
		return false;
	run->looked_ms = now;
	const int64_t taken = descendants_memory(&all, most < run->peak_bytes ? most : run->peak_bytes);
	const size_t count = all.count;
	descendants_finish(&all);
	if (taken > run->peak_bytes)
		run->peak_bytes = taken;
	if (taken <= most)
		return false;
	bury_all(run);
	fprintf(stderr, SUPERVISOR_MEMORY_WORDS ": %zu processes took %lld MB together\n", count,
	        (long long)(taken >> 20));
	return true;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* When all are buried: whoever was waited for counts, by us or by a parent. Between two looks one
 * process may have taken more than all were seen to take, and of each the kernel keeps the most. */
static void note_usage(const struct supervisor *run)
{
	struct rusage used;
	if (getrusage(RUSAGE_CHILDREN, &used) < 0)
		return;
	const int64_t largest = (int64_t)used.ru_maxrss << 10;
	const int64_t peak = largest > run->peak_bytes ? largest : run->peak_bytes;
	const struct run_usage usage = {.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime),
	        .peak_mb = (double)peak / (1 << 20),
	        .wall_s = (double)(now_ms() - run->started_ms) / 1000};
	usage_note_write(SUPERVISOR_NOTE, &usage);
}

/* ---- life ---- */

/* A lower limit of the user's own (ulimit -v) stays: only root could raise it. */
static int limit_memory(rlim_t most)
{
	struct rlimit own;
	if (getrlimit(RLIMIT_AS, &own) < 0)
		return -1;
	most = most < own.rlim_max ? most : own.rlim_max;
	return setrlimit(RLIMIT_AS, &(struct rlimit){most, most});
}

static int become_program(const struct supervisor *run, char **argv)
{
	sigprocmask(SIG_SETMASK, &run->usual, NULL);
	if (run->memory_bytes && limit_memory((rlim_t)run->memory_bytes) < 0)
		fprintf(stderr, "cannot limit memory: %s\n", strerror(errno));
	else if (execvp(argv[0], argv) < 0)
		fprintf(stderr, "cannot start '%s': %s\n", argv[0], strerror(errno));
	fflush(stderr);
	_exit(COULD_NOT_START);
}

/* The stop signal goes to the group; the supervisor stays, to tell how the program ended, and hands
 * it to those that left the group. */
static int watch(struct supervisor *run)
{
	siginfo_t signal;
	while (!reap(run)) {
		int number = await_signal(&signal, look_ms(run));
		if (number == SIGTERM || number == SIGINT)
			signal_all(number, getpgrp());
		if (is_the_agents_end(run, number, &signal) || takes_too_much(run)) {
			bury_all(run);
			note_usage(run);
			return die_alike(SIGKILL);
		}
	}
	bury_all(run);
	note_usage(run);
	return WIFSIGNALED(run->status) ? die_alike(WTERMSIG(run->status)) : WEXITSTATUS(run->status);
}

int supervisor_run(int argc, char **argv)
{
	if (argc < 5)
		return COULD_NOT_START;
	struct supervisor run = {.agent = (pid_t)strtol(argv[2], NULL, 10), .memory_bytes = strtoll(argv[3], NULL, 10)};
	run.started_ms = now_ms();
	fcntl(SUPERVISOR_NOTE, F_SETFD, FD_CLOEXEC); /* the program has nothing to do with it */
	const sigset_t watched = watched_signals();
	sigprocmask(SIG_BLOCK, &watched, &run.usual);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* The agent may have died before the kernel was asked to tell. */
	if (prctl(PR_SET_PDEATHSIG, SIGHUP) < 0 || getppid() != run.agent)
		return COULD_NOT_START;
	run.program = fork();
	if (run.program == 0)
		return become_program(&run, argv + 4);
	if (run.program < 0) {
		fprintf(stderr, "cannot start '%s': %s\n", argv[4], strerror(errno));
		return COULD_NOT_START;
	}
	return watch(&run);
}
