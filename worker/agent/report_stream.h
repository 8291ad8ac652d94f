/* A trainer's reports: lines put together to steps. Metrics of one step may come on several lines,
 * and a step may be said, on a line of its own too, or not.
 *
 * A step ends where the next one is said, where a wanted metric comes again, with the program, or
 * when nothing has been said for a while. Steps only grow: one that was told already (a batch's
 * number, the epochs of the next fold) is counted on from the last. Metrics that nobody asked for
 * travel with the step at hand, after it was told too if it has a name, or with the next that has a
 * wanted one. */
#ifndef WORKER_AGENT_REPORT_STREAM_H
#define WORKER_AGENT_REPORT_STREAM_H

#include "worker/agent/spoken_line.h"

#define REPORT_STEP_MAX (INT64_C(1) << 52) /* a larger one that is said does not count as a step */

struct report_events {
	/* A step, or the final report; its memory may be taken. */
	void (*spoke)(void *context, struct program_report *report);
	void *context;
};

struct report_stream {
	const struct report_listener *listener; /* borrowed */
	struct report_events events;
	struct program_report pending; /* the step at hand: what is not told yet */
	struct program_report told;    /* the wanted metrics of the step at hand that were told */
	int64_t said_step;             /* of the step at hand; −1 = none was said */
	int64_t next_step;             /* above all that were told */
	int64_t counted_on;            /* how many steps were said again and got another number */
};

/* Begins to listen, with nothing heard. */
void report_stream_init(
        struct report_stream *stream, const struct report_listener *listener, const struct report_events *events);
void report_stream_finish(struct report_stream *stream);

/* Reads one line. 0, or -ENOMEM, which loses something of the line. */
int report_stream_read(struct report_stream *stream, const char *line);

/* Nothing was said for a while: tells the step at hand, unless the metric that pruners look at has
 * yet to come. 0 or -ENOMEM. */
int report_stream_pause(struct report_stream *stream);

/* The program has ended: tells what is left. 0 or -ENOMEM. */
int report_stream_end(struct report_stream *stream);

/* True while something wanted waits to be told. */
bool report_stream_waits(const struct report_stream *stream);

#endif
