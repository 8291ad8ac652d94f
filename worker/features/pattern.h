/* Features of the words between the entities. */
#ifndef WORKER_FEATURES_PATTERN_H
#define WORKER_FEATURES_PATTERN_H

#include "worker/features/scene.h"

/* Emits n-grams and skipping pairs of the pattern, as the options ask. */
void feature_emit_patterns(struct feature_list *list, const struct feature_options *options, const struct scene *scene);

#endif
