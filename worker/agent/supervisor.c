#include "worker/agent/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COULD_NOT_START 127

static void on_agent_death(int signal_number)
{
	(void)signal_number;
	kill(0, SIGKILL);
}

/* The stop signal goes to the whole group; the supervisor stays, to tell how the program ended. */
static void keep_signals(void)
{
	struct sigaction death = {.sa_handler = on_agent_death}, ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGHUP, &death, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGINT, &ignore, NULL);
}

static void release_signals(void)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigaction(SIGHUP, &usual, NULL);
	sigaction(SIGTERM, &usual, NULL);
	sigaction(SIGINT, &usual, NULL);
}

static int become_program(rlim_t memory_bytes, char **argv)
{
	struct rlimit limit = {memory_bytes, memory_bytes};
	release_signals();
	if (memory_bytes && setrlimit(RLIMIT_AS, &limit) < 0)
		fprintf(stderr, "cannot limit memory: %s\n", strerror(errno));
	else if (execvp(argv[0], argv) < 0)
		fprintf(stderr, "cannot start '%s': %s\n", argv[0], strerror(errno));
	fflush(stderr);
	_exit(COULD_NOT_START);
}

static int die_alike(int signal_number)
{
	struct rlimit no_core = {0, 0};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	setrlimit(RLIMIT_CORE, &no_core);
	sigaction(signal_number, &usual, NULL);
	raise(signal_number);
	return 128 + signal_number;
}

static int await(pid_t program)
{
	int status;
	while (waitpid(program, &status, 0) < 0)
		if (errno != EINTR)
			return COULD_NOT_START;
	return WIFSIGNALED(status) ? die_alike(WTERMSIG(status)) : WEXITSTATUS(status);
}

int supervisor_run(int argc, char **argv)
{
	if (argc < 5)
		return COULD_NOT_START;
	keep_signals();
	/* The agent may have died before the kernel was asked to tell. */
	if (prctl(PR_SET_PDEATHSIG, SIGHUP) < 0 || getppid() != (pid_t)strtol(argv[2], NULL, 10))
		return COULD_NOT_START;
	pid_t program = fork();
	if (program == 0)
		return become_program((rlim_t)strtoull(argv[3], NULL, 10), argv + 4);
	if (program < 0) {
		fprintf(stderr, "cannot start '%s': %s\n", argv[4], strerror(errno));
		return COULD_NOT_START;
	}
	return await(program);
}
