/* Artifacts of runs: kre_artifacts. */
#ifndef DAEMON_STORAGE_STORE_ARTIFACT_H
#define DAEMON_STORAGE_STORE_ARTIFACT_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/study/trial.h"

struct arena;
struct store;

/* The run that artifacts are offered of. */
struct artifact_run {
	int64_t study_id, number;
	int64_t holder;
	enum run_state state;
};

/* The run that has or had that lease. STORE_GONE when there is none. */
int store_artifact_run(struct artifact_run *out, struct store *store, int64_t run_id, int64_t lease);

struct artifact_record {
	int64_t run_id, fold, attempt;
	const char *name, *kind, *sha256;
	int64_t size_bytes;
	bool wanted;
};

/* Notes one that is wanted, anew where the run has one of that name. Needs a transaction. */
int store_artifact_add(struct store *store, const struct artifact_record *artifact);

/* Of a study's trials below `before` that are not among the numbers of `kept`, a list of JSON, no
 * model is wanted any more. Needs a transaction. */
struct artifact_rule {
	int64_t study_id, before;
	const char *kept;
};
int store_artifact_drop_models(struct store *store, const struct artifact_rule *rule);

/* Walks through those that rule says, before they are dropped / all of a trial. Strings are
 * borrowed for the call; what `visit` returns ends the walk unless it is 0. */
typedef int store_artifact_visit(void *context, const struct artifact_record *artifact);
int store_artifact_each_lost(
        struct store *store, const struct artifact_rule *rule, store_artifact_visit *visit, void *context);
int store_artifact_each_of_trial(struct store *store, int64_t trial_id, store_artifact_visit *visit, void *context);

/* Whether a run of that study (NULL = any) has one that is wanted with this content / whether that
 * run has, under that lease. */
int store_artifact_has(bool *has, struct store *store, const char *sha256, const char *study);
int store_artifact_run_has(bool *has, struct store *store, const char *sha256, int64_t run_id, int64_t lease);

#endif
