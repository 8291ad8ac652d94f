/* One trainer as a process: started through the supervisor in a group of its own, heard through
 * pipes, stopped, timed, buried. */
#ifndef WORKER_AGENT_RUN_PROCESS_H
#define WORKER_AGENT_RUN_PROCESS_H

#include <stdbool.h>
#include <uv.h>

#include "worker/agent/assignment.h"
#include "worker/agent/spoken_line.h"
#include "worker/agent/tail.h"

struct run_process;

struct run_end {
	int exit_code;
	int signal; /* that killed it; 0 = none */
	bool timed_out;
	const struct run_usage *usage; /* of the machine; NULL = not known; borrowed */
	const char *last_words;        /* the end of stderr, valid UTF-8; borrowed */
	const char *silence;           /* why nothing was heard, if nothing was: the rest of a sentence; borrowed */
	int64_t counted_on;            /* steps that the program said again, which got other numbers */
	int64_t passed_over;           /* lines where its reports are heard that were too long to be read */
};

struct run_process_events {
	void (*spoke)(void *context, struct program_report *report); /* borrowed; its memory may be taken */
	/* The program is gone and everything it said was heard. The process frees itself
	 * afterwards. */
	void (*ended)(void *context, const struct run_end *end);
	void *context;
};

struct run_process_plan {
	const struct agent_assignment *assignment; /* borrowed until `ended` */
	const char *supervisor;                    /* path of this program */
	const char *program;                       /* what is executed; argv[0] stays the command's */
	uint64_t grace_ms;
};

/* Starts the program; stdout.log and stderr.log in the run's folder get what it prints (up to 16
 * MiB each). 0, or negative with a sentence; then no event comes. */
int run_process_start(struct run_process **out, uv_loop_t *loop, const struct run_process_plan *plan,
        const struct run_process_events *events, struct error *error);

/* SIGTERM to all processes of the run now and SIGKILL after the grace time; a second call changes
 * nothing. */
void run_process_stop(struct run_process *process);

/* Lets a program wait that says more than is taken from it (its pipe fills), or go on. One that is
 * being stopped, or has ended, is heard to its end. */
void run_process_hold(struct run_process *process, bool hold);

/* SIGKILL to all processes of the run. */
void run_process_kill(struct run_process *process);

#endif
