/* What one thread's matrix products give where they are at their best: large and square. */
#ifndef TESTS_BENCH_PRODUCT_RATE_H
#define TESTS_BENCH_PRODUCT_RATE_H

/* GFLOP per second of processor time, measured for so many seconds; 0 without memory. */
double product_rate(double seconds);

#endif
