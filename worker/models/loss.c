#include "worker/models/loss.h"

#include <math.h>

const char *const loss_names[] = {"cross_entropy", "focal", "squared_hinge", NULL};

static float highest(const float *scores, size_t classes)
{
	float best = scores[0];
	for (size_t c = 1; c < classes; c++)
		best = scores[c] > best ? scores[c] : best;
	return best;
}

void loss_softmax(double *probabilities, const float *scores, size_t classes)
{
	float best = highest(scores, classes);
	double sum = 0;
	for (size_t c = 0; c < classes; c++)
		sum += probabilities[c] = exp((double)(scores[c] - best));
	for (size_t c = 0; c < classes; c++)
		probabilities[c] /= sum;
}

/* Fills `p` = softmax(scores) in single precision; returns log sum exp(scores - highest). */
static double float_softmax(float *p, const float *scores, size_t classes)
{
	float best = highest(scores, classes), sum = 0;
	for (size_t c = 0; c < classes; c++)
		sum += p[c] = expf(scores[c] - best);
	for (size_t c = 0; c < classes; c++)
		p[c] /= sum;
	return (double)logf(sum) + (double)best;
}

static double cross_entropy(
        float *gradient, const float *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	float even = (float)options->smoothing / (float)classes, peak = 1 - (float)options->smoothing;
	double log_sum = float_softmax(gradient, scores, classes);
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
        float *gradient, const float *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	double log_q = (double)scores[truth] - float_softmax(gradient, scores, classes);
	double q = exp(log_q), rest = fmax(1 - q, 1e-12);
	double factor = pow(rest, options->focus) * (1 - options->focus * q * log_q / rest);
	gradient[truth] -= 1;
	for (size_t c = 0; c < classes; c++)
		gradient[c] *= (float)factor;
	return -pow(rest, options->focus) * log_q;
}

static double squared_hinge(
        float *gradient, const float *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	(void)options;
	double loss = 0;
	for (size_t c = 0; c < classes; c++) {
		float sign = c == truth ? 1 : -1, lack = 1 - sign * scores[c];
		lack = lack > 0 ? lack : 0;
		gradient[c] = -2 * sign * lack;
		loss += (double)(lack * lack);
	}
	return isnan(scores[truth]) ? (double)NAN : loss;
}

static double (*const losses[])(float *gradient, const float *scores, size_t classes, size_t truth,
        const struct loss_options *options) = {cross_entropy, focal, squared_hinge};

double loss_gradient(
        float *gradient, const float *scores, size_t classes, size_t truth, const struct loss_options *options)
{
	return losses[options->kind](gradient, scores, classes, truth, options);
}
