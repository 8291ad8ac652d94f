/* The daemon's door to the network, for programs that measure one: its address on this machine, and
 * strangers who crowd it. Whatever goes wrong ends the program with a sentence. */
#ifndef TESTS_BENCH_BENCH_NETWORK_H
#define TESTS_BENCH_BENCH_NETWORK_H

#include <sys/types.h>

#include "schema/transport/link_sync.h"

#define BENCH_ADDRESS_BYTES 160

/* Has the daemon listen at any port of 127.0.0.1, and writes an address for it with a token of an
 * admin. */
void bench_network_open(char out[BENCH_ADDRESS_BYTES], struct link_sync *sync);

/* Starts a process that says a client's first words to that address over and over, from 40
 * addresses, as fast as it can, and never goes on. */
pid_t bench_flood_start(const char *address);

/* Ends it. */
void bench_flood_stop(pid_t flood);

#endif
