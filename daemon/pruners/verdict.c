#include "daemon/pruners/verdict.h"

#include <math.h>
#include <stdio.h>

struct verdict verdict_none(int64_t step, double value)
{
	return (struct verdict){.rung = -1, .step = step, .value = value, .threshold = (double)NAN};
}

static void write_grounds(char out[VERDICT_TEXT_BYTES], const struct verdict *verdict)
{
	const struct verdict_grounds *grounds = verdict->grounds;
	char seen[80], noise[40] = "";
	if (grounds->runs > 0)
		snprintf(seen, sizeof seen, "after %zu of %zu folds", grounds->runs, grounds->of_runs);
	else
		snprintf(seen, sizeof seen, "at step %lld%s", (long long)verdict->step,
		        grounds->of_runs > 1 ? " of the first fold" : "");
	if (grounds->outlier) {
		snprintf(out, VERDICT_TEXT_BYTES,
		        "%s %s: %.4g, far worse than all others (%.4g would be), twice running", verdict->pruner, seen,
		        verdict->value, verdict->threshold);
		return;
	}
	if (grounds->noise > 0)
		snprintf(noise, sizeof noise, "; noise of a fold %.2g", grounds->noise);
	snprintf(out, VERDICT_TEXT_BYTES,
	        "%s %s: worth %.4g ± %.2g where %.4g is the bar, more than %.2g standard errors worse%s",
	        verdict->pruner, seen, grounds->mean, grounds->sd, grounds->bar, grounds->z, noise);
}

void verdict_text(char out[VERDICT_TEXT_BYTES], const struct verdict *verdict)
{
	if (verdict->grounds)
		write_grounds(out, verdict);
	else if (isnan(verdict->threshold))
		snprintf(out, VERDICT_TEXT_BYTES, "%s at step %lld: %g", verdict->pruner, (long long)verdict->step,
		        verdict->value);
	else
		snprintf(out, VERDICT_TEXT_BYTES, "%s at step %lld: %g against %g", verdict->pruner,
		        (long long)verdict->step, verdict->value, verdict->threshold);
}
