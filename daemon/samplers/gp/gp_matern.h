/* The arithmetic of gp_kernel.h's covariances, inlined into loops that become vector
 * instructions. A root is √5 r; with it M = (1 + root + root²/3) e and ∂M/∂r² = −5/6 (1 + root)
 * e, e = exp(−root). */
#ifndef DAEMON_SAMPLERS_GP_GP_MATERN_H
#define DAEMON_SAMPLERS_GP_GP_MATERN_H

#include <math.h>

#include "daemon/samplers/vector_math.h"

#define SQRT5 2.23606797749978969641

/* M over e */
INLINE double matern_bend(double root)
{
	return 1 + root + root * root * (1.0 / 3);
}

/* In one dimension exp(−scale |a − b|) is the product of what each coordinate has by itself, so
 * that n coordinates need n exponentials instead of n²: exp(scale (a − ½)) and exp(scale (½ −
 * b)), or the other way round, whichever is less. All are finite for coordinates from 0 to 1
 * and scales below 1,000. */
struct matern_side {
	double rise, fall;
};

INLINE struct matern_side matern_side(double x, double scale)
{
	double t = scale * (x - 0.5), less = exp_negative(-fabs(t)), more = 1 / less;
	return (struct matern_side){t > 0 ? more : less, t > 0 ? less : more};
}

/* exp(−scale |a − b|) */
INLINE double matern_fall(double rise_a, double fall_a, double rise_b, double fall_b)
{
	double up = rise_a * fall_b, down = fall_a * rise_b;
	return up < down ? up : down;
}

/* How coordinates are kept, one array after another: themselves, and both sides. */
enum { MATERN_AT, MATERN_RISE, MATERN_FALL, MATERN_PARTS };

#endif
