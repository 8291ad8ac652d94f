/* Losses of one row and their gradients by the scores. Symbols: s scores (classes), p = softmax(s),
 * y the true class. */
#ifndef WORKER_NETWORK_LOSS_H
#define WORKER_NETWORK_LOSS_H

#include "worker/network/layers/real.h"

struct loss_options {
	int kind;         /* enum loss_kind */
	double smoothing; /* share of the target spread over all classes (cross_entropy) */
	double focus;     /* gamma of the focal loss */
};

enum loss_kind { LOSS_CROSS_ENTROPY, LOSS_FOCAL, LOSS_SQUARED_HINGE };

/* cross_entropy, focal, squared_hinge; ended by NULL. */
extern const char *const loss_names[];

/* Fills gradient (classes) = d loss / d scores and returns the loss.
 *   cross_entropy  -sum_c t_c log p_c, t = (1 - e) onehot(y) + e / classes, e = smoothing
 *   focal          -(1 - p_y)^focus log p_y                            (Lin et al. 2017, eq. 4; its α is a class weight)
 *   squared_hinge  sum_c max(0, 1 - z_c s_c)^2, z = +1 for y, else -1  (one against the rest) */
double loss_gradient(
        real *gradient, const real *scores, size_t classes, size_t truth, const struct loss_options *options);

/* R-Drop (Wu et al. 2021, eq. 2–3) for two passes over one row: adds `weight` times the gradients
 * of (KL(p‖q) + KL(q‖p)) / 2, p and q the softmaxes of both scores (classes), and returns that
 * times `weight`. */
double loss_agreement(real *const gradients[2], const real *const scores[2], size_t classes, double weight);

/* p = softmax(scores), without overflow. */
void loss_softmax(double *probabilities, const real *scores, size_t classes);

#endif
