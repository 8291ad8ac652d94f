#define _GNU_SOURCE /* nftw */
#include "tests/bench/bench_daemon.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void bench_must(bool good, const char *sentence)
{
	if (good)
		return;
	fprintf(stderr, "benchmark: %s\n", sentence);
	exit(1);
}

static pid_t spawn(const char *program, const char *home)
{
	pid_t child = fork();
	bench_must(child >= 0, "cannot fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(program, program, "--home", home, "--log-level=error", (char *)NULL);
		_exit(127);
	}
	return child;
}

static struct link_sync *connect_as_admin(const char *socket)
{
	struct link_options options = {.address = socket, .role = ROLE_ADMIN, .name = "bench"};
	struct link_sync *sync = NULL;
	struct error error;
	for (int i = 0; i < 500 && !sync; i++)
		if (link_sync_create(&sync, &options, 5000, &error) != 0)
			usleep(10000); /* it is still starting */
	bench_must(sync, error.text);
	return sync;
}

struct link_sync *bench_daemon_start(struct bench_daemon *daemon, const char *program)
{
	const char *parent = getenv("TMPDIR");
	snprintf(daemon->home, sizeof daemon->home, "%s/bench-XXXXXX", parent ? parent : "/tmp");
	bench_must(mkdtemp(daemon->home) != NULL, "cannot make a folder");
	snprintf(daemon->socket, sizeof daemon->socket, "%s/daemon.sock", daemon->home);
	snprintf(daemon->database, sizeof daemon->database, "%s/trials.db", daemon->home);
	signal(SIGPIPE, SIG_IGN);
	daemon->pid = spawn(program, daemon->home);
	return connect_as_admin(daemon->socket);
}

struct link_sync *bench_daemon_again(struct bench_daemon *daemon, const char *program)
{
	daemon->pid = spawn(program, daemon->home);
	return connect_as_admin(daemon->socket);
}

long bench_daemon_memory_kb(const struct bench_daemon *daemon)
{
	char path[64], line[200];
	long kb = 0;
	snprintf(path, sizeof path, "/proc/%d/status", (int)daemon->pid);
	FILE *file = fopen(path, "r");
	bench_must(file, "the daemon is gone");
	while (fgets(line, sizeof line, file))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kb = atol(line + 6);
	fclose(file);
	return kb;
}

double bench_daemon_processor_s(const struct bench_daemon *daemon)
{
	char path[64], line[1000] = "";
	long user = 0, kernel = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)daemon->pid);
	FILE *file = fopen(path, "r");
	bench_must(file && fgets(line, sizeof line, file), "the daemon is gone");
	fclose(file);
	sscanf(strrchr(line, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &kernel);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

void bench_daemon_kill(struct bench_daemon *daemon, struct link_sync *sync)
{
	link_sync_destroy(sync);
	kill(daemon->pid, SIGKILL);
	waitpid(daemon->pid, NULL, 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status, (void)kind, (void)at;
	return remove(path);
}

void bench_daemon_remove(const struct bench_daemon *daemon)
{
	nftw(daemon->home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void bench_call(struct link_sync *sync, enum method_id method, const void *params, void *answer)
{
	static struct arena arena; /* of the last call */
	arena_finish(&arena);
	struct link_question question = {method, params, answer, &arena, 0};
	struct error error;
	bench_must(link_sync_call(sync, &question, &error) == 0, error.text);
}
