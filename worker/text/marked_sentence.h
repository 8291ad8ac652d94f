/* One row as tokens: the sentence in Unicode normal form C, split into units, with marks around its
 * entities. Marks and the words of the text that look like them are the same tokens. */
#ifndef WORKER_TEXT_MARKED_SENTENCE_H
#define WORKER_TEXT_MARKED_SENTENCE_H

#include "worker/text/row.h"
#include "worker/text/token_options.h"
#include "worker/text/token_view.h"

/* Replaces the view by the row's tokens, at least one unless a learner counts them. 0 or
 * -ENOMEM. */
int marked_sentence_read(struct token_view *view, const struct token_options *options, const struct text_row *row);

/* Adds the opening token and every mark there is around entities of this type, however they are
 * marked. 0 or -ENOMEM. */
int marked_sentence_add_marks(struct token_view *view, const char *type);

#endif
