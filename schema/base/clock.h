/* Two kinds of time that never mix: deadlines (monotonic) and dates (wall clock, UTC). The clock is
 * handed in, so tests run a fleet on a fake one. */
#ifndef SCHEMA_BASE_CLOCK_H
#define SCHEMA_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct monotime {
	int64_t ms; /* milliseconds since some start; only differences mean something */
};

struct walltime {
	int64_t us; /* microseconds since 1970-01-01T00:00:00 UTC; 0 = unknown */
};

struct clock {
	struct monotime (*monotonic)(struct clock *clock);
	struct walltime (*wall)(struct clock *clock);
};

/* The machine's clocks (CLOCK_MONOTONIC, CLOCK_REALTIME). Static; never freed. */
struct clock *clock_system(void);

/* A clock that moves only when told; for tests and simulations. Starts at 2026-01-01T00:00:00Z,
 * monotonic 1,000 ms. */
struct fake_clock {
	struct clock clock; /* first: hand out &fake->clock */
	struct monotime monotonic;
	struct walltime wall;
};
void fake_clock_init(struct fake_clock *fake);

/* Moves both times on by `ms`. */
void fake_clock_advance(struct fake_clock *fake, int64_t ms);

/* Nanoseconds on the machine's monotonic clock, to measure how long something takes: a figure for
 * people, on which nothing depends. */
int64_t clock_measure_ns(void);

#define WALLTIME_TEXT_BYTES 32

/* "YYYY-MM-DD HH:MM:SS.ffffff" in UTC: the trial file's form (optuna-storage 1.4). */
void walltime_sql(struct walltime time, char out[WALLTIME_TEXT_BYTES]);

/* "YYYY-MM-DDTHH:MM:SS.mmmZ": the wire's form. */
void walltime_iso(struct walltime time, char out[WALLTIME_TEXT_BYTES]);

/* Reads either form (fraction of 0 to 6 digits, optional Z), as UTC. False if `text` is neither. */
bool walltime_parse(struct walltime *out, const char *text);

#endif
