#include "daemon/samplers/sampler.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/bracket_view.h"
#include "daemon/samplers/sampler_type.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

/* Tries to find a point that no trial has had, where points can repeat at all: first by the
 * sampler, then by plain draws. */
#define OWN_TRIES 8
#define FRESH_TRIES 200

static const struct sampler_type *const sampler_types[] = {
        &tpe_sampler,
        &random_sampler,
        &grid_sampler,
        &brute_force_sampler,
        &qmc_sampler,
        &gp_sampler,
        &cma_es_sampler,
        &nsga2_sampler,
        &auto_sampler,
};

/* The separate search of one bracket. */
struct branch {
	struct bracket_view view;
	void *state;
};

struct sampler {
	const struct sampler_type *type;
	const struct study_spec *spec;
	const struct history *history;
	uint64_t seed;
	bool avoids_repeats; /* points can repeat, and are not meant to */
	double *fixed;       /* (space count) what the caller had set */
	void *state;         /* learns from the whole history */
	struct brackets brackets;
	size_t branch_count;
	struct branch *branches; /* (branch_count) by bracket; state NULL = not needed yet */
	void *latest;            /* state asked last; borrowed */
};

static const struct sampler_type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof sampler_types / sizeof *sampler_types; i++)
		if (strcmp(sampler_types[i]->name, name) == 0)
			return sampler_types[i];
	return NULL;
}

static bool is_discrete(const struct space *space)
{
	for (size_t i = 0; i < space->count; i++)
		if (param_cardinality(&space->params[i]) == 0)
			return false;
	return space->count > 0;
}

int sampler_create(struct sampler **out, const struct study_spec *spec, const struct history *history, uint64_t seed,
        struct error *error)
{
	const char *name = spec->sampler.info->name;
	const struct sampler_type *type = find_type(name);
	if (!type)
		return error_set(error, -EINVAL, "this version has no sampler \"%s\" yet", name);
	struct sampler *sampler = memory_alloc(1, sizeof *sampler);
	if (!sampler)
		return error_no_memory(error);
	sampler->type = type;
	sampler->spec = spec;
	sampler->history = history;
	sampler->seed = seed;
	sampler->avoids_repeats = is_discrete(spec->space) && !type->walks && !type->repeats;
	sampler->fixed = memory_alloc(spec->space->count + 1, sizeof *sampler->fixed);
	struct sampler_setup setup = {spec, &spec->sampler, history, history, seed};
	int rc = sampler->fixed ? type->create(&sampler->state, &setup, error) : error_no_memory(error);
	if (rc) {
		memory_free(sampler->fixed);
		memory_free(sampler);
		return rc;
	}
	sampler->latest = sampler->state;
	*out = sampler;
	return 0;
}

static void destroy_state(const struct sampler *sampler, void *state)
{
	if (state && sampler->type->destroy)
		sampler->type->destroy(state);
}

void sampler_destroy(struct sampler *sampler)
{
	if (!sampler)
		return;
	for (size_t i = 0; i < sampler->branch_count; i++) {
		destroy_state(sampler, sampler->branches[i].state);
		bracket_view_finish(&sampler->branches[i].view);
	}
	memory_free(sampler->branches);
	destroy_state(sampler, sampler->state);
	memory_free(sampler->fixed);
	memory_free(sampler);
}

void sampler_set_brackets(
        struct sampler *sampler, int (*find)(const void *context, int64_t number), const void *context)
{
	sampler->brackets = (struct brackets){find, context};
}

static int reserve_branch(struct sampler *sampler, size_t bracket)
{
	if (bracket < sampler->branch_count)
		return 0;
	struct branch *grown = memory_resize(sampler->branches, bracket + 1, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	while (sampler->branch_count <= bracket)
		grown[sampler->branch_count++] = (struct branch){.state = NULL};
	sampler->branches = grown;
	return 0;
}

static int make_branch(struct sampler *sampler, struct branch *branch)
{
	if (!branch->view.history && bracket_view_init(&branch->view, sampler->history) != 0)
		return -ENOMEM;
	if (branch->state)
		return 0;
	struct sampler_setup setup = {
	        .spec = sampler->spec,
	        .method = &sampler->spec->sampler,
	        .history = branch->view.history,
	        .whole = sampler->history,
	        .seed = sampler->seed,
	};
	return sampler->type->create(&branch->state, &setup, NULL);
}

static bool has_branches(const struct sampler *sampler)
{
	return sampler->brackets.find && !sampler->type->walks && !sampler->type->joins;
}

/* The state that the trial's point comes from: its bracket's, or the one of all trials. */
static int choose_state(void **out, struct sampler *sampler, int64_t number)
{
	int bracket = -1;
	if (has_branches(sampler))
		bracket = sampler->brackets.find(sampler->brackets.context, number);
	*out = sampler->state;
	if (bracket < 0)
		return 0;
	if (reserve_branch(sampler, (size_t)bracket) != 0)
		return -ENOMEM;
	assert((size_t)bracket < sampler->branch_count);
	struct branch *branch = &sampler->branches[bracket];
	int rc = make_branch(sampler, branch);
	if (!rc)
		rc = bracket_view_follow(&branch->view, sampler->history, &sampler->brackets, bracket);
	if (!rc)
		*out = branch->state;
	return rc;
}

/* Restores the values that the caller had set, as far as they are active under the parents chosen
 * now. */
static void keep_fixed(const struct sampler *sampler, double *point, struct rng *rng)
{
	const struct space *space = sampler->history->space;
	for (size_t i = 0; i < space->count; i++) {
		size_t index = space->order[i];
		if (!isnan(sampler->fixed[index]) && point_is_active(space, point, index))
			point[index] = sampler->fixed[index];
	}
	point_draw(space, point,
	        rng); /* parameters that are active only under such a value, which the sampler did not choose */
}

static int suggest_fresh(struct sampler *sampler, int64_t number, double *point)
{
	const struct space *space = sampler->history->space;
	size_t bytes = space->count * sizeof *point;
	struct rng rng;
	rng_init(&rng, sampler->seed, (uint64_t)number);
	int rc = choose_state(&sampler->latest, sampler, number);
	if (rc != 0)
		return rc;
	if (bytes > 0)
		memcpy(sampler->fixed, point, bytes);
	for (int i = 0; i < FRESH_TRIES; i++) {
		if (i > 0)
			memcpy(point, sampler->fixed, bytes);
		if (i < OWN_TRIES)
			rc = sampler->type->suggest(sampler->latest, number, &rng, point);
		else
			point_draw(space, point, &rng);
		if (rc != 0)
			return rc;
		keep_fixed(sampler, point, &rng);
		if (!sampler->avoids_repeats || !history_has_point(sampler->history, point))
			return 0;
	}
	return 0; /* (nearly) everything has been tried: a repetition measures the noise */
}

int sampler_suggest(struct sampler *sampler, int64_t number, double *point)
{
	const struct space *space = sampler->history->space;
	point_drop_inactive(space, point);
	if (point_is_complete(space, point) && (space->count > 0 || !sampler->type->walks))
		return 0;
	int rc = suggest_fresh(sampler, number, point);
	assert(rc <= 0 || rc == SAMPLER_EXHAUSTED);
	return rc;
}

/* Looking for a point that no trial has had may take FRESH_TRIES passes over the trials; sorting
 * them into brackets takes one. */
#define DISCRETE_AT_MOST 200
#define BRACKETED_AT_MOST 2000

bool sampler_is_slow(const struct sampler *sampler, int64_t number)
{
	const struct sampler_type *type = sampler->type;
	size_t count = sampler->history->count;
	if (sampler->avoids_repeats && count > DISCRETE_AT_MOST)
		return true;
	if (has_branches(sampler) && count > BRACKETED_AT_MOST)
		return true;
	return type->slow && type->slow(sampler->state, number);
}

const char *sampler_reason(const struct sampler *sampler)
{
	return sampler->type->reason ? sampler->type->reason(sampler->latest) : sampler->type->name;
}
