/* What a point promises to a search with several objectives: the logarithm of the hypervolume
 * that it is expected to add to the front, with a Gaussian process for each objective
 * (Emmerich, Giannakoglou & Naujoks 2006, "Single- and multiobjective evolutionary
 * optimization assisted by Gaussian random field metamodels"). The front is that of the
 * models' means, so that a lucky value does not hide what is behind it. Volumes are measured
 * where the models see the losses: by their logarithms where these are likelier, so that what
 * the slowest trials differ by does not outweigh everything. */
#ifndef DAEMON_SAMPLERS_GP_GP_FRONT_H
#define DAEMON_SAMPLERS_GP_GP_FRONT_H

#include "daemon/samplers/gp/gp_boxes.h"
#include "daemon/samplers/gp/gp_evidence.h"

struct gp_front {
	size_t k;                      /* objectives */
	const struct history *history; /* borrowed */
	struct gp_evidence evidences[GP_LOSSES_AT_MOST];
	struct gp_model models[GP_LOSSES_AT_MOST]; /* their first points are the same trials */
	struct gp_boxes boxes;
	struct gp_marginal marginals[GP_LOSSES_AT_MOST]; /* of the point that was valued last */
	double *slopes;                                  /* (2, d) scratch: of mean and variance by x */
};

/* Of a history with 2 to GP_LOSSES_AT_MOST objectives in the cube of `search` (both borrowed, must
 * outlive it). 0 or -ENOMEM. */
int gp_front_init(
        struct gp_front *front, const struct history *history, const struct gp_search *search, bool noiseless);
void gp_front_finish(struct gp_front *front);

/* Fits the models and sets the goal of a search to the largest gain; `rng` draws which points
 * of the front are looked around at. The goal borrows `front`. 0, GP_SINGULAR or -ENOMEM;
 * gp_front_release is the caller's in any case, when the search is over. */
int gp_front_aim(struct gp_goal *goal, struct gp_front *front, struct rng *rng);
void gp_front_release(struct gp_front *front);

#endif
