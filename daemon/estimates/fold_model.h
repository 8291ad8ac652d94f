/* What folds say about trials: y(t, f) = u(t) + b(f) + e with e ~ N(0, σ²) and u ~ N(m, τ²), a
 * random-effects model with the noise pooled over trials, as Kuhn 2014, "Futility Analysis in the
 * Cross-Validation of Machine Learning Models", pools it.
 *
 * A trial is complete when it has a value in every one of the study's own folds. b and σ² come from
 * the better two thirds of the complete trials, as the noise matters among the good; m is the
 * median over all complete ones, τ their spread by median absolute deviations without what σ adds,
 * never below σ / √folds. With one fold the noise cannot be told from the trials: σ² = 0, b = 0.
 *
 * Further columns (the leaders' repeats on other splits) hold a value for a few trials only: each
 * has the effect that these show against their own folds, drawn to 0 as far as the study's folds
 * are alike. */
#ifndef DAEMON_ESTIMATES_FOLD_MODEL_H
#define DAEMON_ESTIMATES_FOLD_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/* Complete trials below which nothing is fitted. */
enum { FOLD_MODEL_LEAST = 10 };

/* Values by trial and column; NAN (or ±inf) = not run. Rows lie one after another. */
struct fold_table {
	const double *values; /* (trial_count, column_count) */
	size_t trial_count, column_count;
	size_t fold_count; /* of the columns, the study's own folds: the first ones; ≥ 1 */
	bool maximize;     /* which of the trials are the better */
};

struct fold_model {
	bool fitted; /* false: fewer than FOLD_MODEL_LEAST complete trials */
	size_t fold_count, column_count;
	double mean;           /* m */
	double trial_variance; /* τ² */
	double noise_variance; /* σ², of a single value */
	double *effects;       /* (column_count) b; owned */
};

/* Fits the model to a table. 0 (with too few complete trials `fitted` is false) or -ENOMEM. */
int fold_model_fit(struct fold_model *out, const struct fold_table *table);

/* Frees what it owns and zeroes it; a zeroed model is fine. */
void fold_model_finish(struct fold_model *model);

/* What a fitted model takes a trial with these values (column_count; NAN = not run) to be worth:
 * mean and variance of u. Without any value that is m and τ². */
void fold_model_posterior(double *mean, double *variance, const struct fold_model *model, const double *values);

/* The same from a mean over `count` values whose columns' effects are taken out, each with the
 * noise σ² + `extra`. */
struct fold_evidence {
	double value, extra;
	size_t count;
};
void fold_model_weigh(double *mean, double *variance, const struct fold_model *model, const struct fold_evidence *seen);

#endif
