#include "schema/api/lease.h"

#include <math.h>

static const struct field fetching_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(fetching_run, run_id)},
        {"file", FIELD_TEXT, FIELD_REQUIRED, MEMBER(fetching_run, file)},
        {"percent", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(fetching_run, percent)},
};
static const struct shape fetching_shape = SHAPE(fetching_run, fetching_fields);

static const struct field renew_fields[] = {
        {"leases", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(renew_request, leases), .shape = &lease_claim_shape,
                .expected = "a list of {run, lease}"},
        {"fetching", FIELD_OBJECTS, FIELD_OPTIONAL, MEMBER_LIST(renew_request, fetching), .shape = &fetching_shape},
        {"load", FIELD_MEASURE, FIELD_OPTIONAL, MEMBER(renew_request, load), .number = (double)NAN},
};
const struct shape renew_request_shape = SHAPE(renew_request, renew_fields);

static const struct field stopped_fields[] = {
        {"run", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(stopped_run, run_id)},
        {"reason", FIELD_WORD, FIELD_REQUIRED, MEMBER(stopped_run, reason), .words = &stop_reason_words},
};
static const struct shape stopped_shape = SHAPE(stopped_run, stopped_fields);

static const struct field renewed_fields[] = {
        {"expires_s", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(renew_answer, expires_s)},
        {"lost", FIELD_INTEGERS, FIELD_ALWAYS, MEMBER_LIST(renew_answer, lost)},
        {"stop", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(renew_answer, stop), .shape = &stopped_shape},
};
const struct shape renew_answer_shape = SHAPE(renew_answer, renewed_fields);
