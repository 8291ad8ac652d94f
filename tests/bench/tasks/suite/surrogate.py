"""Tasks of YAHPO Gym's surrogates (the public repository slds-lmu/yahpo_data, Apache-2.0): a folder with lcbench and rbv2_xgboost, each
with model.onnx, config_space.json and encoding.json. lcbench has normal noise of 15 % of the way from the best of ten random draws to
the best of half a million; rbv2_xgboost has none."""
import functools
import json
import math
import os
import pathlib

import numpy
import onnxruntime

from suite import noise
from suite.scale import Scale

DATA_SET = {"lcbench": "OpenML_task_id", "rbv2_xgboost": "task_id"}
FIXED = {"lcbench": {"epoch": 52}, "rbv2_xgboost": {"trainsize": 1.0, "repl": 10}}
CATEGORIES = {"lcbench": ("OpenML_task_id",), "rbv2_xgboost": ("task_id", "booster", "num.impute.selected.cpo")}
NUMBERS = {"lcbench": ("epoch", "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"),
           "rbv2_xgboost": ("nrounds", "eta", "gamma", "lambda", "alpha", "subsample", "max_depth", "min_child_weight", "colsample_bytree",
                            "colsample_bylevel", "rate_drop", "skip_drop", "trainsize", "repl")}
LOSS = {"lcbench": lambda out: 100 - out[:, 1], "rbv2_xgboost": lambda out: 1 - out[:, 0]}  # accuracies
SECONDS = {"lcbench": lambda out: out[:, 0]}
NOISE = {"lcbench": 0.15, "rbv2_xgboost": 0.0}
POINTS, BLOCK = 500_000, 10_000


@functools.cache
def open_model(folder):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(folder / "model.onnx", options)


class Surrogate:
    """One data set of a surrogate."""

    def __init__(self, family, data_set, data, cache):
        folder = pathlib.Path(data) / family
        self.family, self.data_set, self.name = family, data_set, f"{family}/{data_set}"
        self.session = open_model(folder)
        self.codes = json.loads((folder / "encoding.json").read_text())
        space = json.loads((folder / "config_space.json").read_text())
        searched = [each for each in space["hyperparameters"] if each["name"] not in {*FIXED[family], DATA_SET[family]}]
        conditions = {each["child"]: {each["parent"]: each.get("values", [each.get("value")])} for each in space.get("conditions", [])}
        self.parameters = {each["name"]: self.describe(each, conditions.get(each["name"])) for each in searched}
        self.deterministic = NOISE[family] == 0
        self.path = pathlib.Path(cache) / f"{family}.{data_set}.npy"
        self.sd = 0.0
        if not self.deterministic:
            own = self.scale()
            self.sd = NOISE[family] * (own.ten - own.best)

    @staticmethod
    def describe(each, condition):
        kind = int if "int" in each["type"] else float
        described = {"values": each["choices"]} if each["type"] == "categorical" else {
            "min": kind(each["lower"]), "max": kind(each["upper"]), **({"log": True} if each["log"] else {})}
        return {**described, "when": condition} if condition else described

    def run(self, columns, count):
        """The model's outputs for columns of values; 0 where a parameter has none."""
        known = {name: numpy.full(count, value) for name, value in FIXED[self.family].items()} | columns
        codes = {DATA_SET[self.family]: numpy.full(count, self.codes[DATA_SET[self.family]][self.data_set])} | {
            name: columns[name] for name in CATEGORIES[self.family] if name in columns}
        categories = numpy.stack([codes[name] for name in CATEGORIES[self.family]], axis=1).astype(numpy.int32)
        numbers = numpy.stack([known[name] for name in NUMBERS[self.family]], axis=1).astype(numpy.float32)
        return self.session.run(None, {"x_cat": categories, "x_cont": numbers})[0]

    def evaluate(self, row):
        columns = {name: numpy.array([self.codes[name][row[name]] if "values" in each else row[name] or 0]) for name, each in self.parameters.items()}
        return self.run(columns, 1)

    def draw(self, chance, count):
        """Random columns as the model wants them."""
        columns, picked = {}, {}
        for name, each in self.parameters.items():
            if "values" in each:
                picked[name] = chance.integers(len(each["values"]), size=count)
                columns[name] = numpy.array([self.codes[name][value] for value in each["values"]])[picked[name]]
                continue
            low, high = each["min"], each["max"]
            values = numpy.exp(chance.uniform(math.log(low), math.log(high), count)) if each.get("log") else chance.uniform(low, high, count)
            columns[name] = numpy.round(values) if isinstance(low, int) else values
        for name, each in self.parameters.items():
            for parent, values in each.get("when", {}).items():
                among = [self.parameters[parent]["values"].index(value) for value in values]
                columns[name] = numpy.where(numpy.isin(picked[parent], among), columns[name], 0)
        return columns

    @functools.cached_property
    def reference(self):
        """Losses of random points in rising order, computed once."""
        if not self.path.exists():
            chance = numpy.random.default_rng(0)
            blocks = [LOSS[self.family](self.run(self.draw(chance, BLOCK), BLOCK)) for _ in range(POINTS // BLOCK)]
            part = self.path.with_suffix(f".{os.getpid()}.npy")
            numpy.save(part, numpy.sort(numpy.concatenate(blocks)))
            part.rename(self.path)
        return numpy.load(self.path)

    def true(self, row):
        return float(LOSS[self.family](self.evaluate(row))[0])

    def observe(self, row, seed, visit):
        return self.true(row) + (self.sd * noise.draw_normal(self.name, seed, json.dumps(row, sort_keys=True), visit) if self.sd else 0)

    def seconds(self, row):
        return float(SECONDS[self.family](self.evaluate(row))[0]) if self.family in SECONDS else 1.0

    def scale(self, best=None):
        return Scale(self.reference, best)

    def random_named(self, chance, trials, runs):
        true = self.reference[chance.integers(len(self.reference), size=(runs, trials))].astype(float)
        return true[numpy.arange(runs), (true + self.sd * chance.standard_normal(true.shape)).argmin(axis=1)]
