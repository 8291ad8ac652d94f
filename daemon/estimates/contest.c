#include "daemon/estimates/contest.h"

#include <math.h>

#define POINTS 65 /* of the quadrature … */
#define REACH 5.0 /* … over so many standard deviations to both sides */

static double density(double z)
{
	return exp(-z * z / 2) * 0.3989422804014327; /* 1 / √(2π) */
}

static double below(double z)
{
	return erfc(-z / sqrt(2)) / 2;
}

/* The chance that one is below `value`; exact ones that are equal are, if they come later. */
static double chance_below(const struct contender *one, double value, int later)
{
	double apart = value - one->mean;
	if (one->variance > 0)
		return below(apart / sqrt(one->variance));
	return apart > 0 || (apart >= 0 && later) ? 1 : 0;
}

static double chance_all_below(const struct contender *all, size_t count, size_t but, double value)
{
	double chance = 1;
	for (size_t i = 0; i < count && chance > 0; i++)
		if (i != but)
			chance *= chance_below(&all[i], value, i > but);
	return chance;
}

static double chance_of(const struct contender *all, size_t count, size_t which)
{
	double sum = 0, step = 2 * REACH / (POINTS - 1), sd = sqrt(all[which].variance);
	if (!(sd > 0))
		return chance_all_below(all, count, which, all[which].mean);
	for (size_t i = 0; i < POINTS; i++) {
		double z = -REACH + step * (double)i;
		sum += density(z) * step * chance_all_below(all, count, which, all[which].mean + sd * z);
	}
	return sum;
}

void contest_chances(double *chances, const struct contender *all, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		chances[i] = chance_of(all, count, i);
		sum += chances[i];
	}
	for (size_t i = 0; i < count && sum > 0; i++)
		chances[i] /= sum;
}

double contest_beats(const struct contender *a, const struct contender *b)
{
	double apart = a->mean - b->mean, sd = sqrt(a->variance + b->variance);
	if (sd > 0)
		return below(apart / sd);
	return apart > 0 ? 1 : apart < 0 ? 0 : 0.5;
}

double contest_gain(const struct contender *all, size_t count, size_t which, double noise)
{
	const struct contender *one = &all[which];
	double others = -(double)INFINITY;
	for (size_t i = 0; i < count; i++)
		if (i != which)
			others = fmax(others, all[i].mean);
	double total = one->variance + noise;
	double shift = total > 0 ? one->variance / sqrt(total) : 0; /* by how much the mean will move */
	if (!(shift > 0) || !isfinite(others))
		return 0;
	double z = -fabs(one->mean - others) / shift;
	return shift * (density(z) + z * below(z));
}
