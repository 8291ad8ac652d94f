/* Checkpoints that follow their runs to another machine, asked of the table. */
#ifndef DAEMON_STUDIES_TABLE_CHECKPOINTS_H
#define DAEMON_STUDIES_TABLE_CHECKPOINTS_H

#include "daemon/studies/study_table.h"
#include "daemon/studies/table_artifacts.h"
#include "schema/api/artifact.h"
#include "schema/api/work.h"

#define CHECKPOINT_FILES_MAX 200 /* of one run; an answer has room for them beside the run */

/* Who can say whether a file is here whole, whatever it is for. */
struct file_keeper {
	bool (*has)(const void *context, const char *sha256, int64_t size_bytes);
	const void *context;
};

/* Takes the list of what a run under way keeps. Those files that are not here are wanted; where
 * none is, the set is the one that counts. Nothing is wanted where the study does not let
 * checkpoints follow or they are too large. 0; STUDIES_LEASE_LOST when the lease is not the
 * caller's, STUDIES_BAD_REQUEST for names that are none, an error. */
struct checkpoint_taking {
	struct artifact_choice choice; /* out */
	const struct file_keeper *keeper;
	struct arena *arena;
};
int study_table_take_checkpoint(struct checkpoint_taking *taking, struct study_table *table,
        const struct artifact_offer_request *offer, struct error *error);

/* Whether a run of that study, NULL = any, keeps this content / a run has it on its way under that
 * lease. 0 or an error. */
int study_table_has_checkpoint(bool *has, const struct study_table *table, const char *sha256, const char *study);
int study_table_awaits_checkpoint(bool *awaits, const struct study_table *table, const struct artifact_claim *claim);

/* Where the run, or its trial, has ended for good nobody goes on from what it kept: that is
 * forgotten, and out->lost has its hashes. 0 or an error. */
int study_table_drop_checkpoint(
        struct artifact_choice *out, struct study_table *table, int64_t run_id, struct arena *arena);

/* The whole set that an attempt before this run's left, for the run. 0 or an error. */
struct run;
int checkpoint_view(struct assigned_run *out, const struct run *run, struct arena *arena);

#endif
