#include "schema/api/blob.h"

static const struct field get_fields[] = {
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(blob_get_request, sha256)},
        {"offset", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(blob_get_request, offset)},
        {"length", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(blob_get_request, length), .number = (double)BLOB_CHUNK_BYTES},
};
const struct shape blob_get_request_shape = SHAPE(blob_get_request, get_fields);

static const struct field got_fields[] = {
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(blob_get_answer, size_bytes)},
        {"data", FIELD_TEXT, FIELD_REQUIRED, MEMBER(blob_get_answer, data)},
};
const struct shape blob_get_answer_shape = SHAPE(blob_get_answer, got_fields);

static const struct field put_fields[] = {
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(blob_put_request, sha256)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(blob_put_request, size_bytes)},
        {"offset", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(blob_put_request, offset)},
        {"data", FIELD_TEXT, FIELD_ALWAYS, MEMBER(blob_put_request, data), .text = ""},
        {"run", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(blob_put_request, run_id)},
        {"lease", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(blob_put_request, lease)},
};
const struct shape blob_put_request_shape = SHAPE(blob_put_request, put_fields);

static const struct field came_fields[] = {
        {"offset", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(blob_put_answer, offset)},
        {"done", FIELD_SWITCH, FIELD_ALWAYS, MEMBER(blob_put_answer, done)},
};
const struct shape blob_put_answer_shape = SHAPE(blob_put_answer, came_fields);
