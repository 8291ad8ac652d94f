#include "schema/api/access.h"

#include <math.h>

/* ---- token.create ---- */

static const struct field create_fields[] = {
        {"role", FIELD_WORD, FIELD_ALWAYS, MEMBER(token_create_request, role), .words = &role_words,
                .number = ROLE_WORKER},
        {"name", FIELD_TEXT, FIELD_ALWAYS, MEMBER(token_create_request, name), .text = ""},
        {"study", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(token_create_request, study)},
        {"expires_s", FIELD_MEASURE, FIELD_OPTIONAL, MEMBER(token_create_request, expires_s)},
        {"uses", FIELD_NATURAL, FIELD_OPTIONAL, MEMBER(token_create_request, uses)},
};
const struct shape token_create_request_shape = SHAPE(token_create_request, create_fields);

static const struct field created_fields[] = {
        {"id", FIELD_TEXT, FIELD_REQUIRED, MEMBER(token_create_answer, id)},
        {"token", FIELD_TEXT, FIELD_REQUIRED, MEMBER(token_create_answer, token)},
        {"expires", FIELD_TIME, FIELD_ALWAYS, MEMBER(token_create_answer, expires)},
};
const struct shape token_create_answer_shape = SHAPE(token_create_answer, created_fields);

/* ---- token.list ---- */

static const struct field token_fields[] = {
        {"id", FIELD_TEXT, FIELD_REQUIRED, MEMBER(token_summary, id)},
        {"role", FIELD_WORD, FIELD_REQUIRED, MEMBER(token_summary, role), .words = &role_words},
        {"name", FIELD_TEXT, FIELD_ALWAYS, MEMBER(token_summary, name), .text = ""},
        {"study", FIELD_TEXT, FIELD_ALWAYS, MEMBER(token_summary, study)},
        {"created", FIELD_TIME, FIELD_ALWAYS, MEMBER(token_summary, created)},
        {"expires", FIELD_TIME, FIELD_ALWAYS, MEMBER(token_summary, expires)},
        {"uses_left", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(token_summary, uses_left), .number = -1},
        {"revoked", FIELD_TIME, FIELD_ALWAYS, MEMBER(token_summary, revoked)},
        {"last_used", FIELD_TIME, FIELD_ALWAYS, MEMBER(token_summary, last_used)},
        {"last_from", FIELD_TEXT, FIELD_ALWAYS, MEMBER(token_summary, last_from), .text = ""},
        {"sessions", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(token_summary, sessions)},
};
static const struct shape token_shape = SHAPE(token_summary, token_fields);

static const struct field list_fields[] = {
        {"tokens", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(token_list_answer, tokens), .shape = &token_shape},
};
const struct shape token_list_answer_shape = SHAPE(token_list_answer, list_fields);

/* ---- token.revoke ---- */

static const struct field revoke_fields[] = {
        {"id", FIELD_TEXT, FIELD_REQUIRED, MEMBER(token_revoke_request, id)},
        {"keep_runs", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(token_revoke_request, keep_runs)},
};
const struct shape token_revoke_request_shape = SHAPE(token_revoke_request, revoke_fields);

static const struct field revoked_fields[] = {
        {"sessions", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(token_revoke_answer, sessions)},
        {"runs", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(token_revoke_answer, runs)},
};
const struct shape token_revoke_answer_shape = SHAPE(token_revoke_answer, revoked_fields);

/* ---- listen.start, listen.stop, listen.get ---- */

static const struct field listen_fields[] = {
        {"address", FIELD_TEXT, FIELD_ALWAYS, MEMBER(listen_request, address), .text = ""},
        {"port", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(listen_request, port), .number = -1},
        {"advertise", FIELD_TEXTS, FIELD_OPTIONAL, MEMBER_LIST(listen_request, advertise)},
        {"new_key", FIELD_SWITCH, FIELD_OPTIONAL, MEMBER(listen_request, new_key)},
};
const struct shape listen_request_shape = SHAPE(listen_request, listen_fields);

static const struct field listening_fields[] = {
        {"listening", FIELD_SWITCH, FIELD_REQUIRED, MEMBER(listen_answer, listening)},
        {"address", FIELD_TEXT, FIELD_ALWAYS, MEMBER(listen_answer, address), .text = ""},
        {"port", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(listen_answer, port)},
        {"advertise", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(listen_answer, advertise)},
        {"pin", FIELD_TEXT, FIELD_ALWAYS, MEMBER(listen_answer, pin)},
};
const struct shape listen_answer_shape = SHAPE(listen_answer, listening_fields);
