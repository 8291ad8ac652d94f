"""run.py --out DIR [--build BUILD] [--environments DIR] [--data DIR] [--tables DIR] [--split D] [--tasks TASK,…] [--methods NAME,…]
         [--seeds N] [--n TRIALS] [--protocol seq] [--jobs N] [--against FILE] [--results FILE] [--quiet]

Searches on the tasks of split.json. Each result is a line of DIR/results.jsonl (or FILE), and what is there is not run again, so that
it can be stopped and started at will. PROTOCOL is seq, 16x8 (rounds of eight, told together) or asyncN (N workers, simulated). With
--against, a table by task: the mean regret of the runs of FILE, of these, and the difference over the seeds that both have.
README.md says where environments, data and tables come from."""
import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import random
import re
import sys
import traceback

from suite import tables_of_results, tasks
from suite.methods import OURS
from suite.search import Search, check_numbers
from suite.tasks import Places


@dataclasses.dataclass(frozen=True)
class Job:
    method: str
    task: str
    seed: int
    protocol: str
    trials: int

    @property
    def rounds(self):
        return self.protocol == "16x8"

    @property
    def size(self):
        """Trials that run at once."""
        return 8 if self.rounds else int(re.fullmatch(r"seq|async(\d+)", self.protocol)[1] or 1)

    def key(self):
        return self.method, self.task, self.seed, self.protocol


def words(text):
    return text.split(",")


def parse():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    for place in ("build", "environments", "data", "tables", "results", "against"):
        parser.add_argument(f"--{place}", type=pathlib.Path)
    parser.add_argument("--split", choices=list(tasks.SPLITS), default="D")
    parser.add_argument("--tasks", type=words, default=[])
    parser.add_argument("--methods", type=words, default=["auto"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--protocol", default="seq")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args()


def choose_tasks(arguments, places):
    chosen = []
    for name in arguments.tasks or tasks.names_of(arguments.split):
        missing = tasks.missing_file(name, places)
        if missing is None:
            chosen.append(name)
        else:
            print(f"{name} is left out: there is no {missing}", file=sys.stderr)
    return chosen


def has_branches(name):
    return name.split("/")[0] in tasks.CONDITIONAL


def plan(arguments, places):
    """The jobs without results, seed by seed, in an order that is as random as their tasks' names."""
    path = arguments.results
    done = {(line["method"], line["task"], line["seed"], line["protocol"]) for line in tables_of_results.read(path)
            if line["n"] == arguments.n} if path.exists() else set()
    jobs = [Job(method, task, seed, arguments.protocol, arguments.n) for task in choose_tasks(arguments, places) for method in arguments.methods
            for seed in range(1, arguments.seeds + 1) if method != "optuna-group" or has_branches(task)]
    random.Random(0).shuffle(jobs)
    return sorted((job for job in jobs if job.key() not in done), key=lambda job: job.seed)


def run(job, places, path):
    try:
        lines = [check_numbers(line) for line in Search(job, tasks.load(job.task, places), places).run()]
    except Exception:
        print(job, file=sys.stderr)
        traceback.print_exc()
        return 0
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))
    return 1


def main():
    arguments = parse()
    places = Places(arguments.build, arguments.environments, arguments.data, arguments.tables, arguments.out / "cache")
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.results = arguments.results or arguments.out / "results.jsonl"
    jobs = plan(arguments, places)
    if any(job.method in OURS for job in jobs) and places.build is None:
        sys.exit("--build says where sampler_lines is")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        done = sum(pool.map(lambda job: run(job, places, arguments.results), jobs))
    print(f"{done} of {len(jobs)} runs ended well", file=sys.stderr)
    if not arguments.quiet:
        tables_of_results.print_by_task(arguments, places)
    sys.exit(done != len(jobs))


if __name__ == "__main__":
    main()
