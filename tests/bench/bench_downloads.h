/* Those who fetch a file while something else is measured. */
#ifndef TESTS_BENCH_BENCH_DOWNLOADS_H
#define TESTS_BENCH_BENCH_DOWNLOADS_H

#include <sys/types.h>

#include "schema/transport/link_sync.h"

/* Makes a study with a file of 4 MiB, which the daemon gets. */
void bench_file_make(struct link_sync *sync);

/* Starts a child of this program that fetches it over so many connections (at most 64), again and
 * again, as nicely as it can. */
pid_t bench_downloads_start(const char *address, int connections);

/* Ends it; it prints how much it got. */
void bench_downloads_stop(pid_t child);

#endif
