/* Vectors of words as the beginning of a network's table of tokens. Where the setup has none,
 * nothing happens. */
#ifndef WORKER_MODELS_NEURAL_VECTORS_H
#define WORKER_MODELS_NEURAL_VECTORS_H

#include "worker/models/neural_state.h"

/* Adds the most frequent words of the vectors to those that were learned of the rows, where tokens
 * are words. 0 or -ENOMEM. */
int neural_vectors_add_words(struct neural *neural);

/* Fills the rows of the tokens whose vectors are known, and sets the table's step size. 0 or
 * -ENOMEM. */
int neural_vectors_begin(struct neural *neural, const struct text_rows *rows);

#endif
