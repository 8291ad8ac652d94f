#include "worker/tokenizers/token_pieces.h"

#include "schema/base/array.h"
#include "schema/base/memory.h"

void token_pieces_finish(struct token_pieces *pieces)
{
	memory_free(pieces->pieces);
	*pieces = TOKEN_PIECES_NULL;
}

int token_pieces_add(struct token_pieces *pieces, int id, struct text_origin origin)
{
	if (array_reserve(pieces->pieces, &pieces->capacity, pieces->count + 1) < 0)
		return -ENOMEM;
	pieces->pieces[pieces->count++] = (struct token_piece){id, origin};
	return 0;
}
