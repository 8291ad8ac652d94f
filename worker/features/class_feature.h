/* Features of what the lexicon says of the entities' classes. */
#ifndef WORKER_FEATURES_CLASS_FEATURE_H
#define WORKER_FEATURES_CLASS_FEATURE_H

#include "worker/features/scene.h"

/* Emits the classes of the entities, alone, in pairs and with the words between. */
void feature_emit_classes(struct feature_list *list, const struct feature_options *options, const struct scene *scene);

#endif
