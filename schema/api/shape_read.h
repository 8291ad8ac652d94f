/* JSON to structs. */
#ifndef SCHEMA_API_SHAPE_READ_H
#define SCHEMA_API_SHAPE_READ_H

#include <cjson/cJSON.h>

#include "schema/api/field.h"
#include "schema/base/arena.h"

enum shape_outcome {
	SHAPE_WRONG = 1,    /* a field is missing or of another type */
	SHAPE_NOT_A_NUMBER, /* a number is neither one nor one of the words for those that are not finite */
};

/* What reading needs, and what it found wrong. */
struct shape_reader {
	struct arena *arena; /* what was read lives there, apart from the JSON */
	char path[160];      /* of the key at fault: "leases[0].run" */
	char expected[160];  /* "an integer" */
};

/* Reads the object into *out, a struct of that shape; keys that the shape does not know are passed
 * over. 0; a shape_outcome with `path` and `expected` filled in, or -ENOMEM, and what *out holds
 * means nothing then. */
int shape_read(void *out, const struct shape *shape, const cJSON *object, struct shape_reader *reader);

#endif
