/* What the peer took where we measured it, for ratios without a peer at hand: RESULTS.md, the quiet
 * machine. The ratios are worth as much as this machine is like that one; the .py beside a program
 * times both on the spot. */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include <stdint.h>

#define PEER "Optuna 3.1"

/* Opening and reading a file of 10,000 trials, 10 parameters, 20 reports. */
#define PEER_READ_S 15.0

/* One suggestion by TPE, eight mixed parameters, after so many trials; 0 = not measured. */
static inline double peer_ask_us(int64_t trials)
{
	return trials == 1000 ? 39.7e3 : trials == 10000 ? 345e3 : 0;
}

#endif
