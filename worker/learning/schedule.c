#include "worker/learning/schedule.h"

#include <assert.h>
#include <math.h>

#define PI 3.14159265358979323846

const char *const schedule_names[] = {"constant", "linear", "cosine", "one_cycle", "inverse_sqrt", NULL};

/* Where a training is in its schedule, after the warm-up. */
struct schedule_place {
	double progress;     /* 0 to 1 */
	double step, warmup; /* steps from the start, steps of the warm-up (at least 1) */
};

static double constant(const struct schedule_place *place)
{
	(void)place;
	return 1;
}

static double linear(const struct schedule_place *place)
{
	return 1 - place->progress;
}

static double cosine(const struct schedule_place *place)
{
	return (1 + cos(PI * place->progress)) / 2;
}

static double one_cycle(const struct schedule_place *place)
{
	const double least = 1e-4;
	return least + (1 - least) * cosine(place);
}

static double inverse_sqrt(const struct schedule_place *place)
{
	return fmin(1, sqrt(place->warmup / place->step));
}

static double (*const schedules[])(const struct schedule_place *place) = {
        constant, linear, cosine, one_cycle, inverse_sqrt};

double schedule_factor(int schedule, size_t step, size_t steps, double warmup)
{
	const double rising = floor(warmup * (double)steps), now = (double)step, all = (double)steps;
	assert(schedule >= 0 && (size_t)schedule < sizeof schedules / sizeof *schedules);
	if (now < rising)
		return (now + 1) / (rising + 1);
	const struct schedule_place place = {fmin((now - rising) / fmax(all - rising, 1), 1), now + 1, fmax(rising, 1)};
	return schedules[schedule](&place);
}
