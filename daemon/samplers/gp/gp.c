/* Bayesian optimisation with a Gaussian process and expected improvement.
 *
 * Jones, Schonlau & Welch 1998, "Efficient Global Optimization of Expensive Black-Box Functions";
 * the logarithm of the expected improvement as in Ament et al. 2023, "Unexpected Improvements to
 * Expected Improvement". Inactive parameters are put in the middle, which together with their
 * parent's distance is a kernel of wedges (Horn, Stork, Schüßler & Zaefferer 2019, "Surrogates for
 * hierarchical search spaces"), and the search for the next point puts them there, too. Of several
 * objectives gp_front.h and gp_evidence.h say more. */
#include <errno.h>

#include "daemon/samplers/gp/gp_evidence.h"
#include "daemon/samplers/gp/gp_front.h"
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
	struct gp_evidence evidence; /* of one objective, or of several in one */
	struct gp_front front;       /* of several */
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
	gp_front_finish(&gp->front);
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

static int create_models(struct gp *gp, bool noiseless)
{
	size_t k = gp->history->objective_count;
	int rc = gp_evidence_init(&gp->evidence, gp->history, &gp->search);
	gp->evidence.noiseless = noiseless;
	if (!rc && k > 1 && k <= GP_LOSSES_AT_MOST)
		rc = gp_front_init(&gp->front, gp->history, &gp->search, noiseless);
	return rc;
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
	bool noiseless = method_flag(setup->method, "deterministic_objective");
	if (gp_search_init(&gp->search, space) != 0 || create_models(gp, noiseless) != 0 ||
	        create_startup(gp, setup) != 0) {
		gp_destroy(gp);
		return error_no_memory(error);
	}
	*state = gp;
	return 0;
}

/* True while there are too few trials for a model; a stopped one says something, too. */
static bool is_starting(const struct gp *gp)
{
	size_t complete = history_count(gp->history, TRIAL_COMPLETE);
	size_t told = complete + history_count(gp->history, TRIAL_PRUNED);
	return told < gp->startup_count || complete < 2 || gp->search.d == 0;
}

/* Of several objectives every second trial looks at the whole front, the others at one place
 * of it: what one overlooks the other may find. */
static bool looks_at_front(const struct gp *gp, int64_t number)
{
	return gp->front.k > 0 && number % 2 == 0;
}

static int search_front(struct gp *gp, struct rng *rng, double *point)
{
	struct gp_goal goal;
	int rc = gp_front_aim(&goal, &gp->front, rng);
	if (!rc)
		rc = gp_search_run(&gp->search, &goal, rng, point);
	gp_front_release(&gp->front);
	return rc;
}

static int search_model(struct gp *gp, double ambition, struct rng *rng, double *point)
{
	struct gp_model model;
	struct gp_improvement improvement;
	struct gp_goal goal;
	int rc = gp_evidence_model(&model, &gp->evidence, rng);
	if (!rc) {
		gp_improvement_aim(&goal, &improvement, &model, ambition);
		rc = gp_search_run(&gp->search, &goal, rng, point);
	}
	gp_model_finish(&model);
	return rc;
}

static int gp_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	struct gp *gp = state;
	if (is_starting(gp))
		return qmc_sampler.suggest(gp->startup, number, rng, point);
	gp_search_fix(&gp->search, point);
	int rc = gp_search_avoid(&gp->search, gp->history);
	if (!rc)
		rc = looks_at_front(gp, number) ? search_front(gp, rng, point)
		                                : search_model(gp, number % 3 == 2 ? AMBITION : 0, rng, point);
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
        .joins = true,
};
