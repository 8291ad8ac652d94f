/* What happened with runs since the daemon's start: for figures only, nothing depends on it. */
#ifndef DAEMON_STUDIES_FIGURES_H
#define DAEMON_STUDIES_FIGURES_H

#include "schema/study/trial.h"

struct run_figures {
	int64_t leased, reports;        /* how often a run was handed out; steps that were heard */
	int64_t ended[RUN_STATE_COUNT]; /* how often one ended so */
};

/* What the turn added is true / never happened; `turn` is empty afterwards. */
void run_figures_add(struct run_figures *figures, struct run_figures *turn);
void run_figures_clear(struct run_figures *turn);

#endif
