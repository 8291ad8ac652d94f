"""The released Optuna, its dashboard, W&B's client and pandas work on what kre-search wrote, and kre-search goes on after them."""

import json
import sqlite3

import pytest

from peers.environments import HERE, python_of, run_in
from support.programs import run

X = {"x": {"min": 0.0, "max": 1.0}}
PRUNER = {"name": "median", "n_startup_trials": 2}
LOSS = {"name": "loss", "goal": "minimize"}
TWO = [{"name": "f1", "goal": "maximize"}, {"name": "seconds", "goal": "minimize"}]
STUDIES = {
    "plain": {"metric": LOSS, "parameters": {
        "x": {"min": 1e-5, "max": 0.1, "log": True}, "n": {"min": 1, "max": 9}, "q": {"min": 0.0, "max": 1.0, "step": 0.25},
        "o": {"values": ["adam", "sgd", None, True]}}},
    "conditional": {"metric": LOSS, "parameters": {
        "o": {"values": ["adam", "sgd"]}, "momentum": {"min": 0.0, "max": 1.0, "when": {"o": "sgd"}}}},
    "pruned": {"metric": LOSS, "parameters": X, "pruner": PRUNER},
    "pruned-by-another": {"metric": {"name": "f1", "goal": "maximize"}, "prune_metric": "loss", "parameters": X, "pruner": PRUNER},
    "two": {"metrics": TWO, "parameters": X},
    "two-pruned": {"metrics": TWO, "parameters": X, "pruner": PRUNER},
    "constrained": {"metric": LOSS, "constraints": {"memory": "<= 0.5"}, "parameters": X},
    "lists": {"metric": LOSS, "parameters": {"layers": {"values": [[64, 32], [128], {"a": 1}]}, "same": {"values": [True, 1]}}},
    "no-metric": {"program": "train.py", "parameters": X},
}


def play(client, name, number):
    """One trial of ours: three reports, unless the pruner says stop."""
    mine = client.call("trial.ask", study=name)["run"]
    level = 1 + number % 4
    stop = None
    for step in range(3):
        metrics = {"loss": level - step / 10, "f1": 1 / level, "seconds": float(number), "memory": number / 10}
        stop = client.call("trial.report", run=mine["run"], lease=mine["lease"], step=step, metrics=metrics)["stop"]
        if stop:
            break
    client.call("trial.tell", run=mine["run"], lease=mine["lease"], state="pruned" if stop else "complete")


@pytest.fixture
def studies(daemon):
    client = daemon.client()
    for name, spec in STUDIES.items():
        client.call("study.create", spec={"name": name, "method": "random", "seed": 7, **spec})
        for number in range(12):
            play(client, name, number)
    return client


def wrong(found):
    return {name: said for name, answers in found.items() if (said := {k: v for k, v in answers.items() if v != "ok"})}


@pytest.mark.parametrize("version", ["5.0.0", "4.9.0", "3.6.1"])
def test_optuna_continues_every_kind_of_study_and_we_go_on(daemon, studies, version):
    found = json.loads(run_in(version, "continue_studies.py", daemon.database))
    assert set(found) == set(STUDIES)
    assert wrong(found) == {}
    for name in STUDIES:
        play(studies, name, 0)
    assert daemon.sql("PRAGMA integrity_check") == [("ok",)]


def test_pruned_trials_have_no_half_result(daemon, studies):
    assert daemon.sql("SELECT count(*) FROM trials WHERE state = 'PRUNED'")[0][0] > 0
    halves = daemon.sql("SELECT s.study_name, t.number FROM trials t JOIN studies s USING (study_id)"
                        " WHERE t.state = 'PRUNED' AND (SELECT count(*) FROM trial_values v WHERE v.trial_id = t.trial_id)"
                        " NOT IN (0, (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id))")
    assert halves == []
    several = daemon.sql("SELECT count(*) FROM trial_intermediate_values v JOIN trials t USING (trial_id)"
                         " WHERE (SELECT count(*) FROM study_directions d WHERE d.study_id = t.study_id) > 1")
    assert several == [(0,)]


def test_the_dashboard_shows_every_study(daemon, studies):
    answers = json.loads(run_in("5.0.0", "dashboard.py", daemon.database))
    assert len(answers) == 1 + 2 * len(STUDIES)
    assert {path: status for path, status in answers.items() if status != 200} == {}


def test_pandas_reads_the_table_that_is_exported(daemon, studies, home):
    table = run("kre-search", "export", "plain", home=home, check=True).stdout
    (home / "plain.csv").write_text(table, encoding="utf-8")
    columns = run_in("5.0.0", "columns.py", home / "plain.csv")
    assert json.loads(columns) == {"rows": 12, "value": "float64", "params_n": "int64", "state": ["COMPLETE"]}


def test_the_real_client_of_wandb_runs_in_a_sweep(home, tmp_path):
    sweep = {"name": "sweep", "method": "random", "metric": {"name": "val_f1", "goal": "maximize"}, "run_cap": 1,
             "program": str(HERE / "scripts" / "train_with_wandb.py"), "report": {"stdout": "name=value"},
             "command": [str(python_of("5.0.0")), "${program}", "${args}"],
             "parameters": {"lr": {"min": 0.1, "max": 1.0}, "layers": {"values": [1, 2]}}}
    (tmp_path / "sweep.yaml").write_text(json.dumps(sweep), encoding="utf-8")
    done = run("kre-search", "start", tmp_path / "sweep.yaml", "--workers", 1, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(home / "trials.db") as database:
        assert database.execute("SELECT value FROM learning_curves WHERE metric = 'agrees'").fetchall() == [(1,)]
        assert database.execute("SELECT state, value FROM leaderboard").fetchall() == [("COMPLETE", 0.6)]
