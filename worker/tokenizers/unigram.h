/* Unigram as SentencePiece cuts words: the pieces whose probabilities have the largest product. A
 * code point that is no piece is unknown, at a price; unknown neighbours are one token. Source:
 * Kudo 2018; google/sentencepiece, unigram_model.cc. */
#ifndef WORKER_TOKENIZERS_UNIGRAM_H
#define WORKER_TOKENIZERS_UNIGRAM_H

#include "schema/base/error.h"
#include "worker/tokenizers/word_model.h"

/* Longer pieces are refused: each place of a text is compared with that many bytes. */
enum { UNIGRAM_PIECE_MAX = 512 };

/* Adds the next piece and the logarithm of its probability to a zeroed model. 0; -EINVAL with a
 * sentence for a piece that is too long or a score that is no number; -ENOMEM. */
int unigram_add(struct word_model *model, const char *text, double score, struct error *error);

/* Makes the model, whose pieces are there, a unigram one. 0, or -EINVAL with a sentence when there
 * is no piece `unknown`. */
int unigram_init(struct word_model *model, int unknown, struct error *error);

#endif
