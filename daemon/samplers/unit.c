#include "daemon/samplers/unit.h"

#include <math.h>

double unit_of(const struct param *param, double value)
{
	double low = param->low - param->step / 2, high = param->high + param->step / 2;
	double clipped = fmin(fmax(value, low), high);
	return param->log ? log(clipped / low) / log(high / low) : (clipped - low) / (high - low);
}

double unit_value(const struct param *param, double unit)
{
	double low = param->low - param->step / 2, high = param->high + param->step / 2;
	return param_snap(param, param->log ? low * exp(unit * log(high / low)) : low + unit * (high - low));
}
