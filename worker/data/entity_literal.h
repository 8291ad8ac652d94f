/* An entity as the competition's CSV writes it: a Python dict literal,
 * {'word': 'MBC', 'start_idx': 7, 'end_idx': 9, 'type': 'ORG'}, in double quotes where a word holds
 * an apostrophe. */
#ifndef WORKER_DATA_ENTITY_LITERAL_H
#define WORKER_DATA_ENTITY_LITERAL_H

#include <stdbool.h>

#include "schema/base/text.h"

struct entity_literal {
	struct text word, type;
	double start, end;      /* code points, end inclusive */
	struct text key, other; /* scratch */
	unsigned seen;          /* which of the four keys have come, by bit */
	bool failed;            /* memory ran out during the last parse, whose result is then void */
};

/* Frees the texts; a zeroed literal is fine. */
void entity_literal_finish(struct entity_literal *literal);

/* Reads all of `source` into `literal` (zeroed or used before; its texts are reused). Unknown keys
 * are passed over. NULL when it is well formed, else what is wrong with it, a static phrase ("has
 * no 'word'"). */
const char *entity_literal_parse(struct entity_literal *literal, const char *source);

#endif
