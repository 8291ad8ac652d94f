/* One sentence as token names: Unicode normal form C, split into units, with marks around the entities. Names are hashes of
 * the tokens' bytes; marks and the words of the text that look like them are the same tokens. */
#ifndef WORKER_TEXT_TOKEN_VIEW_H
#define WORKER_TEXT_TOKEN_VIEW_H

#include "worker/text/row.h"
#include "worker/text/token_names.h"
#include "worker/text/token_options.h"

/* Frees the arrays; a zeroed view is fine. */
void token_view_finish(struct token_view *view);

/* Replaces the view by the row's tokens, at least one. 0 or -ENOMEM. */
int token_view_read(struct token_view *view, const struct token_options *options, const struct text_row *row);

/* Keeps at most `most` tokens: the first one if the view opens with one, and those around the entities. */
void token_view_crop(struct token_view *view, const struct token_options *options);

/* Adds the opening token and every mark there is around entities of this type, however they are marked. 0 or -ENOMEM. */
int token_view_add_marks(struct token_view *view, const char *type);

#endif
