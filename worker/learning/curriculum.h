/* Easy rows first (Bengio et al. 2009): which rows an epoch draws from. An epoch sees the easiest
 * share c of the rows, with progress p = (epochs done) / (share · epochs), at most 1, and c₀ the
 * share it begins with:
 *   competence  c = min(1, √(p (1 − c₀²) + c₀²))        (Platanios et al. 2019, eq. 8; with epochs for steps)
 *   linear      c = min(1, p (1 − c₀) + c₀)             (eq. 7)
 * Easy is, by kind:
 *   length  few tokens                                            (§3.1)
 *   rarity  frequent tokens: small −Σ log p̂(token), p̂ the share of the training rows' tokens (§3.1); a token that the
 *           vocabulary does not know counts as seen once
 *   loss    a small loss when the row was last trained on; self-paced (Kumar et al. 2010). The first epoch, that knows no
 *           loss, sees all rows. */
#ifndef WORKER_LEARNING_CURRICULUM_H
#define WORKER_LEARNING_CURRICULUM_H

#include "worker/text/tokens.h"

struct curriculum_options {
	int kind;     /* index into curriculum_names */
	int pace;     /* index into curriculum_paces */
	double start; /* c₀ */
	double share; /* of the epochs, after which all rows are seen */
};

/* none, length, rarity, loss; competence, linear; ended by NULL. */
extern const char *const curriculum_names[];
extern const char *const curriculum_paces[];

/* All that a later epoch needs of earlier ones: `difficulty`. */
struct curriculum {
	const struct curriculum_options *options; /* borrowed */
	size_t epochs;                            /* planned */
	float *difficulty;                        /* (rows), none below 0; NULL without a curriculum; owned */
};

#define CURRICULUM_NULL ((struct curriculum){0})

/* Measures the rows of a training of so many epochs. 0 or -ENOMEM (finish it all the same). */
int curriculum_init(struct curriculum *curriculum, const struct curriculum_options *options,
        const struct tokens *tokens, size_t epochs);
void curriculum_finish(struct curriculum *curriculum);

/* The share of the rows (above 0, up to 1) that epoch number `epoch` (from 0) draws from. */
double curriculum_competence(const struct curriculum *curriculum, size_t epoch);

/* To be called with the loss of a row whenever it is trained on. */
void curriculum_observe(struct curriculum *curriculum, size_t row, double loss);

#endif
