#include "schema/api/daemon.h"

static const struct field export_fields[] = {
        {"path", FIELD_TEXT, FIELD_REQUIRED, MEMBER(file_export, path)},
};
const struct shape file_export_shape = SHAPE(file_export, export_fields);

static const struct field ping_fields[] = {
        {"software", FIELD_TEXT, FIELD_ALWAYS, MEMBER(daemon_ping_answer, software), .text = ""},
        {"server_time", FIELD_TIME, FIELD_ALWAYS, MEMBER(daemon_ping_answer, server_time)},
};
const struct shape daemon_ping_answer_shape = SHAPE(daemon_ping_answer, ping_fields);
