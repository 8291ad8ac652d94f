/* What a point promises to a search with one objective: the logarithm of the expected improvement
 * (Ament et al. 2023, "Unexpected Improvements to Expected Improvement"). */
#ifndef DAEMON_SAMPLERS_GP_GP_IMPROVEMENT_H
#define DAEMON_SAMPLERS_GP_GP_IMPROVEMENT_H

#include "daemon/samplers/gp/gp_model.h"
#include "daemon/samplers/gp/gp_search.h"

struct gp_improvement {
	struct gp_model *model;  /* borrowed */
	double best;             /* what must be improved upon */
	struct gp_prediction at; /* of the point that was valued last */
};

/* Sets the goal of a search to the largest expected improvement, measured from the best mean at an
 * observed point, less `ambition` (in the model's units). The goal borrows `improvement` and the
 * model. */
void gp_improvement_aim(
        struct gp_goal *goal, struct gp_improvement *improvement, struct gp_model *model, double ambition);

#endif
