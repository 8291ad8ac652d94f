/* Samplers: (space, history, stream) → the next point. Pure: no SQL, no sockets, no clock, no
 * generator of their own. One algorithm, one file; all are in the table in sampler.c. */
#ifndef DAEMON_SAMPLERS_SAMPLER_H
#define DAEMON_SAMPLERS_SAMPLER_H

#include "daemon/samplers/history.h"
#include "daemon/samplers/outcome.h"
#include "schema/base/error.h"

struct sampler;

/* Builds the sampler that `spec->sampler` names, on a history (both borrowed, must outlive it). The
 * stream of trial N is rng_init(seed, N), so a sampler created anew after a restart continues
 * exactly. 0, -ENOMEM, or -EINVAL with a sentence when the space does not suit the method (grid
 * over a continuous range). */
int sampler_create(struct sampler **out, const struct study_spec *spec, const struct history *history, uint64_t seed,
        struct error *error);
void sampler_destroy(struct sampler *sampler);

/* Separates the search by brackets: from now on a point is chosen from the trials of its own
 * bracket only, as Optuna does under Hyperband, so start-up counts per bracket. `find` tells a
 * trial's bracket, -1 = none; `context` is borrowed. Samplers that hand out every point once, or
 * model the final values alone (gp, auto), still see all trials. */
void sampler_set_brackets(
        struct sampler *sampler, int (*find)(const void *context, int64_t number), const void *context);

/* Chooses the point of trial `number`. In: values already fixed (enqueued), NAN elsewhere. Out:
 * every active parameter set, inactive ones NAN. 0; SAMPLER_EXHAUSTED when a finite method has
 * nothing new to offer (point untouched); -ENOMEM. */
int sampler_suggest(struct sampler *sampler, int64_t number, double *point);

/* True when choosing the point of trial `number` now may take more than about a millisecond, so
 * that a daemon should do it on another thread. Estimated from the sizes of space and history,
 * rather too often than too seldom. */
bool sampler_is_slow(const struct sampler *sampler, int64_t number);

/* One sentence on what the sampler does at present and why ("auto" changes its mind), else its
 * name. Valid until the next call with this sampler; static. */
const char *sampler_reason(const struct sampler *sampler);

#endif
