#include "daemon/samplers/importance/cells.h"

#include <assert.h>
#include <math.h>

static size_t number_count(const struct param *param)
{
	double range = param->high - param->low, count = CELLS_MAX;
	if (param->kind == PARAM_INT && param->log)
		count = ceil(log(range + 1) / log(2)) + 1;
	else if (param->step > 0)
		count = rint(range / param->step) + 1;
	return count < CELLS_MAX ? (size_t)count : CELLS_MAX;
}

struct cells cells_of(const struct param *param)
{
	if (param->kind == PARAM_CATEGORICAL)
		return (struct cells){.count = param->choice_count, .width = 1, .categorical = true};
	double low = param->log ? log(param->low) : param->low, high = param->log ? log(param->high) : param->high;
	size_t count = number_count(param);
	double width = count > 1 && high > low ? (high - low) / (double)(count - 1) : 1;
	return (struct cells){.count = count, .low = low, .width = width, .log = param->log};
}

/* Logarithms are off by an ulp here and there, so that a value half-way is one within TIE. */
#define TIE 1e-9

size_t cells_find(const struct cells *cells, double value)
{
	double place = ceil(((cells->log ? log(value) : value) - cells->low) / cells->width - 0.5 - TIE);
	assert(cells->count > 0);
	double last = (double)(cells->count - 1);
	return (size_t)fmin(fmax(place, 0), last);
}
