/* WordPiece as BERT cuts words: always the longest piece that fits, `##` before pieces inside
 * words; a word with a part that no piece fits is unknown whole. Source: google-research/bert,
 * tokenization.py. */
#ifndef WORKER_TOKENIZERS_WORD_PIECE_H
#define WORKER_TOKENIZERS_WORD_PIECE_H

#include "schema/base/error.h"
#include "worker/tokenizers/word_model.h"

struct word_piece_settings {
	const char *unknown;   /* how the unknown token is written */
	const char *continued; /* the mark before pieces inside words, not empty */
	size_t longest;        /* words of more code points are unknown */
};

/* Makes the model, whose pieces are there, one of WordPieces. 0, or -EINVAL with a sentence when
 * its pieces lack one. */
int word_piece_init(struct word_model *model, const struct word_piece_settings *settings, struct error *error);

#endif
