/* Optuna's distribution_json (optuna/distributions.py: distribution_to_json,
 * json_to_distribution). */
#ifndef SCHEMA_SPACE_DISTRIBUTION_H
#define SCHEMA_SPACE_DISTRIBUTION_H

#include "schema/space/param.h"

/* Appends the parameter's distribution_json, byte for byte as Optuna writes it; a frozen space
 * keeps it in param->distribution. */
void param_append_distribution(const struct param *param, struct text *out);

/* True when `distribution_json` (any spelling Optuna's readers take) describes the same
 * distribution: same class, bounds, log, step and choices. Text that is no distribution gives
 * false. */
bool param_matches_distribution(const struct param *param, const char *distribution_json);

#endif
