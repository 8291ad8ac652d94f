/* The normal distribution, accurate far into both tails. */
#ifndef DAEMON_SAMPLERS_NORMAL_H
#define DAEMON_SAMPLERS_NORMAL_H

#define SQRT_HALF 0.70710678118654752440    /* √½ */
#define LOG_SQRT_2PI 0.91893853320467274178 /* ln √(2π) */

/* ln Φ(x) for any x. */
double normal_log_cdf(double x);

/* ln (Φ(b) − Φ(a)) for a ≤ b; -inf when they are equal. */
double normal_log_mass(double a, double b);

/* ln (φ(x) + x Φ(x)), by how much a standard normal stays below x on average; any x. */
double normal_log_gain(double x);

/* Φ⁻¹(p) for p in (0, 1), to about 1e-16 relative (Wichura 1988, "Algorithm AS 241"). */
double normal_quantile(double p);

/* The x with ln Φ(x) = log_p (< 0), for probabilities too small or too near 1 to be written
 * down. */
double normal_log_quantile(double log_p);

/* Quantile `q` in [0, 1] of the standard normal cut to [a, b]; NAN when a = b. */
double truncated_normal_quantile(double q, double a, double b);

#endif
