"""The end of the budget goes to repeats of the trials that could be the best."""

import json
import random

from support.programs import run, wait_until

SPEC = {"name": "s", "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "folds": 2,
        "budget": {"trials": 20}, "parameters": {"x": {"min": 0.0, "max": 1.0}, "kind": {"values": ["a", "b"]}},
        "defaults": {"x": 0.5, "kind": "a"}}


class Search:
    """A worker whose runs come to 0.7 and noise, for every trial and split."""

    def __init__(self, client, noise=0.02):
        self.client, self.noise, self.draw, self.runs = client, noise, random.Random(5), []

    def step(self):
        answer = self.client.call("trial.ask", study="s", repeats=True)
        run = answer.get("run")
        if run:
            self.runs.append(run)
            value = 0.7 + 0.01 * run["fold"] + self.draw.gauss(0, 1) * self.noise
            self.client.call("trial.report", run=run["run"], lease=run["lease"], step=0, value=value)
            self.client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=value)
        return run

    def until_over(self):
        while self.step():
            pass
        return [run for run in self.runs if run.get("repeat")]


def test_a_tenth_of_the_runs_repeats_those_that_could_be_the_best(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    repeats = Search(client).until_over()
    study = client.call("study.get", study="s")
    assert study["state"] == "finished" and study["counts"]["COMPLETE"] == 18
    assert len(repeats) in (2, 4), "in blocks of two, at most four, fewer where nothing is to be learnt any more"
    assert all(run["fold"] in (2 * run["repeat"], 2 * run["repeat"] + 1) for run in repeats)
    numbers = sorted({run["number"] for run in repeats})
    seeds = {(run["fold"], run["seed"]) for run in repeats}
    assert len(seeds) == len({run["fold"] for run in repeats}), "every trial is repeated with the same seeds"
    best = client.call("study.best", study="s")
    rested = {trial["number"]: trial["runs"] for trial in best["candidates"]}
    assert all(rested.get(number, 4) >= 4 for number in numbers)
    shown = run("kre-search", "show", "s", str(numbers[0]), home=home, check=True).stdout
    assert "fold 2 (repeat 1)  complete" in shown and "fold 3 (repeat 1)  complete" in shown
    value = client.call("trial.get", study="s", number=numbers[0])
    own = [run["value"] for run in value["runs"] if not run.get("repeat")]
    assert abs(value["values"][0] - sum(own) / 2) < 1e-12, "the value is that of the trial's own folds"
    assert daemon.sql("SELECT count(*) FROM runs WHERE repeat = 1") == [(len([run for run in repeats if run["repeat"] == 1]),)]


def test_repeats_survive_the_daemon_and_the_worker(daemon):
    client = daemon.client()
    client.call("study.create", spec={**SPEC, "replicates": 8, "retries": 1})
    search = Search(client)
    while not search.step().get("repeat"):
        pass
    out = client.call("trial.ask", study="s", repeats=True)["run"]
    assert out["repeat"] == 1
    client.call("trial.report", run=out["run"], lease=out["lease"], step=0, value=0.5)
    daemon.kill()
    daemon.start()
    client = search.client = daemon.client()
    assert client.call("trial.report", run=out["run"], lease=out["lease"], step=0, value=0.9)["stop"] is None
    assert client.call("trial.tell", run=out["run"], lease=out["lease"], state="lost")["trial"] == "COMPLETE"
    again = search.step()
    assert (again["number"], again["fold"], again["repeat"], again["attempt"]) == (out["number"], out["fold"], 1, 1)
    search.until_over()
    before = client.call("study.best", study="s")
    daemon.kill()
    daemon.start()
    after = daemon.client().call("study.best", study="s")
    assert after["named"] == before["named"] and after["noise"] == before["noise"]
    states = dict(daemon.sql("SELECT state, count(*) FROM runs WHERE repeat > 0 GROUP BY state"))
    assert states["lost"] == 1 and states["complete"] + states["lost"] <= 9


def test_values_without_noise_get_no_repeats_and_neither_do_those_who_want_none(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    assert Search(client, noise=0).until_over() == []
    assert client.call("study.get", study="s")["counts"]["COMPLETE"] == 20
    client.call("study.delete", study="s")
    client.call("study.create", spec={**SPEC, "replicates": 0})
    assert Search(client).until_over() == []
    assert client.call("study.get", study="s")["counts"]["COMPLETE"] == 20


def test_a_finished_study_goes_on_for_repeats_alone(daemon):
    client = daemon.client()
    client.call("study.create", spec={**SPEC, "replicates": 0})
    assert Search(client).until_over() == []
    more = {**SPEC, "replicates": 8, "budget": {"trials": 24}}
    assert client.call("study.create", spec=more, if_exists="resume")["state"] == "running"
    assert len(Search(client).until_over()) > 0
    study = client.call("study.get", study="s")
    assert study["state"] == "finished" and study["counts"]["COMPLETE"] == 20


def test_a_worker_that_knows_no_repeats_is_given_none(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    search = Search(client)
    while not search.step().get("repeat"):
        pass
    refused = client.call("trial.ask", study="s")
    assert refused["run"] is None and refused["reason"] == "budget"
    assert client.call("trial.ask", study="s", repeats=True)["run"]["repeat"] == 1


def test_a_study_that_is_stopped_repeats_nothing(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    search = Search(client)
    while not search.step().get("repeat"):
        pass
    out = client.call("trial.ask", study="s", repeats=True)["run"]
    client.call("study.stop", study="s")
    assert client.call("trial.report", run=out["run"], lease=out["lease"], step=1, value=0.5)["stop"] == "cancelled"
    client.call("trial.tell", run=out["run"], lease=out["lease"], state="failed")
    assert search.step() is None
    client.call("study.resume", study="s")
    assert client.call("trial.get", study="s", number=out["number"])["state"] == "COMPLETE"


def test_programs_are_told_which_repeat_they_are(tmp_path, home):
    program = tmp_path / "program.sh"
    program.write_text('#!/bin/sh\necho "$KRE_REPEAT $KRE_FOLD $KRE_FOLDS" >> %s\n' % (tmp_path / "told") +
                       'awk "BEGIN { srand($KRE_SEED % 100000); print \\"f1=\\" 0.5 + rand() / 10 }"\n')
    program.chmod(0o755)
    (tmp_path / "study.yaml").write_text(
        f"metric: {{name: f1, goal: maximize}}\nprogram: {program}\ncommand: [\"${{program}}\"]\nreport: {{stdout: name=value}}\n"
        "method: random\nfolds: 2\nbudget: {trials: 20}\nparameters: {x: {min: 0.0, max: 1.0}}\n")
    done = run("kre-search", "start", tmp_path / "study.yaml", "--workers=2", home=home, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = sorted((tmp_path / "told").read_text().splitlines())
    assert {"0 0 2", "0 1 2", "1 0 2", "1 1 2"} <= set(told) <= {"0 0 2", "0 1 2", "1 0 2", "1 1 2", "2 0 2", "2 1 2"}
    assert "estimated" in done.stdout


def test_kre_train_deals_the_rows_of_a_repeat_otherwise(tmp_path):
    run("kre-train", "corpus", "--rows=200", f"--out={tmp_path}/rows.json", check=True)

    def split(*options, **env):
        said = run("kre-train", f"--data={tmp_path}/rows.json", "--epochs=1", "--folds=2", *options, env=env, check=True).stdout
        return [word for word in said.split() if word.startswith("split=")][-1]

    assert split() == split("--repeat=0") != split("--repeat=1") != split("--repeat=2")
    assert split("--repeat=1") == split("--repeat=1", "--seed=7") == split(KRE_REPEAT="1")


def test_a_stopped_trial_that_could_be_the_best_gets_the_folds_it_lacks(daemon):
    client = daemon.client()
    client.call("study.create", spec={**SPEC, "defaults": {}})
    draw, stopped = random.Random(2), None
    while run := client.call("trial.ask", study="s", repeats=True).get("run"):
        value = (0.9 if run["number"] == 7 else 0.7) + 0.01 * run["fold"] + draw.gauss(0, 0.02)
        told = {"run": run["run"], "lease": run["lease"]}
        if run["number"] == 7 and run["fold"] == 1 and stopped is None:
            stopped = client.call("trial.tell", **told, state="pruned")["trial"]
        else:
            client.call("trial.tell", **told, state="complete", value=value)
    assert stopped == "PRUNED"
    trial = client.call("trial.get", study="s", number=7)
    assert trial["state"] == "COMPLETE" and trial["values"][0] > 0.85
    assert client.call("study.best", study="s")["named"]["number"] == 7
