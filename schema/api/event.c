#include "schema/api/event.h"

static const char *const kind_names[] = {
        [EVENT_STARTED] = "started",
        [EVENT_REPORTED] = "reported",
        [EVENT_FINISHED] = "finished",
        [EVENT_LOST] = "lost",
        [EVENT_STATE] = "state",
        [EVENT_WARNING] = "warning",
        [EVENT_DELETED] = "deleted",
};
const struct words event_kind_words = WORDS(kind_names);

static const struct field watch_fields[] = {
        {"study", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(watch_request, study)},
};
const struct shape watch_request_shape = SHAPE(watch_request, watch_fields);

static const struct field event_fields[] = {
        {"study", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_event, study), .text = ""},
        {"kind", FIELD_WORD, FIELD_REQUIRED, MEMBER(study_event, kind), .words = &event_kind_words},
        {"number", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_event, number), .number = -1},
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_event, fold), .number = -1},
        {"step", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(study_event, step), .number = -1},
        {"value", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(study_event, value)},
        {"state", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_event, state), .text = ""},
        {"worker", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_event, worker), .text = ""},
        {"text", FIELD_TEXT, FIELD_ALWAYS, MEMBER(study_event, text), .text = ""},
};
const struct shape study_event_shape = SHAPE(study_event, event_fields);
