/* Where to look next: the point of the unit cube where a goal is least, such as the expected
 * improvement's negative logarithm under a Gaussian process. */
#ifndef DAEMON_SAMPLERS_GP_GP_SEARCH_H
#define DAEMON_SAMPLERS_GP_GP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/samplers/gp/gp_solver.h"
#include "daemon/samplers/gp/gp_taken.h"
#include "daemon/samplers/history_view.h"
#include "schema/base/rng.h"
#include "schema/space/space.h"

#define GP_STARTS 6      /* best candidates that are refined */
#define GP_NEAR_POINTS 4 /* best points that are looked around at */
#define GP_DIMS_AT_MOST 256

/* A space as the cube that the model sees: the parameters that can vary, numeric ones in [0, 1],
 * categories as indices. */
struct gp_search {
	const struct space *space; /* borrowed */
	size_t d;
	bool discrete;         /* there are finitely many points: each is to be proposed once */
	struct gp_taken taken; /* those that trials had, if so */
	size_t *dims;          /* (d) parameter indices */
	bool *categorical;     /* (d) */
	double *low, *high;    /* (d) box of the search; a fixed value stands twice */
	double *starts;        /* (GP_STARTS, d) best first */
	double scores[GP_STARTS];
	double *bunch; /* (GP_SIDES, d) points that are scored together */
	size_t bunch_count;
	double *bounds; /* (2, d) scratch */
	/* Of a space with conditions. */
	bool conditional;
	bool *leads;       /* (space count) whether others hang on a parameter */
	size_t *places;    /* (space count) of a parameter among dims; d = none, it cannot vary */
	double *values;    /* (space count) scratch */
	double *flipped;   /* (d) scratch */
	bool *active;      /* (GP_NEAR_POINTS + 1, d) which parameters the best points have; the last is scratch */
	struct rng *rng;   /* borrowed while a search runs */
	size_t near_count; /* of them */
	const double *near[GP_NEAR_POINTS]; /* those best points, best first; of the goal */
};

/* What is to be made small, and the points that it is looked for around. */
struct gp_goal {
	/* As of lbfgs_problem. */
	double (*value)(void *context, const double *x);
	void (*slopes)(void *context, const double *x, double *gradient);
	/* Values at `count` ≤ GP_SIDES points x (count, d) at once: what a point gets does not
	 * depend on the others. */
	void (*values)(void *context, const double *x, size_t count, double *values);
	void *context;
	size_t near_count;
	const double *near[GP_NEAR_POINTS]; /* (d each) best first; borrowed */
};

/* Lists the parameters of a space with at most GP_DIMS_AT_MOST. 0 or -ENOMEM. */
int gp_search_init(struct gp_search *search, const struct space *space);
void gp_search_finish(struct gp_search *search);

/* A parameter's value on the model's scale; an inactive number is put in the middle, an inactive
 * category apart. */
double gp_search_to_unit(const struct param *param, double value);

/* Sets the box for a suggestion: parameters that `point` (space count) has a value for keep it. */
void gp_search_fix(struct gp_search *search, const double *point);

/* Where there are finitely many points, those of all trials of the history, however they ended,
 * are not proposed until the next call. 0 or -ENOMEM. */
int gp_search_avoid(struct gp_search *search, const struct history *history);

/* Fills what is NAN in `point` (space count) from the point found where the goal is least. 0 or
 * -ENOMEM. */
int gp_search_run(struct gp_search *search, const struct gp_goal *goal, struct rng *rng, double *point);

#endif
