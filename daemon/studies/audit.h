/* Whether memory is what the file says of finished trials. Programs do not change them; people with
 * sqlite3 may. After another program's commit all are looked at once more, a few at a time, so that
 * nobody waits for it. What people change in runs and reports is known after the next start. */
#ifndef DAEMON_STUDIES_AUDIT_H
#define DAEMON_STUDIES_AUDIT_H

#include <stdbool.h>

#include "daemon/studies/context.h"
#include "schema/base/clock.h"

struct audit {
	bool under_way;
	int64_t study_id; /* the trials before … */
	size_t place;     /* … this place in that study's index were looked at */
	size_t left;      /* trials that are still to come */
	struct monotime next;
};

/* Another program wrote to the file: what was looked at is to be looked at again. */
void audit_begin(struct audit *audit, const struct context *context);

/* Looks for a moment, if it is time to. 0; -ESTALE: memory has to be made anew; or an error. */
int audit_go_on(struct audit *audit, const struct context *context);

#endif
