"""surrogates.py BUILD DATA [--tasks TASK,…] [--samplers NAME,…] [--seeds N] [--trials N] [--workers N]

How well samplers search on noisy surrogates of real training: seven numbers of a network (lcbench) and fourteen parameters of xgboost, most of them
under conditions (rbv2_xgboost), on the data sets below that are for development; others are for publishing and were not looked at.

DATA is a folder with `lcbench` and `rbv2_xgboost` of the public repository slds-lmu/yahpo_data (Apache-2.0): model.onnx, config_space.json, encoding.json.
Needs numpy and onnxruntime (PyPI). Every trial's loss gets normal noise of 15 % of the way from the expected best of ten random draws to the best of
100,000. The score is the true loss of the trial whose noisy loss is the least (`named`), and of the truly best one (`best`), on that scale: 1 = ten
random draws, 0 = 100,000; below that the search found better. Means over data sets and seeds, with the standard error of the mean over runs.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import tempfile

import numpy
import onnxruntime

DEVELOPMENT = {"lcbench": ("189862", "7593", "126026", "168908"), "rbv2_xgboost": ("54", "41146", "31", "1480")}
DATA_SET = {"lcbench": "OpenML_task_id", "rbv2_xgboost": "task_id"}
FIXED = {"lcbench": {"epoch": 52}, "rbv2_xgboost": {"trainsize": 1.0, "repl": 10}}
CATEGORIES = {"lcbench": ("OpenML_task_id",), "rbv2_xgboost": ("task_id", "booster", "num.impute.selected.cpo")}
NUMBERS = {"lcbench": ("epoch", "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"),
           "rbv2_xgboost": ("nrounds", "eta", "gamma", "lambda", "alpha", "subsample", "max_depth", "min_child_weight", "colsample_bytree",
                            "colsample_bylevel", "rate_drop", "skip_drop", "trainsize", "repl")}
LOSS = {"lcbench": lambda out: 100 - out[:, 1], "rbv2_xgboost": lambda out: 1 - out[:, 0]}  # accuracies
MARKS = (30, 50, 100)
NOISE = 0.15


class Task:
    """One data set of a surrogate."""

    def __init__(self, data, name, data_set):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        folder = pathlib.Path(data) / name
        self.name, self.data_set = name, data_set
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options)
        self.codes = json.loads((folder / "encoding.json").read_text())
        space = json.loads((folder / "config_space.json").read_text())
        self.searched = [each for each in space["hyperparameters"] if each["name"] not in {*FIXED[name], DATA_SET[name]}]
        self.conditions = {each["child"]: (each["parent"], each.get("values", [each.get("value")])) for each in space.get("conditions", [])}
        self.scale()

    def parameters(self):
        described = {}
        for each in self.searched:
            kind = int if "int" in each["type"] else float
            described[each["name"]] = {"values": each["choices"]} if each["type"] == "categorical" else {
                "min": kind(each["lower"]), "max": kind(each["upper"]), **({"log": True} if each["log"] else {})}
            if each["name"] in self.conditions:
                parent, values = self.conditions[each["name"]]
                described[each["name"]]["when"] = {parent: values}
        return described

    def losses(self, rows):
        """Without noise. A row has a value for each parameter, None where it has none."""
        known = [{**row, **FIXED[self.name], DATA_SET[self.name]: self.data_set} for row in rows]
        categories = [[self.codes[name][row[name]] for name in CATEGORIES[self.name]] for row in known]
        numbers = [[row.get(name) or 0 for name in NUMBERS[self.name]] for row in known]
        (out,) = self.session.run(None, {"x_cat": numpy.array(categories, numpy.int32), "x_cont": numpy.array(numbers, numpy.float32)})
        return LOSS[self.name](out).astype(float)

    def draw(self, chance):
        row = {}
        for each in self.searched:
            if each["type"] == "categorical":
                row[each["name"]] = each["choices"][chance.integers(len(each["choices"]))]
                continue
            low, high = each["lower"], each["upper"]
            value = math.exp(chance.uniform(math.log(low), math.log(high))) if each["log"] else chance.uniform(low, high)
            row[each["name"]] = round(value) if "int" in each["type"] else value
        return {name: value if name not in self.conditions or row[self.conditions[name][0]] in self.conditions[name][1] else None
                for name, value in row.items()}

    def scale(self):
        chance = numpy.random.default_rng(0)
        losses = numpy.sort(numpy.concatenate([self.losses([self.draw(chance) for _ in range(10000)]) for _ in range(10)]))
        count, rank = len(losses), numpy.arange(1, len(losses) + 1)
        of_ten = ((count - rank + 1) / count) ** 10 - ((count - rank) / count) ** 10  # that the least of ten draws is this one
        self.best, self.ten, self.worst = losses[0], float((losses * of_ten).sum()), float(numpy.median(losses))

    def regret(self, loss):
        return (min(loss, self.worst) - self.best) / (self.ten - self.best)


def search(build, task, sampler, seed, arguments):
    """One search's regrets at the marks: of the trial it would name, and of its best."""
    chance = numpy.random.default_rng(1000 + seed)
    described = task.parameters()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"name": "s", "sampler": sampler, "seed": 1, "budget": {"trials": arguments.trials}, "metric": {"name": "loss", "goal": "minimize"},
                   "parameters": described}, file)
        file.flush()
        process = subprocess.Popen([build / "tests" / "bench" / "sampler_lines", file.name, str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
        names = process.stdout.readline().rstrip("\n").split("\t")
    true, seen, running = [], [], []
    while len(true) < arguments.trials:
        while len(running) < arguments.workers and len(true) + len(running) < arguments.trials:
            print("ask", file=process.stdin, flush=True)
            number, *values = process.stdout.readline().split()
            row = {name: None if math.isnan(float(value)) else described[name]["values"][int(value)] if "values" in described[name] else float(value)
                   for name, value in zip(names, values)}
            running.append((number, row))
        number, row = running.pop(0)
        true.append(float(task.losses([row])[0]))
        seen.append(float(true[-1] + NOISE * (task.ten - task.best) * chance.normal()))
        print("tell", number, repr(seen[-1]), file=process.stdin, flush=True)
    process.stdin.close()
    process.wait()
    return {mark: (task.regret(true[int(numpy.argmin(seen[:mark]))]), task.regret(min(true[:mark]))) for mark in MARKS if mark <= arguments.trials}


def words(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tasks", type=words, default=list(DEVELOPMENT))
    parser.add_argument("--samplers", type=words, default=["auto", "tpe", "gp", "random"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    for name in arguments.tasks:
        tasks = [Task(arguments.data, name, data_set) for data_set in DEVELOPMENT[name]]
        for sampler in arguments.samplers:
            runs = [search(arguments.build, task, sampler, seed, arguments) for task in tasks for seed in range(1, arguments.seeds + 1)]
            for mark in runs[0]:
                (named, best), (error, _) = ([function([run[mark][i] for run in runs]) for i in (0, 1)]
                                             for function in (numpy.mean, lambda of: numpy.std(of) / math.sqrt(len(of))))
                print(f"{name:13} {sampler:7} {mark:4} trials: named {named:.3f} ± {error:.3f}, best {best:.3f}", flush=True)


if __name__ == "__main__":
    main()
