/* What comes with an error beside its sentence. */
#ifndef SCHEMA_API_REFUSAL_H
#define SCHEMA_API_REFUSAL_H

#include "schema/api/field.h"

/* One thing that is wrong with a study file. */
struct refused_key {
	const char *path; /* of the key; "" for the whole */
	const char *text; /* a sentence */
};

/* `data` of an error. */
struct refusal {
	LIST_OF(struct refused_key) complaints;
	const char *path; /* of the key at fault; NULL if none is */
};

extern const struct shape refusal_shape;

#endif
