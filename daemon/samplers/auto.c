/* auto: the sampler that suits the study as it is now. Before each suggestion the rules are tried
 * in order; which one holds depends only on the space, the objectives, the budget, how many trials
 * are complete and the trial's number, so a restarted study continues in the same way. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/sampler_type.h"
#include "schema/base/memory.h"

#define GP_DIMS 60       /* a suggestion of the Gaussian process takes too long beyond */
#define GP_FRONT_DIMS 20 /* a model for each of several objectives takes too long beyond */
#define GP_ALONE 200     /* complete trials, all of which its model takes in; then it takes turns with TPE */
#define GP_TRIALS 400    /* complete trials after which its model leaves out too many */

struct auto_sampler;

struct rule {
	const struct sampler_type *type;
	bool (*holds)(const struct auto_sampler *chooser, int64_t number);
	const char *reason;
};

static bool budget_covers_space(const struct auto_sampler *chooser, int64_t number);
static bool is_small_and_young(const struct auto_sampler *chooser, int64_t number);
static bool is_small_and_even(const struct auto_sampler *chooser, int64_t number);
static bool always(const struct auto_sampler *chooser, int64_t number);

static const struct rule rules[] = {
        {&brute_force_sampler, budget_covers_space, "brute_force, as the budget is enough to try every point once"},
        {&gp_sampler, is_small_and_young, "gp, as a smooth model learns most from few trials"},
        {&gp_sampler, is_small_and_even,
                "gp and tpe by turns, as some trials are in: what one overlooks the other may find"},
        {&tpe_sampler, always, "tpe, as there are many trials or many parameters"},
};
#define RULE_COUNT (sizeof rules / sizeof *rules)

struct auto_sampler {
	struct sampler_setup setup;
	void *states[RULE_COUNT]; /* made when a rule first holds */
};

static bool budget_covers_space(const struct auto_sampler *chooser, int64_t number)
{
	(void)number;
	const struct study_spec *spec = chooser->setup.spec;
	double count = 1; /* conditions are ignored, so it may be too large; 0 = infinitely many */
	for (size_t i = 0; i < spec->space->count; i++)
		count *= (double)param_cardinality(&spec->space->params[i]);
	return count > 0 && count <= study_spec_trials_most(spec);
}

static bool is_small(const struct auto_sampler *chooser)
{
	size_t dims = chooser->setup.spec->space->count;
	return dims <= GP_DIMS && (dims <= GP_FRONT_DIMS || chooser->setup.history->objective_count == 1);
}

static bool is_small_and_young(const struct auto_sampler *chooser, int64_t number)
{
	(void)number;
	return is_small(chooser) && history_count(chooser->setup.history, TRIAL_COMPLETE) < GP_ALONE;
}

static bool is_small_and_even(const struct auto_sampler *chooser, int64_t number)
{
	return is_small(chooser) && number % 2 == 0 &&
	       history_count(chooser->setup.history, TRIAL_COMPLETE) < GP_TRIALS;
}

static bool always(const struct auto_sampler *chooser, int64_t number)
{
	(void)chooser;
	(void)number;
	return true;
}

static size_t find_rule(const struct auto_sampler *chooser, int64_t number)
{
	size_t i = 0;
	while (!rules[i].holds(chooser, number))
		i++;
	assert(i < RULE_COUNT); /* the last one always holds */
	return i;
}

static int make_state(struct auto_sampler *chooser, size_t rule)
{
	if (chooser->states[rule])
		return 0;
	struct method method = {.info = method_info_find(sampler_infos, rules[rule].type->name)};
	struct sampler_setup setup = chooser->setup;
	setup.method = &method;
	return rules[rule].type->create(&chooser->states[rule], &setup, NULL);
}

static int auto_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct auto_sampler *chooser = memory_alloc(1, sizeof *chooser);
	if (!chooser)
		return error_no_memory(error);
	chooser->setup = *setup;
	*state = chooser;
	return 0;
}

static void auto_destroy(void *state)
{
	struct auto_sampler *chooser = state;
	for (size_t i = 0; chooser && i < RULE_COUNT; i++)
		if (chooser->states[i] && rules[i].type->destroy)
			rules[i].type->destroy(chooser->states[i]);
	memory_free(chooser);
}

static int auto_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	struct auto_sampler *chooser = state;
	size_t rule = find_rule(chooser, number);
	int rc = make_state(chooser, rule);
	return rc ? rc : rules[rule].type->suggest(chooser->states[rule], number, rng, point);
}

static const char *auto_reason(const void *state)
{
	return rules[find_rule(state, 0)].reason; /* 0 is even: where samplers alternate, that rule says so */
}

/* A sampler that is not made yet may be slow. */
static bool auto_is_slow(const void *state, int64_t number)
{
	const struct auto_sampler *chooser = state;
	size_t rule = find_rule(chooser, number);
	const struct sampler_type *type = rules[rule].type;
	return type->slow && (!chooser->states[rule] || type->slow(chooser->states[rule], number));
}

const struct sampler_type auto_sampler = {
        .name = "auto",
        .create = auto_create,
        .suggest = auto_suggest,
        .destroy = auto_destroy,
        .slow = auto_is_slow,
        .reason = auto_reason,
        .joins = true,
};
