/* What an algorithm implements to be in the table of sampler.c. */
#ifndef DAEMON_SAMPLERS_SAMPLER_TYPE_H
#define DAEMON_SAMPLERS_SAMPLER_TYPE_H

#include "daemon/samplers/history_view.h"
#include "daemon/samplers/outcome.h"
#include "schema/base/error.h"
#include "schema/base/rng.h"

/* What every sampler is built on; borrowed pointers that outlive it. */
struct sampler_setup {
	const struct study_spec *spec;
	const struct method *method;   /* its options; spec->sampler unless another sampler built this one */
	const struct history *history; /* to learn from: under Hyperband the trials of one bracket */
	const struct history *whole;   /* all trials: what has been handed out already */
	uint64_t seed;                 /* of the study */
};

struct sampler_type {
	const char *name;
	/* Builds the state. 0, -ENOMEM, or -EINVAL with a sentence when the space does not suit. */
	int (*create)(void **state, const struct sampler_setup *setup, struct error *error);
	/* As sampler_suggest, with the trial's stream. May leave values of inactive parameters; the
	 * wrapper drops them. */
	int (*suggest)(void *state, int64_t number, struct rng *rng, double *point);
	void (*destroy)(void *state);
	/* As sampler_is_slow, for what suggest does by itself; NULL = never. */
	bool (*slow)(const void *state, int64_t number);
	/* What it does at present and why, one sentence; NULL when the name says all. */
	const char *(*reason)(const void *state);
	bool walks;   /* hands out every point once by itself, so the wrapper need not look for duplicates */
	bool repeats; /* its draws are independent: a point may come again */
	bool joins;   /* learns from all trials, also where brackets are searched apart */
};

extern const struct sampler_type tpe_sampler, random_sampler, grid_sampler, gp_sampler, brute_force_sampler;
extern const struct sampler_type qmc_sampler, cma_es_sampler, nsga2_sampler, auto_sampler;

#endif
