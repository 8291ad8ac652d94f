#include "schema/api/refusal.h"

static const struct field key_fields[] = {
        {"path", FIELD_TEXT, FIELD_ALWAYS, MEMBER(refused_key, path), .text = ""},
        {"text", FIELD_TEXT, FIELD_ALWAYS, MEMBER(refused_key, text), .text = ""},
};
static const struct shape key_shape = SHAPE(refused_key, key_fields);

static const struct field refusal_fields[] = {
        {"complaints", FIELD_OBJECTS, FIELD_OPTIONAL, MEMBER_LIST(refusal, complaints), .shape = &key_shape},
        {"path", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(refusal, path)},
};
const struct shape refusal_shape = SHAPE(refusal, refusal_fields);
