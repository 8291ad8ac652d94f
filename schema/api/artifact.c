#include "schema/api/artifact.h"

static const struct field offered_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(offered_artifact, name)},
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(offered_artifact, sha256)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(offered_artifact, size_bytes)},
};
static const struct shape offered_artifact_shape = SHAPE(offered_artifact, offered_fields);

static const struct field offer_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(artifact_offer_request, run_id)},
        {"lease", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(artifact_offer_request, lease)},
        {"artifacts", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(artifact_offer_request, artifacts),
                .shape = &offered_artifact_shape},
};
const struct shape artifact_offer_request_shape = SHAPE(artifact_offer_request, offer_fields);

static const struct field wanted_fields[] = {
        {"wanted", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(artifact_offer_answer, wanted)},
};
const struct shape artifact_offer_answer_shape = SHAPE(artifact_offer_answer, wanted_fields);

static const struct field whose_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(trial_artifacts_request, study)},
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_artifacts_request, number)},
};
const struct shape trial_artifacts_request_shape = SHAPE(trial_artifacts_request, whose_fields);

static const struct field kept_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(kept_artifact, name)},
        {"kind", FIELD_WORD, FIELD_ALWAYS, MEMBER(kept_artifact, kind), .words = &artifact_kind_words,
                .number = ARTIFACT_OTHER},
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(kept_artifact, fold)},
        {"attempt", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(kept_artifact, attempt)},
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(kept_artifact, sha256)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(kept_artifact, size_bytes)},
        {"kept", FIELD_SWITCH, FIELD_ALWAYS, MEMBER(kept_artifact, kept)},
        {"awaited", FIELD_SWITCH, FIELD_ALWAYS, MEMBER(kept_artifact, awaited)},
};
static const struct shape kept_artifact_shape = SHAPE(kept_artifact, kept_fields);

static const struct field list_fields[] = {
        {"artifacts", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(trial_artifacts_answer, artifacts),
                .shape = &kept_artifact_shape},
};
const struct shape trial_artifacts_answer_shape = SHAPE(trial_artifacts_answer, list_fields);
