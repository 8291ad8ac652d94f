"""budget_spent.py BUILD [SEARCHES]: what a budget of 60 trials is worth under the median pruner, and without one: trials begun and complete,
the epochs that were worked (as whole trials), and the true value of the best. Five folds of eight epochs; a trial's true value is below 1 by
the squares of its three parameters, a fold's is it and noise of 0.02. Four workers take turns. Nothing depends on clocks."""
import math
import pathlib
import random
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
FOLDS, EPOCHS, WORKERS, TRIALS = 5, 8, 4, 60
NAMES = ["a", "b", "c"]
STUDY = {"name": "s", "method": "tpe", "metric": {"name": "f1", "goal": "maximize"}, "command": ["none"], "folds": FOLDS, "replicates": 0,
         "result": "last", "parameters": {name: {"min": -1.0, "max": 1.0} for name in NAMES}}
ARMS = {"no pruner": ({}, {}), "median, pruned ones whole": ({"name": "median"}, {"pruned_count": True}),
        "median, by what they ran": ({"name": "median"}, {})}


def truth(params):
    return 1 - sum(params[name] ** 2 for name in NAMES)


class Worker:
    """Takes one step of its run at a time; `epochs` is what it worked."""

    def __init__(self, client, chance):
        self.client, self.chance, self.run, self.epochs = client, chance, None, 0

    def step(self):
        """False when there is nothing to do for it now."""
        if self.run is None:
            self.run = self.client.call("trial.ask", study="s")["run"]
            self.epoch, self.noise = 0, self.chance.gauss(0, 0.02)
            return self.run is not None
        claim = {"run": self.run["run"], "lease": self.run["lease"]}
        self.epoch += 1
        self.epochs += 1
        value = truth(self.run["params"]) + self.noise - math.exp(-self.epoch / 2)
        stop = self.client.call("trial.report", **claim, step=self.epoch, value=value)["stop"]
        if stop or self.epoch == EPOCHS:
            self.client.call("trial.tell", **claim, state="pruned" if stop else "complete")
            self.run = None
        return True


def search(daemon, seed, pruner, budget):
    client = daemon.client()
    client.call("study.create", spec=dict(STUDY, seed=seed, budget=dict(budget, trials=TRIALS), **({"pruner": pruner} if pruner else {})))
    workers = [Worker(daemon.client(name=f"w{i}"), random.Random(1000 * seed + i)) for i in range(WORKERS)]
    while any([worker.step() for worker in workers]):
        pass
    study = client.call("study.get", study="s")
    worked = sum(worker.epochs for worker in workers) / (FOLDS * EPOCHS)
    counts, best = study["counts"], truth(study["best"]["params"])
    client.call("study.delete", study="s")
    return sum(counts.values()), counts["COMPLETE"], worked, study["budget"][0]["used"], best


def main():
    import os
    os.environ["KRE_BUILD"] = sys.argv[1]
    from support.programs import Daemon
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name) / "h"
        home.mkdir(mode=0o700)
        daemon = Daemon(home).start()
        print(f"{'':26} begun complete worked   used   true value of the best")
        for arm, words in ARMS.items():
            rows = [search(daemon, seed, *words) for seed in range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 10))]
            means = [statistics.mean(column) for column in zip(*rows)]
            print(f"{arm:26} {means[0]:5.1f} {means[1]:8.1f} {means[2]:6.1f} {means[3]:6.1f}   {means[4]:.4f}", flush=True)
        daemon.stop()


if __name__ == "__main__":
    main()
