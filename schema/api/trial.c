#include "schema/api/trial.h"

#include "schema/api/score.h"

/* ---- trial.enqueue ---- */

static const struct field enqueue_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(trial_enqueue_request, study)},
        {"params", FIELD_JSON_OBJECT, FIELD_REQUIRED, MEMBER(trial_enqueue_request, params),
                .expected = "an object of parameter values"},
};
const struct shape trial_enqueue_request_shape = SHAPE(trial_enqueue_request, enqueue_fields);

static const struct field enqueued_fields[] = {
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_enqueue_answer, number)},
        {"warnings", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(trial_enqueue_answer, warnings)},
};
const struct shape trial_enqueue_answer_shape = SHAPE(trial_enqueue_answer, enqueued_fields);

/* ---- trial.resume ---- */

static const struct field resume_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(trial_resume_request, study)},
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_resume_request, number)},
};
const struct shape trial_resume_request_shape = SHAPE(trial_resume_request, resume_fields);

static const struct field resumed_fields[] = {
        {"runs", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_resume_answer, runs)},
};
const struct shape trial_resume_answer_shape = SHAPE(trial_resume_answer, resumed_fields);

/* ---- trial.list ---- */

static const struct field list_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(trial_list_request, study)},
        {"state", FIELD_WORD, FIELD_OPTIONAL, MEMBER(trial_list_request, state), .words = &trial_state_words,
                .number = TRIAL_STATE_COUNT},
        {"after", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(trial_list_request, after), .number = -1},
        {"limit", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(trial_list_request, limit), .number = 100},
        {"order", FIELD_WORD, FIELD_OPTIONAL, MEMBER(trial_list_request, order), .words = &trial_order_words,
                .number = ORDER_NUMBER},
};
const struct shape trial_list_request_shape = SHAPE(trial_list_request, list_fields);

static const struct field summary_fields[] = {
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_summary, number)},
        {"trial", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_summary, id)},
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(trial_summary, state), .words = &trial_state_words},
        {"values", FIELD_MEASURES, FIELD_ALWAYS, MEMBER_LIST(trial_summary, values)},
        {"params", FIELD_JSON_OBJECT, FIELD_ALWAYS, MEMBER(trial_summary, params), .text = "{}"},
        {"started", FIELD_TIME, FIELD_ALWAYS, MEMBER(trial_summary, started)},
        {"completed", FIELD_TIME, FIELD_ALWAYS, MEMBER(trial_summary, completed)},
        {"duration_s", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(trial_summary, duration_s)},
        {"last_step", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(trial_summary, last_step), .number = -1},
        {"last_value", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(trial_summary, last_value)},
        {"sd", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(trial_summary, sd)},
        {"violation", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(trial_summary, violation)},
        {"worker", FIELD_TEXT, FIELD_ALWAYS, MEMBER(trial_summary, worker), .text = ""},
        {"reason", FIELD_TEXT, FIELD_ALWAYS, MEMBER(trial_summary, reason), .text = ""},
        {"defaults", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(trial_summary, defaults), .text = ""},
};
const struct shape trial_summary_shape = SHAPE(trial_summary, summary_fields);

static const struct field page_fields[] = {
        {"trials", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(trial_list_answer, trials),
                .shape = &trial_summary_shape},
        {"constants", FIELD_JSON_OBJECT, FIELD_OPTIONAL, MEMBER(trial_list_answer, constants), .text = "{}"},
        {"next", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(trial_list_answer, next), .number = -1},
};
const struct shape trial_list_answer_shape = SHAPE(trial_list_answer, page_fields);

/* ---- trial.get ---- */

static const struct field request_fields[] = {
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(trial_request, study)},
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(trial_request, number)},
        {"first_report", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(trial_request, first_report), .number = -1},
};
const struct shape trial_request_shape = SHAPE(trial_request, request_fields);

static const struct field run_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(run_summary, id)},
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_summary, fold)},
        {"repeat", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(run_summary, repeat)},
        {"attempt", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_summary, attempt)},
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(run_summary, state), .words = &run_state_words},
        {"value", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(run_summary, value)},
        {"started", FIELD_TIME, FIELD_ALWAYS, MEMBER(run_summary, started)},
        {"completed", FIELD_TIME, FIELD_ALWAYS, MEMBER(run_summary, completed)},
        {"worker", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_summary, worker), .text = ""},
        {"reason", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_summary, reason), .text = ""},
        {"reports", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(run_summary, reports), .shape = &report_shape},
        {"metrics", FIELD_MAP, FIELD_ALWAYS, MEMBER_LIST(run_summary, metrics), .shape = &metric_value_shape},
        {"usage", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(run_summary, usage), .shape = &run_usage_shape},
        {"", FIELD_PART, FIELD_ALWAYS, MEMBER(run_summary, tables), .shape = &run_tables_shape},
};
static const struct shape run_shape = SHAPE(run_summary, run_fields);

static const struct field cost_fields[] = {
        {"trials", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(trial_cost, trials)},
        {"runs", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(trial_cost, runs)},
};
static const struct shape cost_shape = SHAPE(trial_cost, cost_fields);

static const struct field detail_fields[] = {
        {"", FIELD_PART, FIELD_REQUIRED, MEMBER(trial_detail, summary), .shape = &trial_summary_shape},
        {"runs", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(trial_detail, runs), .shape = &run_shape},
        {"report_count", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(trial_detail, report_count)},
        {"next_report", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(trial_detail, next_report), .number = -1},
        {"cost", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(trial_detail, cost), .shape = &cost_shape},
        {"sampler_note", FIELD_JSON, FIELD_OPTIONAL, MEMBER(trial_detail, sampler_note)},
};
const struct shape trial_detail_shape = SHAPE(trial_detail, detail_fields);
