"""report.py --out DIR [--data DIR] [--tables DIR] FILE…: RESULTS.md from files of results, on standard output. DIR/cache holds the
scales, as for run.py. Where two files have the same run, the later file's counts."""
import argparse
import dataclasses
import math
import pathlib

import numpy

from suite import intervals, tables_of_results, tasks
from suite.tasks import Places

HEAD = pathlib.Path(__file__).resolve().parent / "suite" / "head.md"
METHODS = (("auto", "seq"), ("gp", "seq"), ("tpe", "seq"), ("optuna-tpe", "seq"), ("optuna-group", "seq"), ("optuna-gp", "seq"), ("smac", "seq"),
           ("hebo", "16x8"))
TOGETHER = {"16x8": "Rounds of eight, told together (HEBO's protocol)", "async4": "4 simulated workers", "async16": "16 simulated workers",
            "async50": "50 simulated workers"}
WORDS = {"auto": "**auto**", "gp": "gp", "tpe": "tpe", "optuna-tpe": "Optuna TPE", "optuna-group": "Optuna TPE, group", "optuna-gp": "Optuna GP",
         "smac": "SMAC3", "hebo": "HEBO"}
OURS = ("auto", "gp", "tpe")
MARKS, LONG, SAME, RANDOM_RUNS, SURE = (30, 50, 100), (300, 1000), 0.01, 2000, 0.05


class Results:
    """The regrets of all methods on the tasks of a split."""

    def __init__(self, lines, split, places):
        self.lines = {(line["method"], line["protocol"], line["task"], line["seed"], line["n"]): line for line in lines}.values()
        there = {line["task"] for line in self.lines}
        self.all_names = tasks.names_of(split)
        self.names = [name for name in self.all_names if name in there and tasks.missing_file(name, places) is None]
        known = tables_of_results.lowest_known(self.lines)
        self.tasks = {name: tasks.load(name, places) for name in self.names}
        self.scales = {name: task.scale(known.get(name)) for name, task in self.tasks.items()}
        self.chance, self.by_chance = numpy.random.default_rng(0), {}

    def of(self, method, protocol, n, column="named"):
        """{task: {seed: regret}}"""
        found = {}
        for line in self.lines:
            is_wanted = (line["method"], line["protocol"], line["n"]) == (method, protocol, n)
            if is_wanted and line["task"] in self.scales and line.get(column) is not None:
                found.setdefault(line["task"], {})[line["seed"]] = self.scales[line["task"]].regret(line[column])
        return {name: found[name] for name in self.names if name in found}

    def random(self, n):
        """{task: mean regret} of a random search that names the lowest it saw."""
        if n not in self.by_chance:
            self.by_chance[n] = {name: float(numpy.mean([self.scales[name].regret(true)
                                                         for true in task.random_named(numpy.random.default_rng(1), n, RANDOM_RUNS)]))
                                 for name, task in self.tasks.items()}
        return self.by_chance[n]

    def cpu(self, method, protocol, n):
        return numpy.mean([line["cpu"] for line in self.lines if (line["method"], line["protocol"], line["n"]) == (method, protocol, n)])

    def versions(self):
        found = {}
        for line in self.lines:
            found.setdefault(line["version"], set()).add(line["method"])
        return [f"{version} ({', '.join(sorted(methods))})" for version, methods in sorted(found.items())]


def label(method, protocol, usual="seq"):
    return WORDS[method] + ("" if protocol == usual else " (16 × 8)")


def means_of(runs):
    return {name: float(numpy.mean(list(seeds.values()))) for name, seeds in runs.items()}


def mean(values):
    return float(numpy.mean(list(values)))


def span(low, high):
    return f"{low:.3f}–{high:.3f}"


def count_seeds(runs):
    counts = sorted({len(seeds) for seeds in runs.values()})
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]}–{counts[-1]}"


def describe(results, runs, n):
    """A method's own columns: over the tasks that it has."""
    names, means = list(runs), means_of(runs)
    keyed = {("m", name): seeds for name, seeds in runs.items()}
    listed = [means[name] for name in names]
    bounds = [intervals.interval(resamples) for resamples in (intervals.resampled_means(keyed, "m", names, results.chance),
                                                              intervals.over_tasks(listed, results.chance),
                                                              intervals.over_families(listed, names, results.chance))]
    middle = intervals.middle_mean([regret for seeds in runs.values() for regret in seeds.values()])
    worst = max(names, key=means.get)
    worth = numpy.exp(mean(numpy.log(results.scales[name].equivalent_draws(means[name]) / n) for name in names))
    spans = [span(*bound) for bound in bounds]
    if max(len(seeds) for seeds in runs.values()) == 1:
        spans[0] = ""  # one seed says nothing of others
    return [f"{mean(listed):.3f}", *spans, f"{middle:.3f}",
            f"{means[worst]:.2f} {worst}", f"{worth:.2f}"]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Ours against another over the tasks that both have."""
    shared: list
    ours: float
    differences: numpy.ndarray
    improvement: float
    p: float
    clear: tuple | None  # how many tasks ours is surely better and worse on; None where the seeds are too few to say

    def counts(self):
        """Wins, ties, losses."""
        return tuple(int(kind.sum()) for kind in (self.differences < -SAME, abs(self.differences) <= SAME, self.differences > SAME))


def compare(ours, theirs):
    shared = [name for name in ours if name in theirs]
    mine, other = means_of(ours), means_of(theirs)
    differences = numpy.array([mine[name] - other[name] for name in shared])
    keyed = {("a", name): ours[name] for name in shared} | {("b", name): theirs[name] for name in shared}
    return Comparison(shared, mean(mine[name] for name in shared), differences, intervals.mean_improvement(keyed, "a", "b", shared),
                      intervals.wilcoxon(differences), count_clear(ours, theirs, shared))


def count_clear(ours, theirs, names):
    """Tasks on which the seeds alone show ours better, worse (rank sums, adjusted for the number of tasks)."""
    pairs = [(list(ours[name].values()), list(theirs[name].values())) for name in names]
    least = [2 / math.comb(len(mine) + len(other), len(mine)) for mine, other in pairs]
    if min(least) * len(names) > SURE:
        return None
    adjusted = intervals.holm([intervals.rank_sum(mine, other) for mine, other in pairs])
    clear = [intervals.improvement(*pair) > 0.5 for pair, p in zip(pairs, adjusted) if p < SURE]
    return sum(clear), len(clear) - sum(clear)


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(head, rows):
    return "\n".join([row(head), row(["---"] * len(head)), *(row(cells) for cells in rows)]) + "\n"


def own_table(results, n, methods):
    rows, usual, covered = [], methods[0][1], set()
    for method, protocol in methods:
        runs = results.of(method, protocol, n)
        if runs:
            covered |= set(runs)
            common = results.of(method, protocol, n, "common")
            rows.append([label(method, protocol, usual), len(runs), count_seeds(runs), *describe(results, runs, n),
                         f"{mean(means_of(common).values()):.3f}" if common else "", f"{results.cpu(method, protocol, n):.4f}"])
    random = [regret for name, regret in results.random(n).items() if name in covered]
    exact = mean(results.scales[name].random_regret(n) for name in results.names if name in covered)
    rows.append(["random, lowest seen", len(random), "computed", f"{mean(random):.3f}", *[""] * 7, "0"])
    rows.append(["random, truly best", len(random), "exact", f"{exact:.3f}", *[""] * 5, "1.00", "", "0"])
    return table(["method", "tasks", "seeds", "mean", "95 % these tasks", "95 % new tasks", "95 % new families", "IQM", "worst task",
                  "random draws per trial", "named by the common rule", "CPU s per suggestion"], rows)


def comparison_table(results, n, methods):
    ours = results.of(*methods[0], n)
    others = [(label(method, protocol, methods[0][1]), results.of(method, protocol, n)) for method, protocol in methods[1:]]
    others = [(method, compare(ours, runs)) for method, runs in others if set(runs) & set(ours)]
    adjusted = intervals.holm([found.p for _, found in others])
    rows = []
    for (method, found), p in zip(others, adjusted):
        difference = found.differences.mean()
        believed = intervals.signed_rank_posterior(found.differences, SAME, results.chance)
        rows.append([method, len(found.shared), f"{found.ours:.3f}", f"{found.ours - difference:.3f}", f"{difference:+.3f}",
                     " / ".join(str(count) for count in found.counts()), f"{p:.3f}", " / ".join(f"{share:.2f}" for share in believed),
                     f"{found.improvement:.2f}", "too few seeds" if found.clear is None else f"{found.clear[0]} / {found.clear[1]}"])
    return table(["auto against", "tasks both have", "auto there", "the other there", "difference", "wins / ties / losses", "Wilcoxon–Holm p",
                  "belief: better / same / worse", "P(auto better)", "tasks surely better / worse"], rows)


def rank_line(results, n, methods):
    """Of the methods that were run on at least half of the tasks."""
    runs = {label(method, protocol, methods[0][1]): means_of(results.of(method, protocol, n)) for method, protocol in methods
            if method != "optuna-group"}
    most = max(len(means) for means in runs.values())
    runs = {method: means for method, means in runs.items() if 2 * len(means) >= most}
    shared = [name for name in results.names if all(name in means for means in runs.values())]
    if len(runs) < 2 or not shared:
        return ""
    values = [[means[name] for means in runs.values()] for name in shared]
    ordered = sorted(zip(numpy.mean([intervals.ranks(row) for row in values], axis=0), runs))
    return (f"Average rank over the {len(shared)} tasks that all these have: " + ", ".join(f"{method} {rank:.2f}" for rank, method in ordered)
            + f"; that all are alike: Friedman's p = {intervals.friedman(values, results.chance):.4f}.\n")


def task_table(results, n, methods):
    """Every task, where auto loses most first."""
    ours, auto = {label(method, "seq") for method in OURS}, label("auto", "seq")
    runs = {label(method, protocol): results.of(method, protocol, n) for method, protocol in methods}
    runs = {method: found for method, found in runs.items() if found}
    means = {method: means_of(found) for method, found in runs.items()}
    peers = [method for method in runs if method not in ours]
    random = results.random(n)

    def behind(name):
        others = [means[method][name] for method in peers if name in means[method]]
        return means[auto][name] - min(others) if others and name in means.get(auto, {}) else -9

    rows = []
    for name in sorted(results.names, key=behind, reverse=True):
        cells = [f"{means[method][name]:.3f} ({len(runs[method][name])})" if name in means[method] else "" for method in runs]
        rows.append([name, f"{behind(name):+.3f}" if behind(name) > -9 else "", *cells, f"{random[name]:.3f}"])
    return table(["task", "auto − best peer", *runs, "random"], rows)


def budget_part(results, title, n, methods):
    """What a protocol's methods, ours first, have after so many trials."""
    if not results.of(*methods[0], n):
        return ""
    return "\n".join([f"### {title}\n", own_table(results, n, methods), comparison_table(results, n, methods), rank_line(results, n, methods)])


def together_part(results, protocol, n):
    methods = [(method, protocol) for method, _ in METHODS]
    return budget_part(results, f"{TOGETHER[protocol]}, after {n} trials", n, methods)


def split_part(results, title, methods, marks):
    if not results.names:
        return ""
    missing = [name for name in results.all_names if name not in results.names]
    parts = [f"## {title}\n", f"Not run: {', '.join(missing)}.\n" if missing else ""]
    parts += [f"### By task, after {marks[-1]} trials (seeds in brackets; losses first)\n", task_table(results, marks[-1], methods)]
    parts += [budget_part(results, f"After {n} trials", n, methods) for n in (*reversed(marks), *LONG)]
    parts += [together_part(results, protocol, marks[-1]) for protocol in TOGETHER]
    return "\n".join(part for part in parts if part)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split(":")[0])
    parser.add_argument("files", type=pathlib.Path, nargs="+")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--tables", type=pathlib.Path)
    arguments = parser.parse_args()
    places = Places(None, None, arguments.data, arguments.tables, arguments.out / "cache")
    lines = [line for path in arguments.files for line in tables_of_results.read(path)]
    parts = {split: Results(lines, split, places) for split in tasks.SPLITS}
    versions = sorted({version for part in parts.values() for version in part.versions()})
    print(HEAD.read_text(encoding="utf-8").replace("VERSIONS", "\n".join(f"- {version}" for version in versions)))
    print(split_part(parts["T"], "Publication tasks (T)", METHODS, MARKS))
    print(split_part(parts["D"], "Development tasks (D)", METHODS, MARKS))


if __name__ == "__main__":
    main()
