/* A point of a space: one internal value per parameter, in the space's order; NAN = the parameter
 * is not active. */
#ifndef SCHEMA_SPACE_POINT_H
#define SCHEMA_SPACE_POINT_H

#include <stdbool.h>

#include "schema/base/rng.h"
#include "schema/space/space.h"

/* True when every condition of parameter `index` holds under `values` (count of space). Parents
 * must be set already: walk in space->order. */
bool point_is_active(const struct space *space, const double *values, size_t index);

/* Sets every value to NAN. */
void point_clear(const struct space *space, double *values);

/* Sets values of parameters whose conditions cannot hold to NAN. A value whose parent is still to
 * be chosen stays: it counts once the parent has a value that it hangs on. */
void point_drop_inactive(const struct space *space, double *values);

/* True when every active parameter has a value. */
bool point_is_complete(const struct space *space, const double *values);

/* Draws every parameter that is active and still NAN from its prior, parents first (one uniform per
 * parameter). */
void point_draw(const struct space *space, double *values, struct rng *rng);

/* True when two points have the same active parameters and the same values (param_same). */
bool point_equal(const struct space *space, const double *a, const double *b);

/* Appends the point with the constants as one JSON object, keys sorted by name; nested parameters
 * are nested objects. */
void point_append_json(const struct space *space, const double *values, struct text *out);

/* The same in two halves: the parameters; the constants, which every point has. */
void point_append_params_json(const struct space *space, const double *values, struct text *out);
void space_append_constants_json(const struct space *space, struct text *out);

/* Reads {"name": value, …} (flat dotted or nested names) into `values`; absent names become NAN. 0;
 * PARAM_OUT_OF_BOUNDS if some value is outside its bounds; -EINVAL with a sentence for an unknown
 * name or a wrong kind. */
int point_from_json(double *values, const struct space *space, const struct cJSON *object, struct error *error);

#endif
