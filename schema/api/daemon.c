#include "schema/api/daemon.h"

static const struct field export_fields[] = {
        {"path", FIELD_TEXT, FIELD_REQUIRED, MEMBER(file_export, path)},
};
const struct shape file_export_shape = SHAPE(file_export, export_fields);
