/* Studies, asked of the table: add, move, delete, enqueue. */
#ifndef DAEMON_STUDIES_TABLE_STUDIES_H
#define DAEMON_STUDIES_TABLE_STUDIES_H

#include "daemon/studies/inheritance.h"
#include "daemon/studies/misfits.h"
#include "schema/api/trial.h"
#include "daemon/studies/study_table.h"
#include "schema/study/spec_changes.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* A study file that comes in. */
struct study_offer {
	struct study_spec *spec;
	bool resume;      /* a study of that name goes on with it */
	const char *from; /* a study whose trials a new one knows from the start; NULL = none */
	bool adopt;       /* another program has the study in the file */
	const double
	        *defaults; /* (space count) of its program: a new study tries them first where its file has none … */
	const char *defaults_of; /* … and whose they are; NULL = not known */
};

/* What became of it. */
struct study_arrival {
	bool created;                   /* else it was there and goes on */
	enum study_state state;         /* after that: it may be finished, with nothing left to do */
	enum study_reason reason;       /* why it is finished */
	struct spec_changes changes;    /* what is new in its file, or, with STUDIES_EXISTS, what differs */
	struct inheritance inheritance; /* of a new study */
	struct misfits misfits;         /* among the trials of an adopted one */
	bool took_spec;                 /* a new study had the offer's, whatever became of it after that */
};

/* Creates a study from a spec, or goes on with the one of that name (table_change.h). The spec is
 * consumed in every case. 0, STUDIES_EXISTS, STUDIES_SPEC_WRONG, STUDIES_NOT_FOUND and
 * STUDIES_BAD_REQUEST for a `from` that is not there or has other objectives. The changes are to be
 * finished in any case. */
int study_table_add(
        struct study_arrival *out, struct study_table *table, const struct study_offer *offer, struct error *error);

/* Moves a study to a state: paused (hands out nothing, running go on), running (a finished one only
 * if something is left to do), stopped (running trials are told "cancelled"). 0, STUDIES_NOT_FOUND,
 * STUDIES_NOT_RUNNING for a move that is not allowed. *out is the new state. */
int study_table_set_state(enum study_state *out, struct study_table *table, const char *name, enum study_state state,
        struct error *error);

/* Deletes a study and all it has; live leases are lost. */
int study_table_delete(struct study_table *table, const char *name, struct error *error);

/* Names in creation order; in `arena`. */
int study_table_names(const char ***names, size_t *count, struct study_table *table, struct arena *arena);

/* Queues a point (NAN = to be sampled), which is tried whatever the budget says: a finished study
 * runs again. 0, STUDIES_NOT_FOUND, STUDIES_NOT_RUNNING for a stopped one. */
int study_table_enqueue(
        int64_t *number, struct study_table *table, const char *study, const double *point, struct error *error);

/* A stopped trial runs by the folds that it has not run: *runs of them are ready. A finished study
 * runs again for it. 0, STUDIES_NOT_FOUND, STUDIES_NOT_RUNNING with a sentence, or an error. */
int study_table_resume_trial(
        int64_t *runs, struct study_table *table, const struct trial_resume_request *request, struct error *error);

#endif
