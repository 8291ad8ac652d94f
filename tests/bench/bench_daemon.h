/* A daemon on a home of its own, for programs that measure one. Whatever goes wrong ends the
 * program with a sentence. */
#ifndef TESTS_BENCH_BENCH_DAEMON_H
#define TESTS_BENCH_BENCH_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "schema/transport/link_sync.h"

struct bench_daemon {
	pid_t pid;
	char home[256], socket[300], database[300];
};

/* Starts `program` on a fresh folder of $TMPDIR and connects as its admin. */
struct link_sync *bench_daemon_start(struct bench_daemon *daemon, const char *program);

/* Starts it again where it was. */
struct link_sync *bench_daemon_again(struct bench_daemon *daemon, const char *program);

/* What it takes now / has taken. */
long bench_daemon_memory_kb(const struct bench_daemon *daemon);
double bench_daemon_processor_s(const struct bench_daemon *daemon);

/* Closes the link and kills the daemon without a polite end; its folder stays. */
void bench_daemon_kill(struct bench_daemon *daemon, struct link_sync *sync);

/* Removes the folder of a daemon that is dead. */
void bench_daemon_remove(const struct bench_daemon *daemon);

/* One call that has to succeed; what it answers is valid until the next call. */
void bench_call(struct link_sync *sync, enum method_id method, const void *params, void *answer);

/* Ends the program with a sentence when that is not so. */
void bench_must(bool good, const char *sentence);

#endif
