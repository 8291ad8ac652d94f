#include "daemon/samplers/unit.h"

#include <assert.h>
#include <math.h>

#include "schema/base/number.h"

/* Everything is halved so that the width of a range from -1e308 to 1e308 is finite; a factor of two
 * changes no bit of the quotient. */
double unit_of(const struct param *param, double value)
{
	assert(param->kind != PARAM_CATEGORICAL);
	double low = param->low - param->step / 2, high = param->high + param->step / 2;
	double clipped = fmin(fmax(value, low), high);
	if (low >= high)
		return 0.5;
	return param->log ? (log(clipped) - log(low)) / (log(high) - log(low))
	                  : (clipped / 2 - low / 2) / (high / 2 - low / 2);
}

double unit_value(const struct param *param, double unit)
{
	assert(param->kind != PARAM_CATEGORICAL);
	double low = param->low - param->step / 2, high = param->high + param->step / 2;
	if (low >= high)
		return param->low;
	if (param->log)
		return param_snap(param, exp(log(low) + unit * (log(high) - log(low))));
	return param_snap(param, number_between(low, high, unit));
}
