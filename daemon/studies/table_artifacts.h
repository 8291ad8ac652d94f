/* Artifacts of runs, asked of the table: which are wanted, and whose they are. */
#ifndef DAEMON_STUDIES_TABLE_ARTIFACTS_H
#define DAEMON_STUDIES_TABLE_ARTIFACTS_H

#include "daemon/studies/study_table.h"
#include "schema/api/artifact.h"

/* What came of an offer, in an arena. */
struct artifact_choice {
	LIST_OF(const char *) wanted; /* names */
	LIST_OF(const char *) lost;   /* hashes of models of trials that have lost: maybe nobody needs them now */
};

/* 0, or STUDIES_BAD_REQUEST with a sentence where a name or a hash is none, or there are too
 * many. */
int artifact_names_check(const struct artifact_offer_request *offer, struct error *error);

/* Decides by the study's `keep` which of a run's files are wanted, and notes them; and which models
 * of others are no longer. 0; STUDIES_LEASE_LOST when the run was not the caller's last,
 * STUDIES_NOT_RUNNING when it has not ended, STUDIES_BAD_REQUEST for names that are none, an
 * error. */
int study_table_choose_artifacts(struct artifact_choice *out, struct study_table *table,
        const struct artifact_offer_request *offer, struct arena *arena, struct error *error);

/* The artifacts of a trial, in `arena`; `kept` says whether they are wanted. 0, STUDIES_NOT_FOUND,
 * an error. */
int study_table_artifacts(struct trial_artifacts_answer *out, struct study_table *table,
        const struct trial_artifacts_request *which, struct arena *arena, struct error *error);

/* Whether a run of that study, NULL = any, has one that is wanted with this content. 0 or an
 * error. */
int study_table_has_artifact(bool *has, const struct study_table *table, const char *sha256, const char *study);

struct artifact_claim {
	const char *sha256;
	int64_t run_id, lease;
};

/* Whether that run has one under its last lease. Likewise. */
int study_table_awaits_artifact(bool *awaits, const struct study_table *table, const struct artifact_claim *claim);

#endif
