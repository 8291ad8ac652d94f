/* Whose models stay, told to whoever has the folders. */
#ifndef SCHEMA_API_KEPT_MODELS_H
#define SCHEMA_API_KEPT_MODELS_H

#include "schema/api/field.h"

/* Of the trials below `before`, those whose models stay: the best ones and those that still run. */
struct kept_models {
	int64_t before;
	LIST_OF(int64_t) numbers;
};
extern const struct shape kept_models_shape;

#endif
