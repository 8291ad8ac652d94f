/* The Parzen estimator of TPE: a mixture of product kernels, one per observed point, and a broad
 * prior kernel.
 *
 * Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for Hyper-Parameter Optimization"; kernels,
 * widths and weights as Watanabe 2023, "Tree-Structured Parzen Estimator: Understanding Its
 * Algorithm Components" describes them for Optuna.
 *
 * Points sit in slots; a slot may be empty. Slots are in trial order, which the weights follow. */
#ifndef DAEMON_SAMPLERS_TPE_PARZEN_H
#define DAEMON_SAMPLERS_TPE_PARZEN_H

#include <stdbool.h>

#include "daemon/samplers/tpe/shape_table.h"
#include "schema/base/rng.h"
#include "schema/space/space.h"

/* One observation in one numeric dimension; kept sorted by mu. */
struct mark {
	double mu, sigma; /* modelled scale; sigma NAN = not known yet */
	size_t slot;
};

struct parzen_dim {
	const struct param *param; /* borrowed */
	size_t index;              /* of the parameter in its space */
	double low, high;          /* modelled range: widened by half a step, then ln for log parameters */
	double smallest;           /* width of a kernel when it was fitted last */
	struct mark *marks;        /* (member_count) numeric only */
	/* Continuous kernels, (slot_count) each: ln density at z = (x − mu)·rate is norm − z². */
	double *mus, *rates, *norms;
	struct shape_table table; /* discrete numeric only */
	uint32_t *shapes;         /* (slot_count) discrete: index into the table; categorical: the choice */
};

struct parzen_options {
	double prior_weight;
	bool magic_clip;        /* sigma ≥ range / min(100, n + 2) */
	bool endpoints;         /* the outermost kernels reach to the bounds */
	bool flat;              /* all weights alike (the good trials of several objectives) */
	double bandwidth_floor; /* sigma ≥ this · range · n^(−1/(d+4)) (Scott 1992, eq. 6.42); 0 = no such bound */
};

struct parzen {
	struct parzen_options options;
	size_t dim_count;
	struct parzen_dim *dims; /* (dim_count) */
	size_t slot_count, slot_capacity;
	size_t member_count;
	uint8_t *members;  /* (slot_count) 1 = a point is here */
	double *weights;   /* (slot_count) 0 = empty; not normalised */
	double weight_sum; /* with the prior's */
	size_t *changes;   /* slots that the fit under way fills or empties */
	size_t change_count;
	double *query; /* (dim_count) where the density is asked for, on the modelled scale */
};

/* A number without steps. */
bool parzen_dim_is_continuous(const struct parzen_dim *dim);

/* An estimator without points over the parameters `dims` (indices into space; borrowed only during
 * the call). 0 or -ENOMEM. */
int parzen_init(struct parzen *parzen, const struct space *space, const size_t *dims, size_t dim_count,
        const struct parzen_options *options);
void parzen_finish(struct parzen *parzen);

/* Points the estimator at `count` slots: `points` (count, width) internal values, `wanted` (count)
 * 1 where the point takes part (then all dims are set). Only slots that differ from the last fit
 * cost more than a look, so a slot must not change its point while it stays in: call parzen_reset
 * first when it did. 0, or -ENOMEM and the estimator is empty. */
int parzen_fit(struct parzen *parzen, const double *points, size_t width, const uint8_t *wanted, size_t count);

/* Empties all slots. */
void parzen_reset(struct parzen *parzen);

/* Draws one point (dim_count) of internal values from the mixture. */
void parzen_draw(double *x, const struct parzen *parzen, struct rng *rng);

#endif
