/* Features of the entities themselves: their heads and shapes. */
#ifndef WORKER_FEATURES_ENTITY_FEATURE_H
#define WORKER_FEATURES_ENTITY_FEATURE_H

#include "worker/features/scene.h"

/* Emits the last words of both entities, with their beginnings and ends. */
void feature_emit_heads(struct feature_list *list, const struct scene *scene);

/* Emits kinds of characters, lengths and likeness of the entities. */
void feature_emit_shapes(struct feature_list *list, const struct scene *scene);

#endif
