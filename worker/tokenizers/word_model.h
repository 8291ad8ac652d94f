/* What cuts words into pieces: WordPiece, byte pairs or unigram, over one list of pieces. */
#ifndef WORKER_TOKENIZERS_WORD_MODEL_H
#define WORKER_TOKENIZERS_WORD_MODEL_H

#include "worker/text/vocabulary.h"
#include "worker/tokenizers/piece_list.h"
#include "worker/tokenizers/token_pieces.h"

struct word_model;

struct word_model_class {
	const char *name; /* as tokenizer.json calls it */

	/* Appends the pieces of a word, which is not empty. 0 or -ENOMEM. */
	int (*encode)(struct token_pieces *out, const struct word_model *model, const struct aligned_span *word);
};

extern const struct word_model_class word_piece_class, byte_pairs_class, unigram_class;

struct word_model {
	const struct word_model_class *class;
	struct piece_list pieces;
	int unknown; /* id; PIECE_NONE for byte pairs, which know every byte */

	/* WordPiece */
	size_t longest;     /* words of more code points are unknown */
	uint32_t continued; /* the trie's node of the mark (##) before pieces inside words */

	/* Byte pairs */
	int byte_ids[256];
	struct vocabulary merges; /* byte_pairs_key of two ids; a column is a rank */
	int *merged;              /* (merges) the ids that they become, owned */
	size_t merged_capacity;

	/* Unigram */
	double *scores; /* (pieces) logarithms of probabilities, owned */
	size_t score_capacity;
	double least; /* of the scores */
};

#define WORD_MODEL_NULL ((struct word_model){.unknown = PIECE_NONE})

/* Frees all; a zeroed model is fine. */
void word_model_finish(struct word_model *model);

#endif
