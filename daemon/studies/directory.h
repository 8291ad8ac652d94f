/* Finding studies and runs among all live ones, and dropping them. */
#ifndef DAEMON_STUDIES_DIRECTORY_H
#define DAEMON_STUDIES_DIRECTORY_H

#include "daemon/studies/live.h"
#include "schema/api/work.h"

/* Frees it with all its studies; NULL is fine. */
void directory_destroy(struct context *context);

/* The study of that name / that id in the file, or NULL. */
struct study *directory_study(const struct context *context, const char *name);
struct study *directory_study_by_id(const struct context *context, int64_t id);

/* The same study in another reading of the file, or NULL: another program may have renamed it, and
 * then it has another id as well. */
struct study *directory_study_again(const struct context *context, const struct study *study);

/* The leased run that this request was given before, or NULL: the same holder, session and key.
 * Empty keys are never repeated. */
struct run *directory_asked(const struct context *context, const struct ask_request *ask);

/* Forgets the study's runs and frees the study. Leases end. */
void directory_drop(struct context *context, struct study *study);

#endif
