/* Reads of the table: studies and trials as people see them. */
#ifndef DAEMON_STUDIES_TABLE_VIEW_H
#define DAEMON_STUDIES_TABLE_VIEW_H

#include <stdbool.h>

#include "daemon/studies/study_table.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"

/* Reads. The spec of a study, borrowed until the next call that writes. 0 or STUDIES_NOT_FOUND. */
int study_table_spec(struct study_table *table, const char *name, const struct study_spec **out, struct error *error);

/* Which study, and whether its workers and what looks wrong with it are left out. */
struct study_request {
	const char *study;
	bool brief;
};

/* Reads. A study as people see it; strings borrowed until the next call that writes. 0, STUDIES_NOT_FOUND, -ENOMEM. */
int study_table_get(struct study_table *table, const struct study_request *request, struct study_summary *out,
        struct arena *arena, struct error *error);

/* Trials by number, after `after` (−1 = from the start), at most `limit`, of one state (TRIAL_STATE_COUNT = any). */
struct trials_request {
	const char *study;
	enum trial_state state;
	int64_t after;
	size_t limit;
};
struct trial_page {
	size_t count;
	struct trial_summary *trials; /* (count), in `arena` */
};

/* Reads. 0, STUDIES_NOT_FOUND, -ENOMEM. */
int study_table_trials(struct study_table *table, const struct trials_request *request, struct trial_page *out,
        struct arena *arena, struct error *error);

/* Which trial. */
struct trial_request {
	const char *study;
	int64_t number;
};

/* Reads. Everything known of one trial; in `arena`. 0, STUDIES_NOT_FOUND, -ENOMEM, … */
int study_table_trial(struct study_table *table, const struct trial_request *request, struct trial_detail *out,
        struct arena *arena, struct error *error);

#endif
