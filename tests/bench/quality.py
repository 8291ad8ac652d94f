"""quality.py OUT.json [PROBLEM|all [SEEDS [TRIALS [TABLE.json]]]]: the installed Optuna's TPE, as it is by default, on the
problems of quality.c. Writes what that program reads as its baseline: the regret of every seed after 25, 50, 100 and 200
trials. Problems that OUT.json has already are kept, so an interrupted run goes on."""
import json
import math
import os
import statistics
import sys

import optuna
from optuna.distributions import FloatDistribution

import multifidelity

MARKS = (25, 50, 100, 200)
WEIGHTS = (1, 1.2, 3, 3.2)
SCALES = ((10, 3, 17, 3.5, 1.7, 8), (0.05, 10, 17, 0.1, 8, 14), (3, 3.5, 1.7, 10, 17, 8), (17, 8, 0.05, 10, 0.1, 14))
CENTRES = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


def branin(x):
    a = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return a * a + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10


def hartmann6(x):
    exponents = [sum(s * (v - c) ** 2 for s, v, c in zip(*row)) for row in zip(SCALES, [x] * 4, CENTRES)]
    return -sum(weight * math.exp(-exponent) for weight, exponent in zip(WEIGHTS, exponents))


def ackley(x):
    squares, cosines = sum(v * v for v in x) / len(x), sum(math.cos(2 * math.pi * v) for v in x) / len(x)
    return -20 * math.exp(-0.2 * math.sqrt(squares)) - math.exp(cosines) + 20 + math.e


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def rastrigin(x):
    return sum(10 + v * v - 10 * math.cos(2 * math.pi * v) for v in x)


def levy(x):
    w = [1 + (v - 1) / 4 for v in x]
    inner = sum((v - 1) ** 2 * (1 + 10 * math.sin(math.pi * v + 1) ** 2) for v in w[:-1])
    return math.sin(math.pi * w[0]) ** 2 + inner + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


# name: function, bounds of the first and of the other dimensions, dimensions, optimum
PROBLEMS = {
    "branin": (branin, ((-5, 10), (0, 15)), 2, 0.39788735772973816),
    "hartmann6": (hartmann6, ((0, 1), (0, 1)), 6, -3.32236801141551),
    "ackley5": (ackley, ((-20, 35), (-20, 35)), 5, 0),
    "rosenbrock4": (rosenbrock, ((-5, 10), (-5, 10)), 4, 0),
    "rastrigin5": (rastrigin, ((-4, 6), (-4, 6)), 5, 0),
    "levy5": (levy, ((-10, 10), (-10, 10)), 5, 0),
}


def make_problem(name, table):
    """The space, and the regret of a trial's parameters."""
    if name == "digits-mlp":
        curves = {tuple(row["index"]): row["f1"][-1] for row in table["rows"]}
        find = lambda params: tuple(multifidelity.nearest(axis, grid, params[axis]) for axis, grid in table["grid"].items())
        return multifidelity.SPACE, lambda params: table["best_final"] - curves[find(params)]
    function, (first, others), dims, optimum = PROBLEMS[name]
    space = {f"x{i}": FloatDistribution(*(others if i else first)) for i in range(dims)}
    return space, lambda params: function([params[axis] for axis in space]) - optimum


def run(problem, seed, trials):
    """Regrets at the marks."""
    space, regret = problem
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    best, regrets = math.inf, {}
    for number in range(1, trials + 1):
        trial = study.ask(space)
        value = regret(trial.params)
        study.tell(trial, value)
        best = min(best, value)
        if number in MARKS:
            regrets[number] = best
    return regrets


def summary(values):
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "q25": low, "q75": high, "values": values}


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "all"
    seeds, trials = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((3, 30), (4, 200)))
    table = json.load(open(sys.argv[5], encoding="utf-8")) if len(sys.argv) > 5 else None
    out = {"source": f"Optuna {optuna.__version__}, TPESampler as it is by default, one trial at a time", "regret": {}}
    if os.path.exists(path):
        out = json.load(open(path, encoding="utf-8"))
    names = [*PROBLEMS] + ["digits-mlp"] * (table is not None) if wanted == "all" else [wanted]
    for name in names:
        if name in out["regret"]:
            continue
        problem, runs = make_problem(name, table), []
        for seed in range(seeds):
            runs.append(run(problem, seed, trials))
            print(f"\r{name} {seed + 1}/{seeds}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        out["regret"][name] = {"tpe": {str(mark): summary([one[mark] for one in runs]) for mark in runs[0]}}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(out, file)


if __name__ == "__main__":
    main()
