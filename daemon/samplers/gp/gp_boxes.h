/* The hypervolume that a point is expected to add to a front, exactly: the part of the space
 * that no point of the front dominates is cut into boxes, and over each the expectation is a
 * product, as the losses are independent (Emmerich, Deutz & Klinkenberg 2011, "Hypervolume-
 * based expected improvement"; Daulton, Balandat & Bakshy 2020, "Differentiable Expected
 * Hypervolume Improvement"). All in logarithms, since far from the front the expectation is
 * too small to be written down. Legend: k losses, smaller is better; an edge is a coordinate
 * at which boxes may end. */
#ifndef DAEMON_SAMPLERS_GP_GP_BOXES_H
#define DAEMON_SAMPLERS_GP_GP_BOXES_H

#include <stddef.h>

#define GP_LOSSES_AT_MOST 4

struct gp_boxes {
	size_t k, count, capacity;
	size_t edge_count; /* m, of each loss; the first is −∞, the last the reference */
	double *edges;     /* (k, m) rising */
	size_t *ends;      /* (count, 2k) the edges between which a box lies: low and high of each loss */
	/* Scratch of gp_boxes_gain. */
	double *gains;   /* (k, m) */
	double *shares;  /* (k, m) */
	double *volumes; /* (count) */
	double gain;     /* the last */
};

/* Cuts what the `points` (count, k) leave undominated below the `reference` (k); points that
 * are not below it count nothing. O(countᵏ⁻¹) boxes. 0 or -ENOMEM. */
int gp_boxes_init(struct gp_boxes *boxes, const double *points, size_t count, size_t k, const double *reference);
void gp_boxes_finish(struct gp_boxes *boxes);

/* What a model expects of a loss: a normal distribution. */
struct gp_marginal {
	double mean, deviation;
	double by_mean, by_deviation; /* out: slopes of the gain */
};

/* ln of the expected gain in hypervolume at a point with the losses `marginals` (k). */
double gp_boxes_gain(struct gp_boxes *boxes, const struct gp_marginal *marginals);

/* Sets the slopes of the gain found last, which must be finite, by the same losses. */
void gp_boxes_slopes(struct gp_boxes *boxes, struct gp_marginal *marginals);

#endif
