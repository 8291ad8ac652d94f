/* What is known of a study's trials by their configurations: worked out once (estimates_job), kept
 * until more trials are complete. */
#ifndef DAEMON_STUDIES_KNOWN_ESTIMATES_H
#define DAEMON_STUDIES_KNOWN_ESTIMATES_H

#include "daemon/samplers/estimates.h"
#include "daemon/studies/live.h"

struct known_estimates {
	struct estimates estimates; /* nothing where there is no model */
	bool exist;
	int64_t complete_count; /* trials that they rest on … */
	int64_t moment;         /* … all those that had ended by then */
	bool asked_for;         /* by somebody who wants to know the best, not for whose models stay */
	struct monotime made;
};

enum { ESTIMATED_TRIALS_MOST = 2000 };

/* True where trials are named by estimates: of one objective, ESTIMATES_FROM and more, and not too
 * many. */
bool estimates_decide(const struct study *study);

/* True of a study that is finished or stopped: what there is to know is there. */
bool nothing_more_comes(const struct study *study);

/* Those that are known, however old, or NULL. */
const struct estimates *known_estimates_of(const struct study *study);

/* True for a trial that ended after all that they rest on, or where there are none yet. */
bool known_estimates_lack(const struct study *study, const struct trial *trial);

/* Frees what a study keeps of them; NULL is fine. */
void known_estimates_destroy(struct known_estimates *known);

#endif
