/* A parameter's value in its three forms. */
#ifndef SCHEMA_SPACE_PARAM_VALUE_H
#define SCHEMA_SPACE_PARAM_VALUE_H

#include "schema/space/param.h"

/* Appends the value in JSON form / in command-line form. `value` is internal and not NAN. */
void param_append_json(const struct param *param, double value, struct text *out);
void param_append_text(const struct param *param, double value, struct text *out);

/* Reads a JSON value (from the wire, a queue row) into *internal. 0; -EINVAL with a sentence when
 * the JSON is not of the parameter's kind or is no choice of it; -ENOMEM. A number outside the
 * bounds is returned (Optuna uses fixed values as they are) with the positive outcome
 * PARAM_OUT_OF_BOUNDS. */
enum { PARAM_OUT_OF_BOUNDS = 500 };
int param_from_json(double *internal, const struct param *param, const struct cJSON *json, struct error *error);

#endif
