/* Quantiles of the priors that W&B's format knows. */
#ifndef SCHEMA_SPACE_PRIOR_H
#define SCHEMA_SPACE_PRIOR_H

#include "schema/space/param.h"

/* The value at quantile `u` in [0,1) of the parameter's prior, snapped to its grid. Pure. */
double param_quantile(const struct param *param, double u);

#endif
