"""Whatever other programs commit into the file, the daemon says what one says that is started on a copy of it."""

import contextlib
import os
import random
import sqlite3
import time

import pytest

from support.programs import Daemon, Refused
from test_restart import said_to, steady

CROWD = 240  # finished trials: too many to be read anew at every commit
CATCH_UP_S = 20  # with changes by hand, which it finds when it has time
SPEC = {"name": "s", "method": "tpe", "seed": 3, "metric": {"name": "f1", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}, "k": {"values": ["a", "b", "c"]}}}
PRUNERS = [{"name": "median", "n_startup_trials": 2, "n_warmup_steps": 0}, {"name": "successive_halving"},
           {"name": "patient", "patience": 1}, {"name": "hyperband", "min_resource": 1, "max_resource": 9},
           {"name": "percentile", "percentile": 25}]
SPARE = {"name": "spare", "method": "random", "seed": 4, "metric": {"name": "f1", "goal": "maximize"},
         "parameters": {"x": {"min": 0.0, "max": 1.0}}}


class Stranger:
    """Another program with a connection of its own; each statement is a commit, as with Optuna."""

    def __init__(self, path, seed):
        self.file = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.random = random.Random(seed)
        (self.study,), = self.file.execute("SELECT study_id FROM studies WHERE study_name = 's'")
        self.distributions = dict(self.file.execute("SELECT param_name, distribution_json FROM trial_params"))

    def one(self, state, whose="NOT"):
        """A trial in that state, by default one that another program runs."""
        trials = [trial for trial, in self.file.execute(
            f"SELECT trial_id FROM trials t WHERE study_id = ? AND state = ? AND {whose} EXISTS"
            " (SELECT 1 FROM kre_runs r WHERE r.trial_id = t.trial_id) ORDER BY trial_id", (self.study, state))]
        return self.random.choice(trials) if trials else None

    def add(self, state, **dates):
        return self.file.execute(
            "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) SELECT max(number) + 1, study_id,"
            " ?, ?, ? FROM trials WHERE study_id = ?", (state, dates.get("start"), dates.get("end"), self.study)).lastrowid

    def param(self, trial, name, value):
        self.file.execute("INSERT OR IGNORE INTO trial_params (trial_id, param_name, param_value, distribution_json)"
                          " VALUES (?, ?, ?, ?)", (trial, name, value, self.distributions[name]))

    def value(self, trial, value):
        self.file.execute("INSERT OR REPLACE INTO trial_values (trial_id, objective, value, value_type)"
                          " VALUES (?, 0, ?, 'FINITE')", (trial, value))

    def end(self, trial, state):
        self.file.execute("UPDATE trials SET state = ?, datetime_complete = '2026-01-03 00:00:00' WHERE trial_id = ?", (state, trial))

    # what Optuna does

    def begins(self):
        trial = self.add("RUNNING", start="2026-01-02 00:00:00")
        self.param(trial, "x", self.random.random())

    def chooses(self):
        if trial := self.one("RUNNING"):
            self.param(trial, self.random.choice("xk"), float(self.random.randrange(2)))

    def reports(self):
        if trial := self.one("RUNNING"):
            for step in self.random.sample(range(6), 2):
                self.file.execute("INSERT OR REPLACE INTO trial_intermediate_values (trial_id, step, intermediate_value,"
                                  " intermediate_value_type) VALUES (?, ?, ?, 'FINITE')", (trial, step, self.random.random()))

    def completes(self):
        if trial := self.one("RUNNING"):
            self.value(trial, self.random.random())
            self.end(trial, "COMPLETE")

    def breaks_a_constraint(self):
        if trial := self.one("RUNNING"):
            self.file.execute("INSERT OR IGNORE INTO trial_system_attributes (trial_id, key, value_json) VALUES"
                              " (?, 'constraints', '[0.5]')", (trial,))

    def prunes(self):
        if trial := self.one("RUNNING"):
            self.end(trial, "PRUNED")

    def fails(self):
        if trial := self.one("RUNNING"):
            self.end(trial, "FAIL")

    def enqueues(self):
        trial = self.add("WAITING")
        self.file.execute("INSERT INTO trial_system_attributes (trial_id, key, value_json) VALUES (?, 'fixed_params', ?)",
                          (trial, '{"x": %.3f}' % self.random.random()))

    def takes_what_waits(self):
        if trial := self.one("WAITING"):
            self.file.execute("UPDATE trials SET state = 'RUNNING', datetime_start = '2026-01-02 00:00:00' WHERE trial_id = ?", (trial,))

    def adds_a_finished_trial(self):
        with self.commit():
            trial = self.add("COMPLETE", start="2026-01-02 00:00:00", end="2026-01-02 00:00:09")
            for name in "xk":
                self.param(trial, name, float(self.random.randrange(2)))
            self.value(trial, self.random.random())

    def notes(self):
        trial = self.one("COMPLETE")
        self.file.execute("INSERT OR REPLACE INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, 'note', '1')", (trial,))
        self.file.execute("INSERT OR REPLACE INTO study_user_attributes (study_id, key, value_json) VALUES (?, 'note', '1')",
                          (self.study,))

    def fails_one_of_ours(self):
        if trial := self.one("RUNNING", whose=""):
            self.end(trial, "FAIL")

    def adds_a_study(self):
        with contextlib.suppress(sqlite3.IntegrityError):
            self.file.execute("INSERT INTO studies (study_name) VALUES (?)", (f"theirs {self.random.randrange(4)}",))

    # what people do by hand

    def renames(self):
        name, = self.file.execute("SELECT study_name FROM studies WHERE study_id = ?", (self.study,)).fetchone()
        self.file.execute("UPDATE studies SET study_name = ? WHERE study_id = ?", ("s" if name != "s" else "renamed", self.study))

    def changes_what_was_finished(self):
        self.value(self.one("COMPLETE"), self.random.random())

    def moves_what_was_finished(self):
        self.file.execute("UPDATE trial_params SET param_value = 0.5 WHERE trial_id = ? AND param_name = 'x'", (self.one("COMPLETE"),))

    def deletes(self):
        trial = self.one(self.random.choice(["COMPLETE", "RUNNING", "WAITING"]))
        with self.commit():
            for table in "params", "values", "intermediate_values", "user_attributes", "system_attributes":
                self.file.execute(f"DELETE FROM trial_{table} WHERE trial_id = ?", (trial,))
            self.file.execute("DELETE FROM trials WHERE trial_id = ?", (trial,))

    def deletes_the_spare_study(self):
        with self.commit():
            spare = "(SELECT study_id FROM studies WHERE study_name = 'spare')"
            self.file.execute(f"DELETE FROM study_directions WHERE study_id = {spare}")
            self.file.execute("DELETE FROM studies WHERE study_name = 'spare'")

    @contextlib.contextmanager
    def commit(self):
        self.file.execute("BEGIN IMMEDIATE")
        yield
        self.file.execute("COMMIT")


OPTUNAS = ["begins", "chooses", "reports", "completes", "breaks_a_constraint", "prunes", "fails", "enqueues", "takes_what_waits",
           "adds_a_finished_trial", "notes"]
RARE = ["fails_one_of_ours", "adds_a_study", "renames", "changes_what_was_finished", "moves_what_was_finished", "deletes",
        "deletes_the_spare_study"]


def crowd(stranger):
    with stranger.commit():
        for i in range(CROWD):
            trial = stranger.add("COMPLETE", start="2026-01-01 00:00:00", end="2026-01-01 00:00:01")
            stranger.param(trial, "x", (i * 37 % CROWD) / CROWD)
            stranger.param(trial, "k", float(i % 3))
            stranger.value(trial, (i * 91 % CROWD) / CROWD / 2)


def answers(client):
    said = {"list": client.call("study.list")}
    for study in said["list"]["studies"]:
        name = study["name"]
        trials = client.call("trial.list", study=name, limit=1000)
        last = [trial["number"] for trial in trials["trials"]][-30:]
        said[name] = {"study": client.call("study.get", study=name), "trials": trials,
                      "best": client.call("trial.list", study=name, limit=5, order="best"),
                      "last": [client.call("trial.get", study=name, number=number) for number in last]}
    return steady(said)


def difference(a, b, place=""):
    """Where two answers differ first."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                return difference(a.get(key), b.get(key), f"{place}.{key}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return difference(x, y, f"{place}[{i}]")
    return f"{place}: {a!r}, after a start {b!r}"


@contextlib.contextmanager
def started_anew(daemon, folder):
    folder.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(daemon.database)) as file, contextlib.closing(
            sqlite3.connect(folder / "trials.db")) as copy:
        file.backup(copy)
    fresh = Daemon(folder, "--lease-s=600").start()
    try:
        yield fresh.client()
    finally:
        assert fresh.stop() == 0, fresh.output()


def next_run(client, name):
    """What samplers and pruners know shows in the next trial."""
    answer = said_to(client, "trial.ask", study=name)
    run = answer.get("run")
    said = [run and {key: run[key] for key in ("number", "fold", "attempt", "params", "seed")}]
    for step in range(4) if run else ():
        said.append(client.call("trial.report", run=run["run"], lease=run["lease"], step=step, metrics={"f1": 0.1 * step})["stop"])
    return run, said


def compare(client, fresh, done):
    said, here = answers(fresh), None
    deadline = time.monotonic() + CATCH_UP_S
    while here != said and time.monotonic() < deadline:
        with contextlib.suppress(Refused):  # renamed under our hands
            here = answers(client)
    assert here == said, f"after {done}: {difference(here, said)}"
    name = next(study["name"] for study in said["list"]["studies"] if study["name"] != "spare")
    run, here = next_run(client, name)
    assert here == next_run(fresh, name)[1], f"after {done}"
    return run


@pytest.mark.parametrize("seed", [int(seed) for seed in os.environ.get("KRE_SEEDS", "3 20").split()])
def test_all_is_said_as_after_a_start(home, tmp_path, seed):
    daemon = Daemon(home, "--lease-s=600").start()
    client = daemon.client()
    pruner = PRUNERS[seed % len(PRUNERS)]
    for spec in dict(SPEC, pruner=pruner), SPARE:
        client.call("study.create", spec=spec)
    held = client.call("trial.ask", study="s")["run"]
    stranger = Stranger(daemon.database, seed)
    crowd(stranger)
    done = []
    for turn in range(8):
        for _ in range(stranger.random.randint(1, 6)):
            done.append(stranger.random.choice(OPTUNAS if stranger.random.random() < 0.85 else RARE))
            getattr(stranger, done[-1])()
            if stranger.random.random() < 0.7:  # else several commits are taken over at once
                said_to(client, "trial.report", run=held["run"], lease=held["lease"], step=len(done), metrics={"f1": 0.5})
        with started_anew(daemon, tmp_path / f"anew-{turn}") as fresh:
            run = compare(client, fresh, done)
        if run and stranger.random.random() < 0.6:
            with contextlib.suppress(Refused):
                client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete")
    assert daemon.stop() == 0, daemon.output()
