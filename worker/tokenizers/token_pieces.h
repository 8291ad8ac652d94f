/* A text as token ids, and of each the bytes of the text that it stands for. */
#ifndef WORKER_TOKENIZERS_TOKEN_PIECES_H
#define WORKER_TOKENIZERS_TOKEN_PIECES_H

#include "worker/tokenizers/aligned_text.h"

struct token_piece {
	int id;
	struct text_origin origin; /* whole code points: pieces of one share its bytes */
};

struct token_pieces {
	struct token_piece *pieces; /* (count), owned */
	size_t count, capacity;
};

#define TOKEN_PIECES_NULL ((struct token_pieces){0})

/* Frees the array; zeroed pieces are fine. */
void token_pieces_finish(struct token_pieces *pieces);

/* Appends a piece. 0 or -ENOMEM. */
int token_pieces_add(struct token_pieces *pieces, int id, struct text_origin origin);

#endif
