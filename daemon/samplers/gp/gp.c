/* Bayesian optimisation with a Gaussian process and expected improvement.
 *
 * Jones, Schonlau & Welch 1998, "Efficient Global Optimization of Expensive Black-Box Functions";
 * the logarithm of the expected improvement as in Ament et al. 2023, "Unexpected Improvements to
 * Expected Improvement". Inactive parameters are put in the middle, which together with their
 * parent's distance is a kernel of wedges (Horn, Stork, Schüßler & Zaefferer 2019, "Surrogates for
 * hierarchical search spaces"), and the search for the next point puts them there, too. */
#include <errno.h>

#include "daemon/samplers/gp/gp_evidence.h"
#include "daemon/samplers/gp/gp_improvement.h"
#include "daemon/samplers/history.h"
#include "daemon/samplers/sampler_type.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define AMBITION                                                                                                       \
	1.0 /* every third trial looks for so much improvement (in deviations of the losses), which takes it farther away */

struct gp {
	struct gp_search search;
	void *startup; /* scrambled Sobol points for the first trials: they cover the space better than plain draws */
	const struct history *history;
	size_t startup_count;
	struct gp_evidence evidence;
};

static void gp_destroy(void *state)
{
	struct gp *gp = state;
	if (!gp)
		return;
	if (gp->startup)
		qmc_sampler.destroy(gp->startup);
	gp_search_finish(&gp->search);
	gp_evidence_finish(&gp->evidence);
	memory_free(gp);
}

static int create_startup(struct gp *gp, const struct sampler_setup *setup)
{
	static const struct setting scramble = {.name = "scramble", .number = 1};
	struct method method = {
	        .info = method_info_find(sampler_infos, "qmc"), .setting_count = 1, .settings = &scramble};
	struct sampler_setup startup = *setup;
	startup.method = &method;
	return qmc_sampler.create(&gp->startup, &startup, NULL);
}

static int gp_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	const struct space *space = setup->spec->space;
	if (space->count > GP_DIMS_AT_MOST)
		return error_set(error, -EINVAL, "the gp sampler takes at most %d parameters", GP_DIMS_AT_MOST);
	struct gp *gp = memory_alloc(1, sizeof *gp);
	if (!gp)
		return error_no_memory(error);
	gp->history = setup->history;
	gp->startup_count = (size_t)method_number(setup->method, "n_startup_trials");
	if (gp_search_init(&gp->search, space) != 0 ||
	        gp_evidence_init(&gp->evidence, setup->history, &gp->search) != 0 || create_startup(gp, setup) != 0) {
		gp_destroy(gp);
		return error_no_memory(error);
	}
	gp->evidence.noiseless = method_flag(setup->method, "deterministic_objective");
	*state = gp;
	return 0;
}

/* True while there are too few trials for a model. */
static bool is_starting(const struct gp *gp)
{
	size_t complete = history_count(gp->history, TRIAL_COMPLETE);
	return complete < gp->startup_count || complete < 2 || gp->search.d == 0;
}

static int gp_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	struct gp *gp = state;
	if (is_starting(gp))
		return qmc_sampler.suggest(gp->startup, number, rng, point);
	struct gp_model model;
	struct gp_improvement improvement;
	struct gp_goal goal;
	gp_search_fix(&gp->search, point);
	int rc = gp_evidence_model(&model, &gp->evidence, rng);
	if (!rc) {
		gp_improvement_aim(&goal, &improvement, &model, number % 3 == 2 ? AMBITION : 0);
		rc = gp_search_run(&gp->search, &goal, rng, point);
	}
	gp_model_finish(&model);
	if (rc < 0)
		return rc;
	/* What the model has no say in (single values, or everything when it is singular) comes
	 * from the priors. */
	point_draw(gp->search.space, point, rng);
	return 0;
}

static bool gp_is_slow(const void *state, int64_t number)
{
	(void)number;
	return !is_starting(state);
}

const struct sampler_type gp_sampler = {
        .name = "gp",
        .create = gp_create,
        .suggest = gp_suggest,
        .destroy = gp_destroy,
        .slow = gp_is_slow,
};
