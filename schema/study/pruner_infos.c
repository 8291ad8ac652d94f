/* Pruners, their options and Optuna's defaults (optuna-5: pruners/). */
#include <math.h>

#include "schema/study/method.h"

#define INF (double)INFINITY
#define MANY 1e9
#define COUNT(name, fallback, low, help)                                                                               \
	{                                                                                                              \
		name, OPTION_INTEGER, 0, fallback, low, MANY, NULL, "", help                                           \
	}
#define NUMBER(name, fallback, low, high, help)                                                                        \
	{                                                                                                              \
		name, OPTION_NUMBER, 0, fallback, low, high, NULL, "", help                                            \
	}
#define END                                                                                                            \
	{                                                                                                              \
		NULL                                                                                                   \
	}
#define PATIENCE_OF_PERCENTILES                                                                                        \
	COUNT("n_startup_trials", "5", 0, "never prune before so many trials are complete"),                           \
	        COUNT("n_warmup_steps", "0", 0, "never prune before this step"),                                       \
	        COUNT("interval_steps", "1", 1, "look only every so many steps"),                                      \
	        COUNT("n_min_trials", "1", 1, "complete trials that must have reported at the step")

static const struct option no_options[] = {END};

static const struct option auto_options[] = {
        NUMBER("z", "2.2", 0.5, 4, "standard errors below the bar at which a trial is stopped"),
        COUNT("n_startup_trials", "10", 0, "the first so many trials are never stopped"),
        {"stopped", OPTION_CHOICE, 0, "impute", 0, 0, OPTION_CHOICES("impute", "optuna", "ignore"), "",
                "what samplers learn from a stopped trial: what it is taken to be worth, what Optuna's learn, or "
                "nothing"},
        END,
};

static const struct option median_options[] = {PATIENCE_OF_PERCENTILES, END};

static const struct option percentile_options[] = {
        NUMBER("percentile", "50", 0, 100, "keep trials within this best percentage"),
        PATIENCE_OF_PERCENTILES,
        END,
};

static const struct option halving_options[] = {
        COUNT("min_resource", NULL, 1, "step of the first rung (default: a hundredth of the longest trial)"),
        COUNT("reduction_factor", "4", 2, "one in so many goes on to the next rung"),
        COUNT("min_early_stopping_rate", "0", 0, "rungs left out at the start"),
        COUNT("bootstrap_count", "0", 0, "trials a rung must have seen before it lets one pass"),
        END,
};

static const struct option hyperband_options[] = {
        COUNT("min_resource", "1", 1, "step of the first rung of the first bracket"),
        COUNT("max_resource", NULL, 1, "steps of a whole trial (default: those of the longest complete one)"),
        COUNT("reduction_factor", "3", 2, "one in so many goes on to the next rung"),
        COUNT("bootstrap_count", "0", 0, "trials a rung must have seen before it lets one pass"),
        END,
};

static const struct option patient_options[] = {
        COUNT("patience", "10", 0, "reports without improvement that are borne"),
        NUMBER("min_delta", "0", 0, INF, "smallest change that counts as an improvement"),
        END,
};

static const struct option threshold_options[] = {
        NUMBER("lower", NULL, -INF, INF, "prune below this value"),
        NUMBER("upper", NULL, -INF, INF, "prune above this value"),
        COUNT("n_warmup_steps", "0", 0, "never prune before this step"),
        COUNT("interval_steps", "1", 1, "look only every so many steps"),
        END,
};

static const struct option wilcoxon_options[] = {
        NUMBER("p_threshold", "0.1", 0, 1, "prune when the signed-rank test against the best trial falls below"),
        COUNT("n_startup_steps", "2", 0, "never prune with fewer common steps"),
        END,
};

static const struct option wandb_hyperband_options[] = {
        COUNT("min_iter", NULL, 1, "first band; further ones at min_iter * eta^k"),
        COUNT("max_iter", NULL, 1, "longest trial; bands at max_iter / eta^k"),
        COUNT("s", NULL, 1, "number of bands below max_iter"),
        NUMBER("eta", "3", 1.000001, INF, "one in so many passes a band"),
        {"strict", OPTION_SWITCH, 0, "true", 0, 0, NULL, "", "judge by the value at the band, not the best so far"},
        END,
};

const struct method_info pruner_infos[] = {
        {"none", "nop", false, false, "never stops a trial", no_options},
        {"auto", NULL, false, true,
                "stops trials that are worse than the best by more than the noise of folds and forecasts",
                auto_options},
        {"median", NULL, false, true, "stops trials that are worse than the median at the same step", median_options},
        {"percentile", NULL, false, true, "stops trials outside the best percentage at the same step",
                percentile_options},
        {"successive_halving", "asha", false, true, "asynchronous successive halving (Li et al. 2018)",
                halving_options},
        {"hyperband", NULL, false, true, "several brackets of successive halving (Li et al. 2018)", hyperband_options},
        {"patient", NULL, true, true, "stops trials that no longer improve, or asks the wrapped pruner then",
                patient_options},
        {"threshold", NULL, false, true, "stops trials whose value leaves the bounds", threshold_options},
        {"wilcoxon", NULL, false, true, "signed-rank test against the best trial, step by step", wilcoxon_options},
        {"wandb_hyperband", NULL, false, true, "early_terminate as W&B does it", wandb_hyperband_options},
        END,
};
