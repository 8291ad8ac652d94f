/* Artifacts: what a run leaves is offered after its end, and what is wanted of it is brought. */
#ifndef SCHEMA_API_ARTIFACT_H
#define SCHEMA_API_ARTIFACT_H

#include <stdint.h>

#include "schema/api/field.h"
#include "schema/study/artifact.h"

/* A file of a run's folder. */
struct offered_artifact {
	const char *name; /* relative to the folder */
	const char *sha256;
	int64_t size_bytes;
};

/* What a run left, as its last holder says. */
struct artifact_offer_request {
	int64_t run_id, lease;
	LIST_OF(struct offered_artifact) artifacts;
	int64_t holder;    /* not on the wire */
	const char *limit; /* likewise: the only study that the caller works for, NULL = any */
};
struct artifact_offer_answer {
	LIST_OF(const char *) wanted; /* names; to be brought by blob.put */
};

/* Whose artifacts. */
struct trial_artifacts_request {
	const char *study;
	int64_t number;
};
struct kept_artifact {
	const char *name;
	enum artifact_kind kind;
	int64_t fold, attempt;
	const char *sha256;
	int64_t size_bytes;
	bool kept;    /* it is here */
	bool awaited; /* it is wanted and is not: on its way, or lost with its worker */
};
struct trial_artifacts_answer {
	LIST_OF(struct kept_artifact) artifacts; /* by fold, attempt and name */
};

extern const struct shape artifact_offer_request_shape, artifact_offer_answer_shape, trial_artifacts_request_shape,
        trial_artifacts_answer_shape;

#endif
