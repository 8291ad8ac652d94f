/* TPE's division of the history into good ("below") and other ("above") trials. */
#ifndef DAEMON_SAMPLERS_TPE_SPLIT_H
#define DAEMON_SAMPLERS_TPE_SPLIT_H

#include "daemon/samplers/history_view.h"

enum split_side { SPLIT_OUT, SPLIT_BELOW, SPLIT_ABOVE };

/* How many of `told` trials count as good: ⌈told / 10⌉, with one objective at most 25. */
size_t split_gamma(const struct history *history);

/* Writes a split_side per row into `sides` (history count): of the COMPLETE and PRUNED trials the
 * best `below_count` are below: feasible complete ones by value (several objectives: by rank of
 * non-domination, then hypervolume), then feasible pruned ones by last step and value there, then
 * infeasible ones by violation. With one objective a trial that has an estimate counts with that,
 * a pruned one among the complete; RUNNING ones are above when `running_above`, else out. Ties: the
 * older trial is better. 0 or -ENOMEM. */
int split_history(uint8_t *sides, const struct history *history, size_t below_count, bool running_above);

#endif
