/* What the linear model looks at. N-grams of characters and words before, between and after the two
 * entities, of the entities themselves and right beside them; patterns of the words between; heads,
 * shapes and likeness of the entities; what a lexicon says of them; and the pair of entity types,
 * alone and joined with others. Features are named by hash, never kept as text. */
#ifndef WORKER_FEATURES_FEATURE_H
#define WORKER_FEATURES_FEATURE_H

#include "worker/features/feature_list.h"
#include "worker/features/feature_options.h"
#include "worker/features/lexicon.h"
#include "worker/text/row.h"

/* Replaces the list by the row's features, repeated as often as they occur; `lexicon` may be NULL.
 * 0 or -ENOMEM. */
int features_extract(struct feature_list *list, const struct feature_options *options, const struct lexicon *lexicon,
        const struct text_row *row);

#endif
