/* The orders in which trials are listed, the same wherever they are sorted. */
#ifndef SCHEMA_API_TRIAL_ORDER_H
#define SCHEMA_API_TRIAL_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/words.h"
#include "schema/study/trial.h"

enum trial_order { ORDER_NUMBER, ORDER_BEST, ORDER_DURATION };
extern const struct words trial_order_words;

/* What a trial is placed by. */
struct trial_place {
	int64_t number;
	enum trial_state state;
	double cost;       /* of the first objective: smaller is better; NAN = none */
	double violation;  /* of the constraints; 0 or NAN = none */
	double duration_s; /* NAN = not started */
};

/* True for what can be best: complete, with a value, within the constraints. A pruned trial's value
 * is of an early step and an infeasible one's is not to be had. */
bool trial_place_ranks(const struct trial_place *place);

/* Less than 0 when `a` comes before `b`. Best: what ranks, by cost; what breaks the constraints,
 * the least first; all others. Duration: the longer. Of equals, and else, the lower number. */
int trial_place_compare(const struct trial_place *a, const struct trial_place *b, enum trial_order order);

#endif
