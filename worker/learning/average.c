#include "worker/learning/average.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"

const char *const average_names[] = {"none", "ema", "swa", NULL};

int average_init(struct average *average, const struct parameters *parameters, const struct average_options *options)
{
	*average = (struct average){.options = options};
	if (options->kind == AVERAGE_NONE)
		return 0;
	average->values = memory_alloc(parameters->count, sizeof *average->values);
	return average->values ? 0 : -ENOMEM;
}

void average_finish(struct average *average)
{
	memory_free(average->values);
	*average = AVERAGE_NULL;
}

REAL_CLONES static void blend(real *restrict mean, const real *restrict values, real share, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mean[i] += share * (values[i] - mean[i]);
}

/* The parameters become the share `share` of the mean. */
static void take(struct average *average, const struct parameters *parameters, double share)
{
	assert(average->values);
	blend(average->values, parameters->values, (real)share, parameters->count);
	average->taken++;
}

void average_step(struct average *average, const struct parameters *parameters, size_t step)
{
	if (average->options->kind != AVERAGE_EMA)
		return;
	const double now = (double)step;
	const double keep = fmin(average->options->decay, (1 + now) / (10 + now));
	take(average, parameters, average->taken == 0 ? 1 : 1 - keep);
}

void average_epoch(struct average *average, const struct parameters *parameters, const struct average_epoch *epoch)
{
	const double first = average->options->start * (double)epoch->count;
	if (average->options->kind == AVERAGE_SWA && (double)epoch->number >= first)
		take(average, parameters, 1 / (double)(average->taken + 1));
}

real *average_values(const struct average *average, const struct parameters *parameters)
{
	return average->taken > 0 ? average->values : parameters->values;
}
