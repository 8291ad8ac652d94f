/* Which trials of a study keep their models. */
#ifndef DAEMON_STUDIES_BEST_MODELS_H
#define DAEMON_STUDIES_BEST_MODELS_H

#include "daemon/studies/live.h"
#include "schema/api/kept_models.h"
#include "schema/base/arena.h"

/* Makes room in a new study for as many as its spec says. 0 or -ENOMEM. */
int best_models_init(struct best_models *models, const struct study_spec *spec);
void best_models_finish(struct best_models *models);

/* More is known of trials that have finished: what was looked up by their estimates is out of
 * date. */
void best_models_forget(struct best_models *models);

/* What whoever has the folders should keep: the best by their values and by their estimates, and
 * complete ones that no estimate knows yet, in the arena; *out is NULL where nobody has lost yet or
 * all models stay. A trial that has not begun yet ends the range: its folder is none that is known.
 * 0 or -ENOMEM. */
int best_models_view(const struct kept_models **out, const struct study *study, struct arena *arena);

#endif
