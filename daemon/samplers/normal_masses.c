/* ln mass of one interval under many normals, the inner loop of discrete parameters. Seen from the
 * mean, the interval is mirrored so that its near edge is `near` and its far edge is beyond on the
 * same side or, when the mean is inside, on the other. With R(t) = (1 − Φ(t)) exp(t²/2):
 *
 *   mean outside:  mass = exp(−near²/2) · (R(near) − R(far) · exp((near² − far²)/2))
 *   mean inside:   mass = 1 − R(left) exp(−left²/2) − R(right) exp(−right²/2)
 *   narrow:        mass = width · φ(middle) · sinh(y)/y · (1 − width²/24), y = middle · width/2, where the others
 * cancel */
#include "daemon/samplers/normal_masses.h"

#include "daemon/samplers/normal.h"
#include "daemon/samplers/vector_math.h"

#define NARROW 1e-3 /* standard deviations */

INLINE double log_mass(double a, double b)
{
	double mirrored_a = a + b > 0 ? a : -b; /* now the interval lies mostly on the right */
	double far = a + b > 0 ? b : -a;
	double near = mirrored_a < 0 ? -mirrored_a : mirrored_a;
	double near_tail = tail_ratio(near), far_tail = tail_ratio(far);
	double near_power = mirrored_a < 0 ? exp_negative(-0.5 * near * near) : 1;
	double far_from = mirrored_a < 0 ? 0 : near * near;
	double far_power = exp_negative(0.5 * (far_from - far * far));
	double whole = mirrored_a < 0 ? 1 : 0;
	double sign = mirrored_a < 0 ? -1 : 1;
	double share = whole + sign * near_tail * near_power - far_tail * far_power;
	double wide = log_positive(share > 1e-300 ? share : 1e-300) - 0.5 * far_from;

	double width = b - a, middle = 0.5 * (a + b), y = 0.5 * middle * width;
	double series = y * y * (1.0 / 6 - y * y * (1.0 / 180)) - width * width * (1.0 / 24);
	double narrow = log_positive(width > 1e-300 ? width : 1e-300) - 0.5 * middle * middle - LOG_SQRT_2PI + series;
	return width < NARROW ? narrow : wide;
}

FOR_EACH_CPU
void normal_log_masses(double *restrict out, const double interval[2], const struct normals *normals)
{
	const double *restrict mus = normals->mus, *restrict sigmas = normals->sigmas, left = interval[0],
	                       right = interval[1];
	for (size_t i = 0, count = normals->count; i < count; i++)
		out[i] = log_mass((left - mus[i]) / sigmas[i], (right - mus[i]) / sigmas[i]);
}
