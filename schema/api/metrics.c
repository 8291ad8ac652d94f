#include "schema/api/metrics.h"

static const struct field call_fields[] = {
        {"method", FIELD_TEXT, FIELD_REQUIRED, MEMBER(call_count, method)},
        {"count", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(call_count, count)},
};
static const struct shape call_shape = SHAPE(call_count, call_fields);

static const struct field durations_fields[] = {
        {"upto_s", FIELD_NUMBERS, FIELD_ALWAYS, MEMBER_LIST(durations, upto_s)},
        {"counts", FIELD_INTEGERS, FIELD_ALWAYS, MEMBER_LIST(durations, counts)},
        {"sum_s", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(durations, sum_s)},
};
static const struct shape durations_shape = SHAPE(durations, durations_fields);

static const struct field metrics_fields[] = {
        {"software", FIELD_TEXT, FIELD_ALWAYS, MEMBER(metrics_answer, software), .text = ""},
        {"uptime_s", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(metrics_answer, uptime_s)},
        {"epoch", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, epoch), .number = 1},
        {"studies", FIELD_COUNTS, FIELD_ALWAYS, MEMBER(metrics_answer, studies), .words = &study_state_words},
        {"trials", FIELD_COUNTS, FIELD_ALWAYS, MEMBER(metrics_answer, trials), .words = &trial_state_words},
        {"runs_waiting", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, runs_waiting)},
        {"leases", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, leases)},
        {"workers", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, workers)},
        {"runs_handed_out", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, runs_handed_out)},
        {"runs_ended", FIELD_COUNTS, FIELD_ALWAYS, MEMBER(metrics_answer, runs_ended), .words = &run_state_words},
        {"reports", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, reports)},
        {"calls", FIELD_MAP, FIELD_ALWAYS, MEMBER_LIST(metrics_answer, calls), .shape = &call_shape},
        {"turns", FIELD_OBJECT, FIELD_ALWAYS, MEMBER(metrics_answer, turns), .shape = &durations_shape},
        {"commits", FIELD_OBJECT, FIELD_ALWAYS, MEMBER(metrics_answer, commits), .shape = &durations_shape},
        {"file_bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, file_bytes)},
        {"blob_bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, blob_bytes)},
        {"blobs", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(metrics_answer, blobs)},
};
const struct shape metrics_answer_shape = SHAPE(metrics_answer, metrics_fields);
