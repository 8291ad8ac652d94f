"""hebo_lines.py STUDY_FILE SEED BATCH: HEBO as a filter (lines.py), as shipped, asked for BATCH trials at once, whose losses it is shown
together: it knows no running trials. It knows no conditions either: a value that has no meaning is not reported. It names its best_x,
the lowest loss seen."""
import sys
import warnings

import lines
import numpy
import torch
from hebo.design_space.design_space import DesignSpace
from hebo.optimizers.hebo import HEBO


def make_parameter(name, described):
    if "values" in described:
        return {"name": name, "type": "cat", "categories": described["values"]}
    kind = ("pow_int" if described.get("log") else "int") if lines.is_integer(described) else "pow" if described.get("log") else "num"
    return {"name": name, "type": kind, "lb": described["min"], "ub": described["max"]}


class Search:
    def __init__(self, parameters, seed, batch):
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        numpy.random.seed(seed)
        self.parameters, self.batch = parameters, batch
        self.hebo = HEBO(DesignSpace().parse([make_parameter(name, each) for name, each in parameters.items()]), scramble_seed=seed)
        self.waiting, self.running, self.losses, self.asked = [], {}, [], 0
        self.version = lines.find_versions("hebo", "torch", "gpytorch", "pymoo", "numpy")

    def fill(self):
        table = self.hebo.suggest(n_suggestions=self.batch)
        self.waiting = [table.iloc[[i]] for i in range(len(table))]

    def ask(self):
        if not self.waiting:
            self.fill()
        table, number, row = self.waiting.pop(0), self.asked, {}
        self.asked += 1
        self.running[number] = table
        for name, described in self.parameters.items():
            if lines.is_active(described, row):
                value = table.iloc[0][name]
                row[name] = value if "values" in described else min(max(float(value), described["min"]), described["max"])
        return number, row

    def tell(self, number, loss):
        self.losses.append((loss, number))
        self.hebo.observe(self.running.pop(number), numpy.array([[loss]]))

    def best(self):
        return min(self.losses)[1]


def main():
    warnings.filterwarnings("ignore")
    parameters = lines.read_study(sys.argv[1])["parameters"]
    lines.serve(Search(parameters, int(sys.argv[2]), int(sys.argv[3])), parameters)


main()
