"""optuna_lines.py STUDY_FILE SEED SAMPLER: Optuna's samplers as a filter (lines.py). SAMPLER is tpe, group (its TPE with a group of
parameters for each branch) or gp, each as shipped. It names its best_trial, which is the lowest loss seen."""
import logging
import sys
import warnings

import lines
import optuna


def make_sampler(name, seed):
    if name == "gp":
        import torch
        torch.set_num_threads(1)
        return optuna.samplers.GPSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, group=True) if name == "group" else optuna.samplers.TPESampler(seed=seed)


def suggest(trial, name, described):
    if "values" in described:
        return trial.suggest_categorical(name, described["values"])
    kind = trial.suggest_int if lines.is_integer(described) else trial.suggest_float
    return kind(name, described["min"], described["max"], log=described.get("log", False))


class Search:
    def __init__(self, parameters, seed, sampler):
        self.parameters, self.trials = parameters, {}
        self.study = optuna.create_study(sampler=make_sampler(sampler, seed))
        self.version = lines.find_versions(*(["optuna", "torch"] if sampler == "gp" else ["optuna"]))

    def ask(self):
        trial, row = self.study.ask(), {}
        for name, described in self.parameters.items():
            if lines.is_active(described, row):
                row[name] = suggest(trial, name, described)
        self.trials[trial.number] = trial
        return trial.number, row

    def tell(self, number, loss):
        self.study.tell(self.trials.pop(number), loss)

    def best(self):
        return self.study.best_trial.number


def main():
    optuna.logging.set_verbosity(logging.ERROR)
    warnings.filterwarnings("ignore")
    parameters = lines.read_study(sys.argv[1])["parameters"]
    lines.serve(Search(parameters, int(sys.argv[2]), sys.argv[3]), parameters)


main()
