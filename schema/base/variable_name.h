/* Names that people chose, as parts of the names of environment variables. */
#ifndef SCHEMA_BASE_VARIABLE_NAME_H
#define SCHEMA_BASE_VARIABLE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/text.h"

/* What is no ASCII letter or digit of it becomes '_'. */
struct variable_name {
	const char *text; /* borrowed */
	size_t length;
	bool capitals; /* its letters become capital ones */
};

/* Appends the part. */
void variable_name_append(struct text *out, const struct variable_name *name);

/* True when nothing is left of it but '_'. */
bool variable_name_is_blank(const struct variable_name *name);

/* True when two different names become the same. */
bool variable_names_collide(const struct variable_name *a, const struct variable_name *b);

#endif
