/* Reads of the table: studies and trials as people see them. */
#ifndef DAEMON_STUDIES_TABLE_VIEW_H
#define DAEMON_STUDIES_TABLE_VIEW_H

#include <stdbool.h>

#include "daemon/studies/study_table.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"

/* Reads. The spec of a study, borrowed until the next call that writes. 0 or STUDIES_NOT_FOUND. */
int study_table_spec(const struct study_spec **out, struct study_table *table, const char *name, struct error *error);

/* Reads. A study as people see it; strings borrowed until the next call that writes. 0,
 * STUDIES_NOT_FOUND, STUDIES_LATER (what its trials are worth is being worked out), -ENOMEM. */
int study_table_get(struct study_summary *out, struct study_table *table, const struct study_request *request,
        struct arena *arena, struct error *error);

/* Reads. A page of the headlines of all studies, in the order of their creation. 0 or -ENOMEM. */
int study_table_list(struct study_list_answer *out, struct study_table *table, const struct study_list_request *request,
        struct arena *arena, struct error *error);

/* Reads. The one of that name alone, or none. 0 or -ENOMEM. */
int study_table_list_one(struct study_list_answer *out, struct study_table *table, const char *name,
        struct arena *arena, struct error *error);

/* Reads. A page of trials; `limit` is at least 1. 0, STUDIES_NOT_FOUND, -ENOMEM. */
int study_table_trials(struct trial_list_answer *out, struct study_table *table,
        const struct trial_list_request *request, struct arena *arena, struct error *error);

#endif
