/* What a history shows a Gaussian process: its complete trials as points of the unit cube and
 * their losses as targets, and the model fitted to them.
 *
 * Losses are taken as they are or through a logarithm, whichever makes them likelier (Snelson,
 * Rasmussen & Ghahramani 2004, "Warped Gaussian Processes"), so that a few very bad values do
 * not flatten the model around the good ones. For a search, infeasible trials count as the worst
 * loss seen, failed ones as worse than three quarters. Several objectives are weighed anew for each
 * model (Knowles 2006, "ParEGO"), unless one of them is asked for. Beyond GP_POINTS_AT_MOST trials
 * the newest half of so many are kept, and the best of the others. A stopped trial counts with what
 * it was estimated to be worth, or else as one that failed; where variances were given, each loss
 * has its own noise. A judge leaves out all that has no value of its own, and takes the values of
 * infeasible trials as they are. */
#ifndef DAEMON_SAMPLERS_GP_GP_EVIDENCE_H
#define DAEMON_SAMPLERS_GP_GP_EVIDENCE_H

#include "daemon/samplers/gp/gp_model.h"
#include "daemon/samplers/gp/gp_search.h"
#include "daemon/samplers/history_view.h"
#include "schema/base/rng.h"

#define GP_POINTS_AT_MOST 200

/* How losses become targets: (above, or ln (1 + above / unit), less `mean`) · scale, where `above`
 * is the distance to the best loss. */
struct gp_shape {
	double best, unit; /* unit 0: as they are */
	double mean, scale;
};

struct gp_evidence {
	const struct history *history;  /* borrowed */
	const struct gp_search *search; /* borrowed: the space as a cube */
	bool noiseless;                 /* equal points have equal losses */
	bool judges;                    /* what is known alone: neither failed, stopped nor running trials */
	size_t objective;               /* whose losses are modelled, unless all are weighed */
	const double *merits;           /* (history count) borrowed: the least are kept of many; NULL = by the losses */
	const int64_t *spared;          /* borrowed: the number of a trial that is kept, too; NULL = none */
	size_t count;                   /* finished trials in the model */
	size_t *rows;                   /* (count) of the history */
	double *losses;                 /* (count) of those */
	double *scratch;                /* (count) */
	size_t capacity;
	double *theta; /* (2d + 3) scratch */
	struct gp_shape shape;
	bool noise_is_told; /* variances were given: all noise is chance */
};

/* Of a history in the cube of `search` (both borrowed, must outlive it). 0 or -ENOMEM. */
int gp_evidence_init(struct gp_evidence *evidence, const struct history *history, const struct gp_search *search);
void gp_evidence_finish(struct gp_evidence *evidence);

/* Fits a model to the finished trials: its points 0 … count − 1 are the rows listed. The newest
 * running trials follow, a third of GP_POINTS_AT_MOST, which are assumed to end at the model's mean
 * (Ginsbourger, Le Riche & Carraro 2010, "Kriging is well-suited to parallelize optimization").
 * `rng` draws the weights of several objectives; NULL where one is modelled. 0, GP_SINGULAR or
 * -ENOMEM; gp_model_finish is the caller's in any case. */
int gp_evidence_model(struct gp_model *model, struct gp_evidence *evidence, struct rng *rng);

/* The target that stands for a loss; for one below the least in the model, that of the least. */
double gp_evidence_target(const struct gp_evidence *evidence, double loss);

/* The loss that a target stands for, and how fast it grows with the target. */
double gp_evidence_loss(const struct gp_evidence *evidence, double target, double *slope);

#endif
