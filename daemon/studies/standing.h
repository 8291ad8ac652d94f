/* How the trials of a study stand: what each is worth by all that is known, and which one to name.
 *
 * With folds the noise is pooled over trials and folds (daemon/estimates/fold_model.h). Where a
 * Gaussian process saw the values over the configurations (daemon/samplers/estimates.h), what it
 * says of a trial counts, and of what it takes for noise and folds do not, the trial's own runs.
 * The trial with the best mean is named, unless there are defaults and it is not shown to be better
 * than they are: then these.
 *
 * Claims about single trials use the variance that Nadeau & Bengio (2003, "Inference for the
 * generalization error") correct for the training rows that folds share: 1/n + 1/(k - 1) of a run's
 * variance where 1/n would be that of n independent runs. */
#ifndef DAEMON_STUDIES_STANDING_H
#define DAEMON_STUDIES_STANDING_H

#include "daemon/samplers/estimates.h"
#include "daemon/studies/live.h"
#include "schema/api/best.h"
#include "schema/base/arena.h"

#define SHOWN_BETTER 0.8 /* the chance from which a trial replaces the defaults */

/* One trial that could be named. */
struct standing_row {
	const struct trial *trial;
	double mean, variance; /* of its true value, in the objective's own direction */
	double claim_variance; /* the same for a claim */
	double chance;         /* to be the best; 0 until standing_contest */
	double beats_defaults; /* NAN without defaults, and of these themselves */
	size_t run_count;      /* that it rests on */
};

struct standing {
	enum best_basis basis;
	double noise;              /* standard deviation of one run's value; NAN = nothing tells */
	struct standing_row *rows; /* (count) the best mean first; none with BASIS_SEEN */
	size_t count;
	struct standing_row *stopped; /* (stopped_count) trials that were stopped and can go on, in no order */
	size_t stopped_count;
	const struct standing_row *leader;   /* the best mean */
	const struct standing_row *defaults; /* or NULL */
	const struct standing_row *named;    /* one of both */
};

/* Complete and feasible trials of a study with one objective, in the arena; `estimates` is NULL
 * where there are none. 0 or -ENOMEM. */
int standing_make(
        struct standing *out, const struct study *study, const struct estimates *estimates, struct arena *arena);

/* Works out the chances of the best hundred; that takes some milliseconds. 0 or -ENOMEM. */
int standing_contest(struct standing *out, const struct study *study, struct arena *arena);

#endif
