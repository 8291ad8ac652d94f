/* How far long work is: on a terminal one line that is written over, elsewhere a line now and then.
 * Short work says nothing. */
#ifndef CLI_TERMINAL_PROGRESS_LINE_H
#define CLI_TERMINAL_PROGRESS_LINE_H

#include "cli/terminal/output.h"
#include "schema/base/clock.h"

struct progress_line {
	const struct output *output; /* borrowed */
	struct clock *clock;         /* borrowed */
	struct monotime next;        /* nothing is said earlier */
	bool terminal, shown;        /* remarks go to one; a line stands there */
};

/* Begins with nothing said. */
void progress_line_init(struct progress_line *progress, const struct output *output, struct clock *clock);

/* Says it, unless something was said just now. printf format, one line without its end. */
void progress_line_say(struct progress_line *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Wipes the line that stands there, before something else is said. */
void progress_line_wipe(struct progress_line *progress);

#endif
