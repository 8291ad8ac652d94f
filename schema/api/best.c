#include "schema/api/best.h"

static const char *const basis_names[] = {[BASIS_SEEN] = "seen",
        [BASIS_FOLDS] = "folds",
        [BASIS_CONFIGURATIONS] = "configurations",
        [BASIS_BOTH] = "both"};
const struct words best_basis_words = WORDS(basis_names);

static const struct field trial_fields[] = {
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(contending_trial, number)},
        {"value", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, value)},
        {"mean", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, mean)},
        {"sd", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, sd)},
        {"low", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, low)},
        {"high", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, high)},
        {"chance", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, chance)},
        {"beats_defaults", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(contending_trial, beats_defaults)},
        {"runs", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(contending_trial, run_count)},
        {"params", FIELD_JSON_OBJECT, FIELD_ALWAYS, MEMBER(contending_trial, params), .text = "{}"},
};
static const struct shape trial_shape = SHAPE(contending_trial, trial_fields);

static const struct field best_fields[] = {
        {"metric", FIELD_TEXT, FIELD_REQUIRED, MEMBER(study_best_answer, metric)},
        {"direction", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_best_answer, direction), .words = &direction_words},
        {"basis", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_best_answer, basis), .words = &best_basis_words},
        {"noise", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(study_best_answer, noise)},
        {"named", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(study_best_answer, named), .shape = &trial_shape},
        {"leader", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(study_best_answer, leader), .shape = &trial_shape},
        {"seen", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(study_best_answer, seen), .shape = &trial_shape},
        {"defaults", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(study_best_answer, defaults), .shape = &trial_shape},
        {"candidates", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(study_best_answer, candidates), .shape = &trial_shape},
};
const struct shape study_best_answer_shape = SHAPE(study_best_answer, best_fields);
