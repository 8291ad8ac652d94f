#include "tests/daemon/samplers/trial_run.h"

#include <math.h>
#include <stdlib.h>

#include "schema/space/point.h"

struct space *trial_run_square(void)
{
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	space_add_float(space, "x", &(struct param_range){0, 1, 0, false});
	space_add_float(space, "y", &(struct param_range){0, 1, 0, false});
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}

int trial_run_init(
        struct trial_run *run, const char *sampler, struct space *space, size_t objective_count, uint64_t seed)
{
	*run = (struct trial_run){.space = space};
	for (size_t i = 0; i < TRIAL_RUN_OBJECTIVES_AT_MOST; i++)
		run->objectives[i] = (struct objective){"value", MINIMIZE, (double)NAN};
	run->spec = (struct study_spec){
	        .name = "run",
	        .space = space,
	        .objective_count = objective_count,
	        .objectives = run->objectives,
	        .seed = seed,
	};
	run->spec.sampler.info = method_info_find(sampler_infos, sampler);
	if (history_create(&run->history, space, run->objectives, objective_count) != 0)
		abort();
	return sampler_create(&run->sampler, &run->spec, run->history, seed, &run->error);
}

void trial_run_finish(struct trial_run *run)
{
	sampler_destroy(run->sampler);
	history_destroy(run->history);
	space_destroy(run->space);
}

void trial_run_restart(struct trial_run *run)
{
	sampler_destroy(run->sampler);
	run->sampler = NULL;
	if (sampler_create(&run->sampler, &run->spec, run->history, run->spec.seed, &run->error) != 0)
		abort();
}

int64_t trial_run_ask(struct trial_run *run, double *point)
{
	point_clear(run->space, point);
	int outcome = sampler_suggest(run->sampler, run->next, point);
	if (outcome == SAMPLER_EXHAUSTED)
		return -1;
	if (outcome != 0 || history_start(run->history, run->next, point) != 0)
		abort();
	return run->next++;
}

void trial_run_tell(struct trial_run *run, int64_t number, const double *values, double violation)
{
	history_finish(run->history, number, TRIAL_COMPLETE, values, violation);
}
