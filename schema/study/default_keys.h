/* `defaults`: the configuration that the user has anyway, tried before all others. */
#ifndef SCHEMA_STUDY_DEFAULT_KEYS_H
#define SCHEMA_STUDY_DEFAULT_KEYS_H

#include "schema/study/keys.h"

/* After the parameters, when the space is frozen: values that are left out are NAN, values whose
 * conditions do not hold are dropped with a warning. */
void finish_defaults(struct reader *reader);

#endif
