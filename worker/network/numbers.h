/* The numbers that come out, as a number. */
#ifndef WORKER_NETWORK_NUMBERS_H
#define WORKER_NETWORK_NUMBERS_H

/* A change of code by which the same rows, flags and seed train to other numbers, be it in the last
 * digit, counts it up: checkpoints and caches of earlier code are of no use from then on. */
#define NETWORK_NUMBERS "3"

#endif
