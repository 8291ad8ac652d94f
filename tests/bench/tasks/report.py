"""report.py --out DIR [--data DIR] [--tables DIR] FILE…: RESULTS.md from files of results, on standard output. DIR/cache holds the
scales, as for run.py. Where two files have the same run, the later file's counts."""
import argparse
import pathlib

import numpy

from suite import intervals, tables_of_results, tasks
from suite.tasks import Places

HEAD = pathlib.Path(__file__).resolve().parent / "suite" / "head.md"
METHODS = (("auto", "seq"), ("gp", "seq"), ("tpe", "seq"), ("optuna-tpe", "seq"), ("optuna-group", "seq"), ("optuna-gp", "seq"), ("smac", "seq"),
           ("hebo", "16x8"), ("auto", "16x8"), ("optuna-tpe", "16x8"))
WORDS = {"auto": "**auto**", "gp": "gp", "tpe": "tpe", "optuna-tpe": "Optuna TPE", "optuna-group": "Optuna TPE, group", "optuna-gp": "Optuna GP",
         "smac": "SMAC3", "hebo": "HEBO"}
OURS = ("auto", "gp", "tpe")
MARKS, SAME, RANDOM_RUNS = (30, 50, 100), 0.01, 2000


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
        self.chance = numpy.random.default_rng(0)

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
        return {name: float(numpy.mean([self.scales[name].regret(true) for true in task.random_named(numpy.random.default_rng(1), n, RANDOM_RUNS)]))
                for name, task in self.tasks.items()}

    def cpu(self, method, protocol, n):
        return numpy.mean([line["cpu"] for line in self.lines if (line["method"], line["protocol"], line["n"]) == (method, protocol, n)])

    def versions(self):
        found = {}
        for line in self.lines:
            found.setdefault(line["version"], set()).add(line["method"])
        return [f"{version} ({', '.join(sorted(methods))})" for version, methods in sorted(found.items())]


def label(method, protocol):
    return WORDS[method] + ("" if protocol == "seq" else " (16 × 8)")


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
    worth = numpy.exp(mean(numpy.log(results.scales[name].equivalent_draws(means[name]) / n) for name in names))
    return [f"{mean(listed):.3f}", *(span(*bound) for bound in bounds), f"{middle:.3f}", f"{worth:.2f}"]


def compare(ours, theirs):
    """Ours against another over the tasks that both have: (our mean there, difference, wins, ties, losses, p, P(improvement), count)."""
    shared = [name for name in ours if name in theirs]
    mine, other = means_of(ours), means_of(theirs)
    differences = numpy.array([mine[name] - other[name] for name in shared])
    keyed = {("a", name): ours[name] for name in shared} | {("b", name): theirs[name] for name in shared}
    return (mean(mine[name] for name in shared), differences.mean(), int((differences < -SAME).sum()), int((abs(differences) <= SAME).sum()),
            int((differences > SAME).sum()), intervals.wilcoxon(differences), intervals.mean_improvement(keyed, "a", "b", shared), len(shared))


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(head, rows):
    return "\n".join([row(head), row(["---"] * len(head)), *(row(cells) for cells in rows)]) + "\n"


def own_table(results, n, methods):
    rows = []
    for method, protocol in methods:
        runs = results.of(method, protocol, n)
        if runs:
            common = results.of(method, protocol, n, "common")
            rows.append([label(method, protocol), len(runs), count_seeds(runs), *describe(results, runs, n),
                         f"{mean(means_of(common).values()):.3f}" if common else "", f"{results.cpu(method, protocol, n):.4f}"])
    random = results.random(n)
    exact = mean(results.scales[name].random_regret(n) for name in results.names)
    rows.append(["random, lowest seen", len(random), "computed", f"{mean(random.values()):.3f}", "", "", "", "", "", "", "0"])
    rows.append(["random, truly best", len(random), "exact", f"{exact:.3f}", "", "", "", "", "1.00", "", "0"])
    return table(["method", "tasks", "seeds", "mean", "95 % these tasks", "95 % new tasks", "95 % new families", "IQM", "random draws per trial",
                  "named by the common rule", "CPU s per suggestion"], rows)


def comparison_table(results, n, methods):
    ours = results.of("auto", "seq", n)
    others = [(label(method, protocol), results.of(method, protocol, n)) for method, protocol in methods if method != "auto"]
    others = [(method, compare(ours, runs)) for method, runs in others if set(runs) & set(ours)]
    adjusted = intervals.holm([found[5] for _, found in others])
    rows = [[method, found[7], f"{found[0]:.3f}", f"{found[0] - found[1]:.3f}", f"{found[1]:+.3f}", f"{found[2]} / {found[3]} / {found[4]}",
             f"{p:.3f}", f"{found[6]:.2f}"] for (method, found), p in zip(others, adjusted)]
    return table(["auto against", "tasks both have", "auto there", "the other there", "difference", "wins / ties / losses", "Wilcoxon–Holm p",
                  "P(auto better)"], rows)


def rank_line(results, n, methods):
    runs = {label(method, protocol): means_of(results.of(method, protocol, n)) for method, protocol in methods if method != "optuna-group"}
    runs = {method: means for method, means in runs.items() if means}
    shared = [name for name in results.names if all(name in means for means in runs.values())]
    if len(runs) < 2 or not shared:
        return ""
    ranks = numpy.mean([intervals.ranks([means[name] for means in runs.values()]) for name in shared], axis=0)
    ordered = sorted(zip(ranks, runs))
    return f"Average rank over the {len(shared)} tasks that all have: " + ", ".join(f"{method} {rank:.2f}" for rank, method in ordered) + ".\n"


def task_table(results, n, methods):
    """Every task, where auto loses most first."""
    ours, auto = {label(method, "seq") for method in OURS}, label("auto", "seq")
    runs = {label(method, protocol): results.of(method, protocol, n) for method, protocol in methods if (method, protocol) != ("auto", "16x8")}
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


def worker_table(results, methods):
    protocols = sorted({line["protocol"] for line in results.lines if line["protocol"].startswith("async")}, key=lambda text: int(text[5:]))
    rows = []
    for protocol in protocols:
        for method in methods:
            for n in (50, 100, 200):
                runs = results.of(method, protocol, n)
                if runs:
                    rows.append([protocol[5:], WORDS[method], n, len(runs), count_seeds(runs), *describe(results, runs, n)[:2]])
    return table(["workers", "method", "trials told", "tasks", "seeds", "mean", "95 % these tasks"], rows) if rows else ""


def split_part(results, title, methods, marks):
    if not results.names:
        return ""
    missing = [name for name in results.all_names if name not in results.names]
    parts = [f"## {title}\n", f"Not run: {', '.join(missing)}.\n" if missing else ""]
    parts += [f"### By task, after {marks[-1]} trials (seeds in brackets; losses first)\n", task_table(results, marks[-1], methods)]
    for n in reversed(marks):
        parts += [f"### After {n} trials\n", own_table(results, n, methods), comparison_table(results, n, methods), rank_line(results, n, methods)]
    workers = worker_table(results, [method for method, protocol in methods if protocol == "seq"])
    parts += ["### Simulated workers, each with its trials' own durations\n", workers] if workers else []
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
