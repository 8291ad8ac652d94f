/* Samplers, their options and Optuna's defaults (optuna-5: samplers/). */
#include <math.h>

#include "schema/study/method.h"

#define INF (double)INFINITY
#define MANY 1e9
#define SEED                                                                                                           \
	{                                                                                                              \
		"seed", OPTION_INTEGER, 0, NULL, 0, 9007199254740992.0, NULL, "",                                      \
		        "seed of this study's draws, the same as the key `seed`"                                       \
	}
#define STARTUP(count)                                                                                                 \
	{                                                                                                              \
		"n_startup_trials", OPTION_INTEGER, 0, count, 0, MANY, NULL, "",                                       \
		        "finished trials drawn at random before the model takes over"                                  \
	}
#define END                                                                                                            \
	{                                                                                                              \
		NULL                                                                                                   \
	}

static const struct option plain_options[] = {SEED, END};

static const struct option tpe_options[] = {
        STARTUP("10"),
        {"n_ei_candidates", OPTION_INTEGER, 0, "24", 1, MANY, NULL, "", "candidates drawn for one suggestion"},
        {"multivariate", OPTION_SWITCH, 0, NULL, 0, 0, NULL, "",
                "model all parameters jointly (default: on for one objective, off for several)"},
        {"group", OPTION_SWITCH, 0, "false", 0, 0, NULL, "",
                "one joint model per group of parameters that occur together"},
        {"constant_liar", OPTION_SWITCH, 0, "true", 0, 0, NULL, "",
                "count running trials as bad ones, which spreads workers"},
        {"random_fraction", OPTION_NUMBER, 0, NULL, 0, 1, NULL, "",
                "share of trials drawn from the priors after the start-up (default: 1/3 with a pruner but auto, else "
                "0)"},
        {"bandwidth_floor", OPTION_NUMBER, 0, NULL, 0, 10, NULL, "",
                "least width of kernels in parts of the range, times n^(-1/(d+4)) (default: 0.2 with a pruner but "
                "auto, else 0)"},
        {"prior_weight", OPTION_NUMBER, 0, "1", 0, INF, NULL, "", "weight of the prior kernel"},
        {"consider_magic_clip", OPTION_SWITCH, 0, "true", 0, 0, NULL, "", "keep kernels from becoming too narrow"},
        {"consider_endpoints", OPTION_SWITCH, 0, "false", 0, 0, NULL, "",
                "take the bounds into account for kernel widths"},
        SEED,
        END,
};

static const struct option qmc_options[] = {
        {"qmc_type", OPTION_CHOICE, 0, "sobol", 0, 0, OPTION_CHOICES("sobol", "halton"), "",
                "the low-discrepancy sequence"},
        {"scramble", OPTION_SWITCH, 0, "false", 0, 0, NULL, "", "randomise the sequence by the seed, keeping it even"},
        SEED,
        END,
};

static const struct option cma_es_options[] = {
        STARTUP("1"),
        {"sigma0", OPTION_NUMBER, 0, NULL, 1e-6, 10, NULL, "",
                "first step size as a share of each range (default: 1 / 6)"},
        {"popsize", OPTION_INTEGER, 0, NULL, 2, 10000, NULL, "", "population size (default: 4 + 3 ln (n + 1))"},
        SEED,
        END,
};

static const struct option gp_options[] = {
        STARTUP("10"),
        {"deterministic_objective", OPTION_SWITCH, 0, "false", 0, 0, NULL, "", "the objective has no noise"},
        SEED,
        END,
};

static const struct option nsga2_options[] = {
        {"population_size", OPTION_INTEGER, 0, "50", 2, 10000, NULL, "", "trials of one generation"},
        {"mutation_prob", OPTION_NUMBER, 0, NULL, 0, 1, NULL, "",
                "chance to redraw a parameter (default: 1 / their number)"},
        {"crossover_prob", OPTION_NUMBER, 0, "0.9", 0, 1, NULL, "", "chance that a child has two parents"},
        {"crossover", OPTION_CHOICE, 0, "uniform", 0, 0,
                OPTION_CHOICES("uniform", "blx_alpha", "sbx", "vsbx", "spx", "undx"), "",
                "how a child's numbers come from its parents'; spx and undx have three"},
        {"eta", OPTION_NUMBER, 0, NULL, 0, 1000, NULL, "",
                "of sbx and vsbx: the larger, the nearer to the parents (default: 2, several objectives 20)"},
        {"swapping_prob", OPTION_NUMBER, 0, "0.5", 0, 1, NULL, "", "chance to take a parameter from the second parent"},
        SEED,
        END,
};

const struct method_info sampler_infos[] = {
        {"auto", NULL, false, true, "a good choice for the space and the objectives", plain_options},
        {"tpe", "bayes", false, true, "tree-structured Parzen estimator (Bergstra et al. 2011)", tpe_options},
        {"random", NULL, false, false, "independent draws from the priors", plain_options},
        {"grid", NULL, false, false, "every combination once, in W&B's order", plain_options},
        {"qmc", NULL, false, false, "low-discrepancy sequence, evener than random; a trial's number is its place in it",
                qmc_options},
        {"cma_es", "cmaes", false, true, "covariance matrix adaptation (Hansen 2016), for numbers and one objective",
                cma_es_options},
        {"gp", NULL, false, true,
                "Gaussian process with expected improvement, of several objectives also by the hypervolume",
                gp_options},
        {"nsga2", "nsgaii", false, true, "genetic search for several objectives (Deb et al. 2002)", nsga2_options},
        {"brute_force", NULL, false, false, "every combination once, conditions included, in random order",
                plain_options},
        END,
};
