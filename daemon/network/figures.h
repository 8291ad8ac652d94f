/* What the network did since the daemon's start: for figures only, nothing depends on it. */
#ifndef DAEMON_NETWORK_FIGURES_H
#define DAEMON_NETWORK_FIGURES_H

#include <stdint.h>

#include "schema/api/message.h"
#include "schema/base/clock.h"
#include "schema/base/duration_counts.h"

struct network_figures {
	struct monotime since;
	int64_t calls[METHOD_COUNT];  /* that were answered, refusals too */
	struct duration_counts turns; /* from the first request to the last answer, the commit included */
};

#endif
