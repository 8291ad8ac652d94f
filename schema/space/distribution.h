/* Optuna's distribution_json (optuna/distributions.py: distribution_to_json,
 * json_to_distribution). */
#ifndef SCHEMA_SPACE_DISTRIBUTION_H
#define SCHEMA_SPACE_DISTRIBUTION_H

#include "schema/space/param.h"

/* Appends the parameter's distribution_json, byte for byte as Optuna writes it; a frozen space
 * keeps it in param->distribution. */
void param_append_distribution(const struct param *param, struct text *out);

/* Appends a choice as Optuna gets it. Lists and dictionaries are text there, as is a number that
 * Python takes for a flag before it (1 after true): Optuna looks choices up by hash and by ==. */
void param_append_optuna_choice(const struct param *param, size_t index, struct text *out);

/* The internal value of a choice that Optuna has as text; -1 when the text is none. */
long param_find_optuna_choice(const struct param *param, const char *text);

/* Makes an internal value of another distribution (any spelling Optuna's readers take) ours:
 * numbers stay, also outside of the range, where class and log are the same; a choice gets the
 * place that it has here. False for what the parameter has no value for. */
bool param_take_from_distribution(double *value, const struct param *param, const char *distribution_json);

#endif
