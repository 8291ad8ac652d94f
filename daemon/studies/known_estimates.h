/* What is known of a study's trials by their configurations: worked out once (estimates_job), kept
 * until more trials are complete. */
#ifndef DAEMON_STUDIES_KNOWN_ESTIMATES_H
#define DAEMON_STUDIES_KNOWN_ESTIMATES_H

#include "daemon/samplers/estimates.h"
#include "daemon/studies/live.h"

struct known_estimates {
	struct estimates estimates; /* nothing where there is no model */
	bool exist;
	int64_t complete_count; /* trials that they rest on */
	struct monotime made;
};

/* Those that are known, however old, or NULL. */
const struct estimates *known_estimates_of(const struct study *study);

/* Frees what a study keeps of them; NULL is fine. */
void known_estimates_destroy(struct known_estimates *known);

#endif
