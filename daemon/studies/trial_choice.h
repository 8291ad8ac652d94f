/* Which trials a list is asked for. */
#ifndef DAEMON_STUDIES_TRIAL_CHOICE_H
#define DAEMON_STUDIES_TRIAL_CHOICE_H

#include "daemon/studies/live.h"
#include "schema/api/trial.h"
#include "schema/base/arena.h"

struct trial_choice {
	const struct trial **trials; /* (count), in the order asked for */
	size_t count;
	bool more; /* there are others behind them */
};

/* The first `limit` trials that the request means, in `arena`. 0 or -ENOMEM. */
int trial_choose(struct trial_choice *out, const struct study *study, const struct trial_list_request *request,
        struct arena *arena);

#endif
