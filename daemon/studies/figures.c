#include "daemon/studies/figures.h"

#include <stddef.h>

void run_figures_add(struct run_figures *figures, struct run_figures *turn)
{
	figures->leased += turn->leased;
	figures->reports += turn->reports;
	for (size_t i = 0; i < RUN_STATE_COUNT; i++)
		figures->ended[i] += turn->ended[i];
	run_figures_clear(turn);
}

void run_figures_clear(struct run_figures *turn)
{
	*turn = (struct run_figures){0};
}
