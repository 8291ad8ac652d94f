/* Where a training keeps what frozen layers make of sentences, for all others of this machine: the
 * folder `hidden` of the cache (schema/base/home.h), which the worker names. */
#ifndef WORKER_TRAINER_FROZEN_PLACE_H
#define WORKER_TRAINER_FROZEN_PLACE_H

#include "schema/base/clock.h"
#include "schema/base/text.h"
#include "worker/models/frozen_rows.h"
#include "worker/trainer/settings.h"

struct frozen_place {
	struct frozen_cache cache; /* borrows the texts below, and this struct */
	struct text folder, program;
	struct monotime told; /* when people last heard how far it is */
};

/* Fills it in as --cache and --cache_gb of a model on a pretrained folder say; others have none. It
 * stays where it is until finish. 0 or -ENOMEM. */
int frozen_place_init(struct frozen_place *out, const struct settings *settings);
void frozen_place_finish(struct frozen_place *place);

/* What a model's setup borrows; NULL = nothing is kept. */
const struct frozen_cache *frozen_place_cache(const struct frozen_place *place);

#endif
