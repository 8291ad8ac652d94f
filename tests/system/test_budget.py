"""Budgets count work: what pruning saves is spent on more trials."""

import random

import pytest

from support.programs import run

FOLDS, EPOCHS = 5, 4
SPEC = {"name": "work", "method": "random", "seed": 3, "command": ["none"], "metric": {"name": "f1", "goal": "maximize"},
        "folds": FOLDS, "replicates": 0, "pruner": {"name": "median", "n_startup_trials": 3}, "budget": {"trials": 12},
        "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def search(client, chance, runs=10**9):
    """A worker that reports every epoch and stops when it is told; the epochs that it worked, and why it ended."""
    worked = 0
    for _ in range(runs):
        answer = client.call("trial.ask", study="work")
        run_ = answer["run"]
        if run_ is None:
            return worked, answer["reason"]
        claim = {"run": run_["run"], "lease": run_["lease"]}
        quality = run_["params"]["x"] + 0.05 * chance.random()
        for epoch in range(EPOCHS):
            worked += 1
            stop = client.call("trial.report", **claim, step=epoch, value=quality * (epoch + 1))["stop"]
            if stop:
                break
        client.call("trial.tell", **claim, state="pruned" if stop else "complete")
    return worked, "enough"


def budget(client):
    return {limit["name"]: limit for limit in client.call("study.get", study="work")["budget"]}


def test_as_much_is_worked_as_without_pruning(daemon):
    client, chance = daemon.client(), random.Random(1)
    client.call("study.create", spec=SPEC)
    worked = 0
    for _ in range(4):
        part, _ = search(client, chance, 12)
        worked += part
        used = budget(client)
        daemon.kill()
        daemon.start()
        client = daemon.client()
        assert budget(client) == used
    part, reason = search(client, chance)
    worked += part
    assert reason == "finished"
    pruned = daemon.sql("SELECT count(*) FROM trials WHERE state = 'PRUNED'")[0][0]
    complete = daemon.sql("SELECT count(*) FROM trials WHERE state = 'COMPLETE'")[0][0]
    used = budget(client)["trials"]["used"]
    assert pruned > 0 and complete + pruned > 12
    assert 12 <= used < 13 and used == pytest.approx(worked / (FOLDS * EPOCHS))
    line = run("kre-search", "status", "work", home=daemon.home).stdout
    assert "/12 trials" in line and f"{pruned} pruned" in line


def test_limits_stand_beside_each_other_and_may_change(daemon):
    client, chance = daemon.client(), random.Random(2)
    client.call("study.create", spec=dict(SPEC, budget={"trials": 9, "runs": 10, "time": "2h"}))
    assert search(client, chance)[1] == "finished"
    used = budget(client)
    assert (used["runs"]["used"], used["trials"]["used"], used["seconds"]["total"]) == (10, 2, 7200)
    changed = client.call("study.create", spec=dict(SPEC, budget={"trials": 3, "time": "1h 30m"}), if_exists="resume")
    assert [change["path"] for change in changed["changes"]] == ["budget.runs", "budget.time", "budget.trials"]
    assert search(client, chance)[1] == "finished"
    assert budget(client)["trials"] == {"name": "trials", "used": 3, "total": 3}
    line = run("kre-search", "status", "work", home=daemon.home).stdout
    assert "3/3 trials, " in line and "/1h30m" in line


def test_a_trial_that_is_resumed_costs_what_it_ran_in_the_end(daemon):
    client, chance = daemon.client(), random.Random(3)
    client.call("study.create", spec=dict(SPEC, budget={"trials": 9}))
    search(client, chance, FOLDS)
    run_ = client.call("trial.ask", study="work")["run"]
    claim = {"run": run_["run"], "lease": run_["lease"]}
    client.call("trial.report", **claim, step=0, value=0.5)
    client.call("trial.tell", **claim, state="pruned")
    assert budget(client)["trials"]["used"] == pytest.approx(1 + 1 / FOLDS / EPOCHS)
    client.call("trial.resume", study="work", number=run_["number"])
    assert budget(client)["trials"]["used"] == 1
    search(client, chance, FOLDS)
    for _ in range(2):
        assert client.call("study.get", study="work")["counts"]["COMPLETE"] == 2
        assert budget(client)["trials"]["used"] == 2
        daemon.kill()
        daemon.start()
        client = daemon.client()
