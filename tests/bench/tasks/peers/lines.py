"""What a peer's program says and hears: the words of sampler_lines, so that one runner drives every method.

PROGRAM STUDY_FILE SEED prints the names of the parameters, then answers lines: "ask" prints a trial's number and one value per
parameter (nan where it has none, the index of a category), "tell NUMBER LOSS" completes one, "best" prints the number of the trial
that the method itself would name, "version" prints what runs. A study file here is JSON: its parameters have values, or min, max and
maybe log, and maybe when."""
import importlib.metadata
import json
import math
import sys

# libraries print what they like: that is not the runner's
ANSWERS, sys.stdout = sys.stdout, sys.stderr


def read_study(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def is_integer(described):
    return isinstance(described["min"], int) and isinstance(described["max"], int)


def is_active(described, row):
    """Whether a parameter has a value, where the parameters before it have those of row."""
    return all(row.get(parent) in values for parent, values in described.get("when", {}).items())


def as_number(described, value):
    if value is None:
        return math.nan
    return described["values"].index(value) if "values" in described else value


def find_versions(*packages):
    return " ".join(f"{package} {importlib.metadata.version(package)}" for package in packages)


def say(text):
    print(text, file=ANSWERS, flush=True)


def serve(method, parameters):
    """method has ask() -> (number, row), tell(number, loss), best() -> number, and version."""
    say("\t".join(parameters))
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "ask":
            number, row = method.ask()
            say(" ".join([str(number)] + [f"{as_number(each, row.get(name)):.17g}" for name, each in parameters.items()]))
        elif word == "tell":
            method.tell(int(rest[0]), float(rest[1]))
        elif word == "best":
            say(method.best())
        elif word == "version":
            say(method.version)
        else:
            raise ValueError(line)
