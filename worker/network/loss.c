#include "worker/network/loss.h"

#include <assert.h>
#include <math.h>

const char *const loss_names[] = {"cross_entropy", "focal", "squared_hinge", NULL};

static real highest(const real *scores, size_t classes)
{
	real best = scores[0];
	for (size_t c = 1; c < classes; c++)
		best = scores[c] > best ? scores[c] : best;
	return best;
}

void loss_softmax(double *probabilities, const real *scores, size_t classes)
{
	real best = highest(scores, classes);
	double sum = 0;
	for (size_t c = 0; c < classes; c++)
		sum += probabilities[c] = exp((double)(scores[c] - best));
	for (size_t c = 0; c < classes; c++)
		probabilities[c] /= sum;
}

/* Fills `p` = softmax(scores); returns log sum exp(scores). */
static double softmax(real *p, const real *scores, size_t classes)
{
	real best = highest(scores, classes), sum = 0;
	for (size_t c = 0; c < classes; c++)
		sum += p[c] = REAL_EXP(scores[c] - best);
	for (size_t c = 0; c < classes; c++)
		p[c] /= sum;
	assert(!(sum <= 0)); /* one class has exp(0); or not a number */
	return (double)REAL_LOG(sum) + (double)best;
}

static double cross_entropy(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	real even = (real)options->smoothing / (real)classes, peak = 1 - (real)options->smoothing;
	double log_sum = softmax(gradient, scores, classes);
	double loss = (double)peak * (log_sum - (double)scores[truth]);
	for (size_t c = 0; even > 0 && c < classes; c++)
		loss += (double)even * (log_sum - (double)scores[c]);
	for (size_t c = 0; c < classes; c++)
		gradient[c] -= even;
	gradient[truth] -= peak;
	return loss;
}

/* With q = p_y: d loss / d s_c = (p_c - [c = y]) (1 - q)^g (1 - g q log q / (1 - q)). */
static double focal(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	double log_q = (double)scores[truth] - softmax(gradient, scores, classes);
	double q = exp(log_q), rest = fmax(1 - q, 1e-12);
	double factor = pow(rest, options->focus) * (1 - options->focus * q * log_q / rest);
	gradient[truth] -= 1;
	for (size_t c = 0; c < classes; c++)
		gradient[c] *= (real)factor;
	return -pow(rest, options->focus) * log_q;
}

static double squared_hinge(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	(void)options;
	double loss = 0;
	for (size_t c = 0; c < classes; c++) {
		real sign = c == truth ? 1 : -1, lack = 1 - sign * scores[c];
		lack = lack > 0 ? lack : 0;
		gradient[c] = -2 * sign * lack;
		loss += (double)(lack * lack);
	}
	return isnan(scores[truth]) ? (double)NAN : loss;
}

static double (*const losses[])(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options) = {
        [LOSS_CROSS_ENTROPY] = cross_entropy, [LOSS_FOCAL] = focal, [LOSS_SQUARED_HINGE] = squared_hinge};

double loss_gradient(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	assert(truth < classes && options->kind >= LOSS_CROSS_ENTROPY && options->kind <= LOSS_SQUARED_HINGE);
	return losses[options->kind](gradient, scores, classes, truth, options);
}

/* log softmax(scores) of class c is scores[c] minus this. */
static double log_sum(const real *scores, size_t classes)
{
	const double best = (double)highest(scores, classes);
	double sum = 0;
	for (size_t c = 0; c < classes; c++)
		sum += exp((double)scores[c] - best);
	assert(!(sum <= 0)); /* one class has exp(0); or not a number */
	return best + log(sum);
}

/* With a = log p − log q: KL(p‖q) = Σ p a, its gradient by p's scores is p (a − KL), by q's scores
 * q − p. */
double loss_agreement(real *const gradients[2], const real *const scores[2], size_t classes, double weight)
{
	const double sums[2] = {log_sum(scores[0], classes), log_sum(scores[1], classes)};
	double divergence[2] = {0, 0};
	for (int round = 0; round < 2; round++)
		for (size_t c = 0; c < classes; c++) {
			const double log_p = (double)scores[0][c] - sums[0], log_q = (double)scores[1][c] - sums[1];
			const double p = exp(log_p), q = exp(log_q), a = log_p - log_q;
			if (round == 0) {
				divergence[0] += p * a;
				divergence[1] -= q * a;
				continue;
			}
			gradients[0][c] += (real)(weight / 2 * (p * (a - divergence[0]) + p - q));
			gradients[1][c] += (real)(weight / 2 * (q * (-a - divergence[1]) + q - p));
		}
	return weight * (divergence[0] + divergence[1]) / 2;
}
