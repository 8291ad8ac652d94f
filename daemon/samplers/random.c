/* Random search: Bergstra & Bengio 2012, "Random Search for Hyper-Parameter Optimization". */
#include "daemon/samplers/sampler_type.h"
#include "schema/space/point.h"

static int random_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	(void)error;
	*state = (void *)(uintptr_t)setup->spec->space;
	return 0;
}

static int random_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	point_draw(state, point, rng);
	return 0;
}

const struct sampler_type random_sampler = {
        .name = "random",
        .create = random_create,
        .suggest = random_suggest,
        .repeats = true,
};
