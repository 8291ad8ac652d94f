/* One parameter of a search space: its kind, bounds and spread, and its value in three forms:
 *   internal  a double: a float as it is, an int as 8.0, a category as the index of its choice, NAN = not active
 *   JSON      what the wire and `params` carry: 0.001, 8, "adam", true, null
 *   text      what a command line carries: Python's str() (study-file.md B.3) */
#ifndef SCHEMA_SPACE_PARAM_H
#define SCHEMA_SPACE_PARAM_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

struct cJSON;

enum param_kind { PARAM_FLOAT, PARAM_INT, PARAM_CATEGORICAL };

/* How unmodelled draws (random, start-up) are spread inside the bounds; samplers that model see
 * kind, log and bounds. */
enum param_prior {
	PRIOR_UNIFORM,         /* uniform in value; categorical: all choices alike */
	PRIOR_LOG_UNIFORM,     /* uniform in ln value */
	PRIOR_INV_LOG_UNIFORM, /* exp(-U(-ln high, -ln low)) (W&B): uniform in ln value, filled from the top */
	PRIOR_NORMAL,          /* normal(mu, sigma), cut to the bounds */
	PRIOR_LOG_NORMAL,      /* ln value is normal(mu, sigma), cut to the bounds */
	PRIOR_BETA,            /* beta(a = mu, b = sigma) on [low, high] */
	PRIOR_WEIGHTED,        /* categorical with probabilities */
};

struct choice {
	const char *
	        json; /* canonical JSON text, as Optuna writes it in a distribution: "adam" (quoted), 0.1, true, null */
	const char *text; /* as a command line gets it; for numbers the spelling of the study file is kept: 1e-5 */
};

/* The parameter exists only where the parent has one of these values; several conditions must all
 * hold. */
struct condition {
	size_t parent; /* index of the parent in its space */
	size_t value_count;
	const double *values; /* internal values of the parent */
};

struct param {
	const char *name; /* unique in the space; nested W&B parameters are joined by '.', see path */
	size_t path_length;
	const char *const *path; /* the nesting: {"optimizer", "lr"}; path_length 1 for a plain parameter */
	enum param_kind kind;
	enum param_prior prior;
	bool log;         /* modelled in ln value; then low > 0 and step is 0 (float) or 1 (int) */
	double low, high; /* inclusive bounds, high already lowered to the grid; categorical: 0 and choice_count − 1 */
	double step;      /* grid width; 0 = continuous; ints ≥ 1; categorical 1 */
	double mu, sigma; /* of the prior where it has them */
	size_t choice_count;
	const struct choice *choices;
	const double *probabilities; /* (choice_count), sums to 1; NULL = all alike */
	size_t condition_count;
	const struct condition *conditions;
	const char *distribution; /* Optuna's distribution_json, byte for byte (optuna-storage 1.5); once frozen */
};

/* True when `value` is one the parameter can take: inside the bounds and (1e-8 relative) on the
 * grid. */
bool param_contains(const struct param *param, double value);

/* True when two values of the parameter are the same up to rounding (1e-8 of the larger one, or of
 * a step): values that came through JSON or through another program's arithmetic, where 0 may be
 * 5.5e-17, are still the values that they were. */
bool param_same(const struct param *param, double a, double b);

/* The nearest value that the parameter can take: rounded half to even to the grid, clipped (Optuna:
 * Distribution). */
double param_snap(const struct param *param, double value);

/* True for a parameter that can take one value only. */
bool param_is_single(const struct param *param);

/* Number of values the parameter can take; 0 when not countable (continuous). */
size_t param_cardinality(const struct param *param);

#endif
