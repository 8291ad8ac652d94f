"""Studies whose file changes between one start and the next."""

import json

import pytest

from support.programs import Refused, run

FILE = """\
name: extend
program: ./program.py
command: [python3, "${program}", "${args}"]
metric: {name: f1, goal: maximize}
report: {stdout: name=value}
method: random
budget: {trials: TRIALS}
retries: 0
parameters: {lr: {min: 0.1, max: 1.0}}
"""


def write(folder, text, name="study.yaml", **words):
    for word, value in words.items():
        text = text.replace(word, value)
    (folder / name).write_text(text)
    (folder / "program.py").write_text("print('f1=0.5')\n")
    return folder / name


def start(folder, home, *options, file="study.yaml"):
    return run("kre-search", "start", file, "--workers=1", *options, home=home, cwd=folder)


def rows(home, query):
    import sqlite3
    with sqlite3.connect(f"file:{home}/trials.db?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def test_a_finished_study_goes_on_with_a_larger_budget(tmp_path, home):
    write(tmp_path, FILE, TRIALS="1")
    assert start(tmp_path, home).returncode == 0
    write(tmp_path, FILE, TRIALS="3")
    again = start(tmp_path, home)
    assert again.returncode == 0 and "budget.trials 1 → 3\n" in again.stderr
    assert rows(home, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") == [(3,)]
    versions = rows(home, "SELECT version, since, file FROM study_files")
    assert [json.loads(file)["budget"]["trials"] for _, _, file in versions] == [1, 3]
    assert all(since for _, since, _ in versions)


def test_a_finished_study_runs_again_for_what_is_queued(tmp_path, home):
    write(tmp_path, FILE, TRIALS="1")
    assert start(tmp_path, home).returncode == 0
    idle = start(tmp_path, home)
    assert "study extend is finished (budget); 'kre-search enqueue', a larger budget" in idle.stderr
    refused = run("kre-search", "resume", "extend", home=home)
    assert refused.returncode == 1 and "budget of trials or runs is used up" in refused.stderr
    queued = run("kre-search", "enqueue", "extend", "lr=0.5", home=home)
    assert queued.returncode == 0 and "trial 1 of extend waits for a worker" in queued.stdout
    again = start(tmp_path, home)
    assert again.returncode == 0 and "study extend goes on" in again.stderr
    assert rows(home, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") == [(2,)]
    assert "finished" in run("kre-search", "status", "extend", home=home).stdout


def finish(client, study="s", value=0.5):
    run = client.call("trial.ask", study=study)["run"]
    client.call("trial.report", run=run["run"], lease=run["lease"], step=1, value=value)
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete")
    return run


ENDS = {
    "budget": dict(budget={"trials": 1}),
    "target": dict(metric={"name": "f1", "goal": "maximize", "target": 0.4}),
    "exhausted": dict(method="grid", parameters={"x": {"values": [0.25]}}),
}


@pytest.mark.parametrize("reason", ENDS)
def test_a_queued_point_is_tried_whatever_ended_the_study(daemon, reason):
    client = daemon.client()
    spec = SPEC | ENDS[reason]
    client.call("study.create", spec=spec)
    finish(client)
    assert client.call("trial.ask", study="s")["run"] is None
    again = client.call("study.create", spec=spec, if_exists="resume")
    assert (again["state"], again["reason"]) == ("finished", reason)
    with pytest.raises(Refused) as refused:
        client.call("study.resume", study="s")
    assert refused.value.code == -32012
    client.call("trial.enqueue", study="s", params={"x": 0.25})
    assert client.call("study.get", study="s")["state"] == "running"
    daemon.kill()
    client = daemon.start().client()
    assert finish(client)["params"] == {"x": 0.25}
    assert client.call("trial.ask", study="s")["run"] is None
    after = client.call("study.get", study="s")
    assert (after["state"], after["reason"]) == ("finished", reason)


def test_a_finished_study_is_resumed_once_its_file_leaves_something_to_do(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, budget={"trials": 1}))
    finish(client)
    client.call("study.create", spec=dict(SPEC, budget={"trials": 2}), if_exists="resume")
    client.call("study.pause", study="s")
    assert client.call("study.resume", study="s")["state"] == "running"
    finish(client)
    assert client.call("study.get", study="s")["state"] == "finished"


def test_a_stopped_study_says_how_it_takes_trials_again(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    client.call("study.stop", study="s")
    with pytest.raises(Refused) as refused:
        client.call("trial.enqueue", study="s", params={"x": 0.5})
    assert refused.value.code == -32012 and "'kre-search resume s' first" in refused.value.message


def test_queued_values_that_the_file_does_not_have_are_said(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, parameters={
        "x": {"min": 0.0, "max": 1.0}, "n": {"min": 2, "max": 8, "step": 2},
        "kind": {"values": ["a", "b"]}, "m": {"min": 0.0, "max": 1.0, "when": {"kind": "a"}}}))
    assert client.call("trial.enqueue", study="s", params={"x": 0.5, "n": 4, "m": 0.5})["warnings"] == []
    warnings = client.call("trial.enqueue", study="s", params={"x": 1.5, "n": 3, "kind": "b", "m": 0.5})["warnings"]
    assert sorted(warnings) == [
        "m does not count: its condition is not met",
        "n: 3 is not on the grid of its steps and is tried all the same",
        "x: 1.5 is outside of 0 … 1 and is tried all the same"]


def test_another_space_is_refused_and_a_new_study_knows_the_old_trials(tmp_path, home):
    write(tmp_path, FILE, TRIALS="2")
    assert start(tmp_path, home).returncode == 0
    write(tmp_path, FILE.replace("max: 1.0", "max: 2.0"), TRIALS="2")
    refused = start(tmp_path, home)
    assert refused.returncode == 1
    assert "parameters.lr.max 1.0 → 2.0" in refused.stderr
    assert "kre-search start study.yaml --name NEW --from extend" in refused.stderr
    wider = start(tmp_path, home, "--name", "wider", "--from", "extend")
    assert wider.returncode == 0 and "it knows 2 of 2 complete trials of extend" in wider.stderr
    assert rows(home, "SELECT count(*) FROM trials JOIN studies USING (study_id) WHERE study_name = 'wider'") == [(4,)]
    assert start(tmp_path, home, "--name", "wider").returncode == 0


def test_a_study_moves_with_its_files(tmp_path, home):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    text = FILE + "files: {train: train.csv}\n"
    write(here, text, TRIALS="1")
    (here / "train.csv").write_text("a,b\n")
    assert start(here, home).returncode == 0
    here.rename(there)
    moved = start(there, home)
    assert moved.returncode == 0 and f"files.train {here}/train.csv → {there}/train.csv" in moved.stderr
    (there / "train.csv").write_text("a,c\n")
    other = start(there, home)
    assert other.returncode == 1 and "files.train" in other.stderr and "--from extend" in other.stderr


SPEC = {"name": "s", "method": "random", "metric": {"name": "f1"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def test_changes_are_answered_and_all_that_differs_is_named(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    answer = client.call("study.create", spec=dict(SPEC, retries=5, pruner="median"), if_exists="resume")
    assert answer["changes"] == [{"path": "pruner", "from": "none", "to": "median"},
                                 {"path": "retries", "from": "2", "to": "5"}]
    with pytest.raises(Refused) as refused:
        client.call("study.create", spec=dict(SPEC, metric={"name": "loss"}, program="t.py"), if_exists="resume")
    assert refused.value.code == -32004
    assert [item["path"] for item in refused.value.data["complaints"]] == ["metric.name", "program"]
    daemon.kill()
    client = daemon.start().client()
    assert client.call("study.get", study="s")["spec"]["retries"] == 5


def test_a_new_pruner_judges_by_what_was_reported_before(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    first = client.call("trial.ask", study="s")["run"]
    client.call("trial.report", run=first["run"], lease=first["lease"], step=1, value=0.1)
    client.call("trial.tell", run=first["run"], lease=first["lease"], state="complete")
    second = client.call("trial.ask", study="s")["run"]
    pruner = {"name": "median", "n_startup_trials": 1}
    client.call("study.create", spec=dict(SPEC, pruner=pruner), if_exists="resume")
    report = client.call("trial.report", run=second["run"], lease=second["lease"], step=1, value=0.9)
    assert report["stop"] == "pruned"
