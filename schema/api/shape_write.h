/* Structs to JSON. */
#ifndef SCHEMA_API_SHAPE_WRITE_H
#define SCHEMA_API_SHAPE_WRITE_H

#include "schema/api/field.h"
#include "schema/base/text.h"

/* Appends `value`, a struct of that shape, as a JSON object. Lack of memory is the text's
 * `failed`. */
void shape_write(struct text *out, const struct shape *shape, const void *value);

#endif
