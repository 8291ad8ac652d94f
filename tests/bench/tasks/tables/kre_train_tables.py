"""Works out a table of kre-train: random configurations of a study file of examples, each trained on every fold, with the F1 of every
epoch. Row 0 is the program as it is, without a flag but the file's `fixed`. May be ended at any time: the next call goes on, and one
with more --rows adds to the table; one of another name and --first_split has the same configurations on folds dealt anew.
FOLDER/NAME.npz has the configurations that all folds know, FOLDER/unfinished the rest beside.

Needs numpy and PyYAML (Debian: python3-numpy, python3-yaml)."""
import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

import numpy
import yaml

import samples
from table_file import Unfinished

SAVE_EVERY_S = 60


def parsed(text):
    """A flag's value as Python has it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


def defaults_of(program, model):
    """What `kre-train --help` says in brackets for a model, by flag."""
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout.replace("Its flags:\n", "")
    found = {}
    for part in re.split(r"^(?=\S)", text, flags=re.M):
        if part.startswith((f"--model={model}:", "Training:")):
            found |= {name: parsed(value) for name, value in re.findall(r"^  --([a-z0-9_]+)=.*\n\s.*\[(.*)\]$", part, re.M)}
    return found


def cpu_seconds():
    """Of all programs that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def train(command):
    """(F1 of every epoch, F1 of the epoch that counts, CPU seconds), or None of a run that failed."""
    with tempfile.TemporaryFile("w+") as reports:
        environment = {**os.environ, "KRE_REPORT_FD": str(reports.fileno()), "OPENBLAS_NUM_THREADS": "1"}
        before = cpu_seconds()
        done = subprocess.run(command, env=environment, pass_fds=[reports.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        seconds = cpu_seconds() - before
        reports.seek(0)
        lines = [json.loads(line) for line in reports if line.strip()]
    if done.returncode or not lines or not lines[-1].get("final"):
        return None, None, seconds
    return [line["f1"] for line in lines if "step" in line], lines[-1]["f1"], seconds


def flags(settings):
    return [f"--{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in settings.items()]


class Task:
    """A study file, its rows, and its folds: first those of split 1, then of split 2 …"""

    def __init__(self, chosen):
        study = yaml.safe_load(chosen.study.read_text(encoding="utf-8"))
        self.fixed = {**study["fixed"], **({"epochs": chosen.epochs} if chosen.epochs else {})}
        self.space = samples.conditions_of(study["parameters"])
        self.program, self.data, self.chosen = str(chosen.program), str(chosen.data), chosen
        self.configurations = [{}, *samples.draw(self.space, chosen.rows - 1, chosen.seed)]

    def keys(self):
        own = samples.defaults_in(self.space, defaults_of(self.program, self.fixed["model"]))
        return [samples.keys_of(self.space, each) for each in (own, *self.configurations[1:])]

    def command(self, row, repeat):
        folds = self.chosen.of or self.chosen.folds
        split, fold = divmod(repeat, self.chosen.folds)
        split += self.chosen.first_split
        return [self.program, f"--data={self.data}", *flags({**self.fixed, **self.configurations[row]}), f"--folds={folds}", f"--fold={fold}",
                f"--split_seed={split}", f"--seed={(split - 1) * self.chosen.folds + fold + 1}", "--save=none", "--oof=none"]


class Work:
    """The table of a task under way."""

    def __init__(self, task, folder, name):
        repeats, epochs = task.chosen.folds * task.chosen.splits, task.fixed["epochs"]
        self.task, self.name, self.folder, self.saved = task, name, folder, time.monotonic()
        self.cpu_s = 0.0
        path = folder / "unfinished" / f"{name}.npz"
        shapes = {"loss": (repeats,), "seconds": (repeats,), "curve": (repeats, epochs)}
        self.table = Unfinished(path, task.space, task.keys(), shapes, configurations=task.configurations, fixed=task.fixed,
                                folds=task.chosen.folds, first_split=task.chosen.first_split)

    def fill(self):
        """Row by row, so that what there is at any time is whole rows."""
        for row, repeat in numpy.argwhere(~self.table.known()).tolist():
            curve, score, seconds = train(self.task.command(row, repeat))
            line = numpy.full(self.task.fixed["epochs"], numpy.nan)
            if curve is not None:
                line[: len(curve)] = 1 - numpy.array(curve)
            self.table.record(row, repeat, loss=numpy.inf if score is None else 1 - score, curve=line, seconds=seconds)
            self.cpu_s += seconds
            if time.monotonic() - self.saved > SAVE_EVERY_S:
                self.save()
        self.save()

    def save(self):
        self.table.save()
        whole, self.saved = self.table.publish_cells(self.folder / f"{self.name}.npz"), time.monotonic()
        print(f"{self.name}: {whole} of {len(self.table.keys)} configurations, {self.cpu_s:.0f} CPU seconds", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where the table goes; outside the repository")
    parser.add_argument("name", help="the table's name, such as linear_klue")
    parser.add_argument("--program", type=pathlib.Path, required=True, help="kre-train, of a release build")
    parser.add_argument("--study", type=pathlib.Path, required=True, help="the study file whose parameters and `fixed` count")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="rows to train on")
    parser.add_argument("--rows", type=int, default=150, help="configurations, the defaults among them (default: %(default)s)")
    parser.add_argument("--folds", type=int, default=5, help="folds of a split that are trained (default: %(default)s)")
    parser.add_argument("--of", type=int, help="parts that a split has, if more than are trained")
    parser.add_argument("--splits", type=int, default=1, help="splits, each dealt anew (default: %(default)s)")
    parser.add_argument("--first_split", type=int, default=1, help="the seed of the first split (default: %(default)s)")
    parser.add_argument("--epochs", type=int, help="instead of the study file's")
    parser.add_argument("--seed", type=int, default=1, help="of the random configurations (default: %(default)s)")
    chosen = parser.parse_args()
    (chosen.folder / "unfinished").mkdir(parents=True, exist_ok=True)
    Work(Task(chosen), chosen.folder, chosen.name).fill()


if __name__ == "__main__":
    main()
