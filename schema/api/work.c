#include "schema/api/work.h"

#include <math.h>

#include "schema/api/score.h"

/* ---- trial.ask ---- */

static const char *const wait_names[] = {
        [WAIT_WAITING] = "waiting", [WAIT_BUDGET] = "budget", [WAIT_PAUSED] = "paused", [WAIT_FINISHED] = "finished"};
const struct words wait_reason_words = WORDS(wait_names);

static const struct field ask_fields[] = {
        {"study", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(ask_request, study)},
        {"commands", FIELD_TEXTS, FIELD_OPTIONAL, MEMBER_LIST(ask_request, commands)},
        {"repeats", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(ask_request, repeats)},
};
const struct shape ask_request_shape = SHAPE(ask_request, ask_fields);

static const struct field file_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_file, name)},
        {"path", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_file, path)},
        {"sha256", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_file, sha256), .text = ""},
        {"size", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_file, size_bytes)},
};
static const struct shape file_shape = SHAPE(run_file, file_fields);

static const struct field checkpoint_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_file, name)},
        {"path", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(run_file, path), .text = ""},
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_file, sha256)},
        {"size", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(run_file, size_bytes)},
};
static const struct shape checkpoint_shape = SHAPE(run_file, checkpoint_fields);

static const struct field variable_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_variable, name)},
        {"value", FIELD_TEXT, FIELD_REQUIRED, MEMBER(run_variable, value)},
};
static const struct shape variable_shape = SHAPE(run_variable, variable_fields);

static const struct field rule_fields[] = {
        {"kind", FIELD_WORD, FIELD_REQUIRED, MEMBER(run_report_rule, kind), .words = &report_kind_words},
        {"source", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_report_rule, source), .text = ""},
        {"metric", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_report_rule, metric), .text = ""},
};
static const struct shape rule_shape = SHAPE(run_report_rule, rule_fields);

static const struct field resources_fields[] = {
        {"threads", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(run_resources, threads)},
        {"memory_mb", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_resources, memory_mb)},
        {"minutes", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(run_resources, minutes)},
};
static const struct shape resources_shape = SHAPE(run_resources, resources_fields);

static const struct field run_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(assigned_run, id)},
        {"study", FIELD_TEXT, FIELD_REQUIRED, MEMBER(assigned_run, study)},
        {"trial", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(assigned_run, trial_id)},
        {"number", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(assigned_run, number)},
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(assigned_run, fold)},
        {"folds", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(assigned_run, folds), .number = 1},
        {"repeat", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(assigned_run, repeat)},
        {"attempt", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(assigned_run, attempt)},
        {"lease", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(assigned_run, lease)},
        {"expires_s", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(assigned_run, expires_s)},
        {"params", FIELD_JSON_OBJECT, FIELD_REQUIRED, MEMBER(assigned_run, params)},
        {"seed", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(assigned_run, seed)},
        {"command", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(assigned_run, command)},
        {"files", FIELD_MAP, FIELD_ALWAYS, MEMBER_LIST(assigned_run, files), .shape = &file_shape},
        {"report", FIELD_OBJECT, FIELD_REQUIRED, MEMBER(assigned_run, report), .shape = &rule_shape},
        {"resources", FIELD_OBJECT, FIELD_REQUIRED, MEMBER(assigned_run, resources), .shape = &resources_shape},
        {"metrics", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(assigned_run, metrics)},
        {"constraints", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(assigned_run, constraints)},
        {"env", FIELD_MAP, FIELD_ALWAYS, MEMBER_LIST(assigned_run, env), .shape = &variable_shape},
        {"wandb", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(assigned_run, wandb)},
        {"keep", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(assigned_run, keep), .shape = &kept_models_shape},
        {"checkpoint_follows", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(assigned_run, checkpoint_follows)},
        {"checkpoint", FIELD_MAP, FIELD_OPTIONAL, MEMBER_LIST(assigned_run, checkpoint), .shape = &checkpoint_shape},
        {"checkpoint_attempt", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(assigned_run, checkpoint_attempt)},
};
const struct shape assigned_run_shape = SHAPE(assigned_run, run_fields);

int64_t assigned_run_fold(const struct assigned_run *run)
{
	return run->fold - run->repeat * run->folds;
}

static const struct field answer_fields[] = {
        {"run", FIELD_OBJECT_OR_NULL, FIELD_ALWAYS, MEMBER(ask_answer, run), .shape = &assigned_run_shape},
        {"retry_s", FIELD_MEASURE, FIELD_OPTIONAL, MEMBER(ask_answer, retry_s)},
        {"reason", FIELD_WORD, FIELD_OPTIONAL, MEMBER(ask_answer, reason), .words = &wait_reason_words,
                .number = WAIT_NOTHING},
};
const struct shape ask_answer_shape = SHAPE(ask_answer, answer_fields);

/* ---- trial.report ---- */

static const char *const stop_names[] = {
        [STOP_NONE] = NULL, [STOP_PRUNED] = "pruned", [STOP_CANCELLED] = "cancelled", [STOP_LOST] = "lost"};
const struct words stop_reason_words = WORDS(stop_names);

static const struct field claim_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(lease_claim, run_id)},
        {"lease", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(lease_claim, lease)},
};
const struct shape lease_claim_shape = SHAPE(lease_claim, claim_fields);

static const struct field report_fields[] = {
        {"", FIELD_PART, FIELD_REQUIRED, MEMBER(report_request, claim), .shape = &lease_claim_shape},
        {"step", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(report_request, step)},
        {"value", FIELD_GIVEN, FIELD_OPTIONAL, MEMBER(report_request, value)},
        {"metrics", FIELD_MAP, FIELD_OPTIONAL, MEMBER_LIST(report_request, metrics), .shape = &metric_value_shape,
                .expected = "an object of numbers"},
};
const struct shape report_request_shape = SHAPE(report_request, report_fields);

static const struct field reported_fields[] = {
        {"stop", FIELD_WORD, FIELD_ALWAYS, MEMBER(report_answer, stop), .words = &stop_reason_words},
};
const struct shape report_answer_shape = SHAPE(report_answer, reported_fields);

/* ---- trial.tell ---- */

static const char *const end_names[] = {
        [RUN_COMPLETE] = "complete", [RUN_PRUNED] = "pruned", [RUN_FAILED] = "failed", [RUN_LOST] = "lost"};
static const struct words end_words = WORDS(end_names); /* of run_state_words those that a holder may say */

static const struct field range_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(metric_range, name)},
        {"least", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(metric_range, least)},
        {"greatest", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(metric_range, greatest)},
        {"last", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(metric_range, last)},
};
static const struct shape range_shape = SHAPE(metric_range, range_fields);

static const struct field tell_fields[] = {
        {"", FIELD_PART, FIELD_REQUIRED, MEMBER(tell_request, claim), .shape = &lease_claim_shape},
        {"state", FIELD_WORD, FIELD_REQUIRED, MEMBER(tell_request, state), .words = &end_words},
        {"value", FIELD_GIVEN, FIELD_OPTIONAL, MEMBER(tell_request, value)},
        {"values", FIELD_NUMBERS, FIELD_OPTIONAL, MEMBER_LIST(tell_request, values)},
        {"metrics", FIELD_MAP, FIELD_OPTIONAL, MEMBER_LIST(tell_request, metrics), .shape = &metric_value_shape,
                .expected = "an object of numbers"},
        {"heard", FIELD_MAP, FIELD_OPTIONAL, MEMBER_LIST(tell_request, heard), .shape = &range_shape,
                .expected = "an object of {least, greatest, last}"},
        {"tables", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(tell_request, tables), .shape = &run_tables_shape},
        {"usage", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(tell_request, usage), .shape = &run_usage_shape},
        {"reason", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(tell_request, reason), .text = ""},
        {"by_signal", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(tell_request, by_signal)},
        {"uncounted", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(tell_request, uncounted)},
};
const struct shape tell_request_shape = SHAPE(tell_request, tell_fields);

static const struct field told_fields[] = {
        {"trial", FIELD_WORD, FIELD_REQUIRED, MEMBER(tell_answer, trial), .words = &trial_state_words},
};
const struct shape tell_answer_shape = SHAPE(tell_answer, told_fields);
