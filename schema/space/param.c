#include "schema/space/param.h"

#include <float.h>
#include <math.h>

#include "schema/space/grid.h"

/* Optuna: FloatDistribution._contains. */
#define ON_GRID 1e-8

static double last_index(const struct param *param)
{
	return grid_last_index(param->low, param->high, param->step);
}

bool param_contains(const struct param *param, double value)
{
	if (!isfinite(value))
		return false;
	if (param->step <= 0)
		return value >= param->low && value <= param->high;
	double index = (value - param->low) / param->step;
	double nearest = rint(index);
	double rounding = 4 * DBL_EPSILON * fmax(fabs(value), fabs(param->low)) / param->step;
	return fabs(index - nearest) < fmax(ON_GRID, rounding) && nearest >= 0 && nearest <= last_index(param);
}

bool param_same(const struct param *param, double a, double b)
{
	return fabs(a - b) <= ON_GRID * fmax(fmax(fabs(a), fabs(b)), param->step);
}

double param_snap(const struct param *param, double value)
{
	if (param->step <= 0)
		return fmin(fmax(value, param->low), param->high);
	double index = rint((value - param->low) / param->step);
	return grid_value(param->low, param->step, fmin(fmax(index, 0), last_index(param)));
}

bool param_is_single(const struct param *param)
{
	return param->low >= param->high;
}

size_t param_cardinality(const struct param *param)
{
	if (param_is_single(param))
		return 1;
	return param->step <= 0 ? 0 : (size_t)fmin(last_index(param) + 1, 0x1p53);
}
