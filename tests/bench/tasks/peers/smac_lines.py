"""smac_lines.py STUDY_FILE SEED: SMAC3's HyperparameterOptimizationFacade as a filter (lines.py), as shipped: where the study file does
not say that its loss is exact (deterministic), its intensifier spends trials on more seeds. It names its intensifier's incumbent."""
import logging
import pathlib
import sys
import tempfile

import ConfigSpace
import lines
import smac


def make_parameter(name, described):
    if "values" in described:
        return ConfigSpace.CategoricalHyperparameter(name, described["values"])
    kind = ConfigSpace.UniformIntegerHyperparameter if lines.is_integer(described) else ConfigSpace.UniformFloatHyperparameter
    return kind(name, described["min"], described["max"], log=described.get("log", False))


def make_condition(space, name, described):
    conditions = [ConfigSpace.InCondition(space[name], space[parent], values) for parent, values in described["when"].items()]
    return conditions[0] if len(conditions) == 1 else ConfigSpace.AndConjunction(*conditions)


def make_space(parameters, seed):
    space = ConfigSpace.ConfigurationSpace(seed=seed)
    for name, described in parameters.items():
        space.add(make_parameter(name, described))
    for name, described in parameters.items():
        if described.get("when"):
            space.add(make_condition(space, name, described))
    return space


def plain(value):
    return value.item() if hasattr(value, "item") else value


class Search:
    def __init__(self, study, seed, folder):
        facade = smac.HyperparameterOptimizationFacade
        scenario = smac.Scenario(make_space(study["parameters"], seed), n_trials=study["budget"]["trials"], seed=seed,
                                 output_directory=pathlib.Path(folder), deterministic=study.get("deterministic", False))
        self.smac = facade(scenario, lambda config, seed=0: 0.0, logging_level=logging.ERROR, overwrite=True)
        self.asked, self.numbers = [], {}
        self.version = lines.find_versions("smac", "ConfigSpace", "scikit-learn")

    def ask(self):
        info = self.smac.ask()
        number = len(self.asked)
        self.asked.append(info)
        self.numbers[info.config] = number
        return number, {name: plain(value) for name, value in dict(info.config).items()}

    def tell(self, number, loss):
        self.smac.tell(self.asked[number], smac.runhistory.TrialValue(cost=loss))

    def best(self):
        return self.numbers[self.smac.intensifier.get_incumbent()]


def main():
    study = lines.read_study(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        lines.serve(Search(study, int(sys.argv[2]), folder), study["parameters"])


main()
