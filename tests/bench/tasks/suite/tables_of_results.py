"""Lines of results, read and shown."""
import collections
import json
import statistics

from suite import tasks


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def lowest_known(lines):
    """The lowest true loss that any run found, by task."""
    known = {}
    for line in lines:
        known[line["task"]] = min(line["best"], known.get(line["task"], line["best"]))
    return known


def regrets(lines, scales, column="named"):
    """{(method, task): {seed: regret}} of lines of one n and protocol."""
    found = collections.defaultdict(dict)
    for line in lines:
        if line.get(column) is not None:
            found[line["method"], line["task"]][line["seed"]] = scales[line["task"]].regret(line[column])
    return found


def wanted(lines, n, protocol, names):
    return [line for line in lines if line["n"] == n and line["protocol"] == protocol and line["task"] in names]


def mean_and_error(values):
    values = list(values)
    return statistics.fmean(values), statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def change(new, old):
    """Mean difference over the seeds that both have, as words."""
    shared = sorted(set(new) & set(old))
    return "{:+.3f} ± {:.3f} ({})".format(*mean_and_error([new[seed] - old[seed] for seed in shared]), len(shared)) if shared else ""


def print_by_task(arguments, places):
    """The means of --methods by task after --n trials, beside those of --against."""
    new = read(arguments.results) if arguments.results.exists() else []
    old = read(arguments.against) if arguments.against else []
    names = [name for name in arguments.tasks or tasks.names_of(arguments.split) if any(line["task"] == name for line in new)]
    known = lowest_known(new + old)
    scales = {name: tasks.load(name, places).scale(known.get(name)) for name in names}
    new, old = (regrets(wanted(lines, arguments.n, arguments.protocol, names), scales) for lines in (new, old))
    print(f"Mean regret of the named configuration after {arguments.n} trials ({arguments.protocol}); 1: the best of ten random draws; random: the "
          "best of as many draws")
    for method in arguments.methods:
        pairs = [(name, new[method, name], old.get((method, name), {})) for name in names if (method, name) in new]
        print(f"\n{method:32} now (seeds)        before     change over shared seeds     random")
        for name, now, before in pairs:
            print(f"{name:32} {mean_and_error(now.values())[0]:.3f} ± {mean_and_error(now.values())[1]:.3f} ({len(now)})"
                  f"  {f'{statistics.fmean(before.values()):.3f}' if before else '':9} {change(now, before):26} {scales[name].random_regret(arguments.n):9.3f}")
        if pairs:
            both = [(now, before) for _, now, before in pairs if set(now) & set(before)]
            shift = statistics.fmean(statistics.fmean(now[s] - before[s] for s in set(now) & set(before)) for now, before in both) if both else None
            print(f"{'mean of the tasks':32} {statistics.fmean(statistics.fmean(now.values()) for _, now, _ in pairs):.3f}"
                  f"{'' if shift is None else f' {shift:+.3f} over {len(both)} shared tasks'}")
