#include "schema/api/kept_models.h"

static const struct field kept_fields[] = {
        {"before", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(kept_models, before)},
        {"numbers", FIELD_INTEGERS, FIELD_ALWAYS, MEMBER_LIST(kept_models, numbers)},
};
const struct shape kept_models_shape = SHAPE(kept_models, kept_fields);
