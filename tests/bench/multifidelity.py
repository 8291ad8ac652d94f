"""multifidelity.py TABLE.json [SEEDS [SAMPLER [WITHIN]]]: the search of multifidelity.c with the installed Optuna, its TPE
(or random) sampler, no pruner and successive halving. Prints the median epochs until found and how many never found it."""
import json
import math
import statistics
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState

WORKERS, EPOCHS_AT_MOST = 4, 16 * 400
WORDS = ["relu", "tanh", "logistic"]
SPACE = {
    "learning_rate": FloatDistribution(0.000316, 3.16, log=True),
    "hidden": CategoricalDistribution([8, 16, 32, 64]),
    "batch": CategoricalDistribution([8, 16, 32, 64]),
    "momentum": FloatDistribution(0, 0.95),
    "activation": CategoricalDistribution(WORDS),
    "l2": FloatDistribution(1e-6, 0.1, log=True),
}
PRUNERS = {
    "none": optuna.pruners.NopPruner,
    "halving 1 x4": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=4),
    "halving 2 x2": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2),
}
SAMPLERS = {
    "default": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "tpe": lambda seed: optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed),
    "univariate": lambda seed: optuna.samplers.TPESampler(constant_liar=True, seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}


def nearest(name, axis, value):
    """Index of the grid's value nearest to the one chosen."""
    if name in ("activation", "hidden", "batch"):
        return axis.index(value)
    if name in ("learning_rate", "l2"):
        return min(range(len(axis)), key=lambda i: abs(math.log(value / axis[i])))
    return min(range(len(axis)), key=lambda i: abs(value - axis[i]))


def run(grid, curves, wanted, pruner, sampler):
    """Epochs spent by all workers until a whole curve ends at `wanted` or better."""
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    workers = [None] * WORKERS
    for epoch in range(EPOCHS_AT_MOST):
        place = epoch % WORKERS
        if workers[place] is None:
            trial = study.ask(SPACE)
            cell = tuple(nearest(name, axis, trial.params[name]) for name, axis in grid.items())
            workers[place] = trial, enumerate(curves[cell], 1), len(curves[cell])
        trial, curve, length = workers[place]
        step, value = next(curve)
        trial.report(value, step)
        if step == length:
            study.tell(trial, value)
            workers[place] = None
            if value >= wanted:
                return epoch + 1
        elif trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            workers[place] = None
    return EPOCHS_AT_MOST


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sampler = SAMPLERS[sys.argv[3] if len(sys.argv) > 3 else "tpe"]
    wanted = table["best_final"] - (float(sys.argv[4]) if len(sys.argv) > 4 else 0.005)
    curves = {tuple(row["index"]): row["f1"] for row in table["rows"]}
    for label, pruner in PRUNERS.items():
        epochs = [run(table["grid"], curves, wanted, pruner(), sampler(seed)) for seed in range(seeds)]
        missed = sum(spent == EPOCHS_AT_MOST for spent in epochs)
        print(f"{label:22} {statistics.median(epochs):6.0f} epochs  not found {missed} of {seeds}", flush=True)


if __name__ == "__main__":
    main()
