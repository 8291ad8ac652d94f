#include "schema/api/study.h"

#include <math.h>

static const struct field request_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(study_request, study)},
};
const struct shape study_request_shape = SHAPE(study_request, request_fields);

/* ---- study.create ---- */

static const char *const if_exists_names[] = {[IF_EXISTS_ERROR] = "error", [IF_EXISTS_RESUME] = "resume"};
const struct words if_exists_words = WORDS(if_exists_names);

static const struct field create_fields[] = {
        {"spec", FIELD_JSON_OBJECT, FIELD_REQUIRED, MEMBER(study_create_request, spec),
                .expected = "the study file as a JSON object"},
        {"if_exists", FIELD_WORD, FIELD_OPTIONAL, MEMBER(study_create_request, if_exists), .words = &if_exists_words,
                .number = IF_EXISTS_ERROR},
        {"from", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(study_create_request, from)},
        {"adopt", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(study_create_request, adopt)},
        {"defaults", FIELD_JSON_OBJECT, FIELD_OPTIONAL, MEMBER(study_create_request, defaults),
                .expected = "an object of parameter values"},
        {"defaults_of", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(study_create_request, defaults_of), .text = ""},
};
const struct shape study_create_request_shape = SHAPE(study_create_request, create_fields);

static const struct field change_fields[] = {
        {"path", FIELD_TEXT, FIELD_REQUIRED, MEMBER(changed_key, path)},
        {"from", FIELD_TEXT, FIELD_REQUIRED, MEMBER(changed_key, from)},
        {"to", FIELD_TEXT, FIELD_REQUIRED, MEMBER(changed_key, to)},
};
static const struct shape change_shape = SHAPE(changed_key, change_fields);

static const struct field created_fields[] = {
        {"warnings", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(study_create_answer, warnings)},
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(study_create_answer, study)},
        {"created", FIELD_SWITCH, FIELD_REQUIRED, MEMBER(study_create_answer, created)},
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_create_answer, state), .words = &study_state_words},
        {"reason", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_create_answer, reason), .text = ""},
        {"changes", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(study_create_answer, changes), .shape = &change_shape},
        {"inherited", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_create_answer, inherited_count)},
        {"offered", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_create_answer, offered_count)},
};
const struct shape study_create_answer_shape = SHAPE(study_create_answer, created_fields);

/* ---- study.list, study.get ---- */

static const struct field best_fields[] = {
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(best_trial, number)},
        {"value", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(best_trial, value)},
        {"params", FIELD_JSON_OBJECT, FIELD_REQUIRED, MEMBER(best_trial, params)},
};
static const struct shape best_shape = SHAPE(best_trial, best_fields);

static const struct field nearest_fields[] = {
        {"", FIELD_PART, FIELD_REQUIRED, .offset = 0, .shape = &best_shape},
        {"violation", FIELD_MEASURE, FIELD_REQUIRED, MEMBER(best_trial, violation)},
};
static const struct shape nearest_shape = SHAPE(best_trial, nearest_fields);

static const struct field limit_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(budget_limit, name)},
        {"used", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(budget_limit, used)},
        {"total", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(budget_limit, total)},
};
static const struct shape limit_shape = SHAPE(budget_limit, limit_fields);

static const struct field headline_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(study_headline, name)},
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_headline, state), .words = &study_state_words},
        {"reason", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_headline, reason), .text = ""},
        {"metrics", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(study_headline, metrics)},
        {"directions", FIELD_WORDS, FIELD_ALWAYS, MEMBER_LIST(study_headline, directions), .words = &direction_words},
        {"counts", FIELD_COUNTS, FIELD_ALWAYS, MEMBER(study_headline, counts), .words = &trial_state_words},
        {"best", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(study_headline, best), .shape = &best_shape},
        {"nearest", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(study_headline, nearest), .shape = &nearest_shape},
        {"created", FIELD_TIME, FIELD_ALWAYS, MEMBER(study_headline, created)},
        {"budget_trials", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_headline, budget_trials)},
        {"budget", FIELD_OBJECTS, FIELD_OPTIONAL, MEMBER_LIST(study_headline, budget), .shape = &limit_shape},
        {"imported", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(study_headline, imported_count)},
};
static const struct shape headline_shape = SHAPE(study_headline, headline_fields);

static const struct field foreign_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(foreign_study, name)},
        {"trials", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(foreign_study, trial_count)},
};
static const struct shape foreign_shape = SHAPE(foreign_study, foreign_fields);

static const struct field list_request_fields[] = {
        {"from", FIELD_NATURAL, FIELD_OPTIONAL, MEMBER(study_list_request, from)},
};
const struct shape study_list_request_shape = SHAPE(study_list_request, list_request_fields);

static const struct field list_fields[] = {
        {"studies", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(study_list_answer, studies), .shape = &headline_shape},
        {"foreign", FIELD_OBJECTS, FIELD_OPTIONAL, MEMBER_LIST(study_list_answer, foreign), .shape = &foreign_shape},
        {"next", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(study_list_answer, next), .number = -1},
};
const struct shape study_list_answer_shape = SHAPE(study_list_answer, list_fields);

static const struct field worker_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(worker_summary, name)},
        {"running", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(worker_summary, running_count)},
        {"finished", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(worker_summary, finished_count)},
        {"idle_s", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(worker_summary, idle_s)},
        {"threads", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(worker_summary, threads)},
        {"memory_mb", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(worker_summary, memory_mb)},
        {"load", FIELD_MEASURE, FIELD_OPTIONAL, MEMBER(worker_summary, load), .number = (double)NAN},
        {"fetching", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(worker_summary, fetching), .text = ""},
        {"percent", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(worker_summary, percent)},
};
static const struct shape worker_shape = SHAPE(worker_summary, worker_fields);

static const struct field summary_fields[] = {
        {"", FIELD_PART, FIELD_REQUIRED, MEMBER(study_summary, headline), .shape = &headline_shape},
        {"front", FIELD_INTEGERS, FIELD_ALWAYS, MEMBER_LIST(study_summary, front)},
        {"workers", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(study_summary, workers), .shape = &worker_shape},
        {"connected_workers", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(study_summary, connected_workers)},
        {"warnings", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(study_summary, warnings)},
        {"running_s", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(study_summary, running_s)},
        {"eta_s", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(study_summary, eta_s)},
        {"sampler_note", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_summary, sampler_note), .text = ""},
        {"spec", FIELD_JSON_OBJECT, FIELD_ALWAYS, MEMBER(study_summary, spec), .text = "{}"},
        {"keep", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(study_summary, keep), .shape = &kept_models_shape},
};
const struct shape study_summary_shape = SHAPE(study_summary, summary_fields);

/* ---- study.pause, study.resume, study.stop, study.delete ---- */

static const struct field state_fields[] = {
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_state_answer, state), .words = &study_state_words},
};
const struct shape study_state_answer_shape = SHAPE(study_state_answer, state_fields);

static const struct field delete_fields[] = {
        {"state", FIELD_TEXT, FIELD_REQUIRED, MEMBER(study_delete_answer, state)},
};
const struct shape study_delete_answer_shape = SHAPE(study_delete_answer, delete_fields);

/* ---- study.importance ---- */

static const struct field importance_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(importance_request, study)},
        {"method", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(importance_request, method), .text = "ped_anova"},
        {"metric", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(importance_request, metric)},
};
const struct shape importance_request_shape = SHAPE(importance_request, importance_fields);

static const struct field share_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(parameter_share, name)},
        {"share", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(parameter_share, share)},
};
static const struct shape share_shape = SHAPE(parameter_share, share_fields);

static const struct field shares_fields[] = {
        {"method", FIELD_TEXT, FIELD_REQUIRED, MEMBER(importance_answer, method)},
        {"metric", FIELD_TEXT, FIELD_ALWAYS, MEMBER(importance_answer, metric), .text = ""},
        {"trials", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(importance_answer, trial_count)},
        {"parameters", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(importance_answer, parameters), .shape = &share_shape},
};
const struct shape importance_answer_shape = SHAPE(importance_answer, shares_fields);
