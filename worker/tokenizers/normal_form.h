/* Unicode's normal forms of texts whose bytes know where they come from. */
#ifndef WORKER_TOKENIZERS_NORMAL_FORM_H
#define WORKER_TOKENIZERS_NORMAL_FORM_H

#include <stdbool.h>

#include "worker/tokenizers/aligned_text.h"

/* Appends the span in its canonical form (or with compatibility mappings), decomposed or composed,
 * to `out`. What a character and the marks on it become comes from all of them. 0 or -ENOMEM. */
int normal_form_apply(struct aligned_text *out, const struct aligned_span *span, bool compose, bool compatible);

#endif
