"""What a restart may not change: every answer about a history with everything in it is the same before and after."""

import math

import pytest

from support.programs import Refused

NOT_KEPT = {"running_s", "eta_s", "idle_s", "server_time", "expires_s"}  # of the moment of asking


def steady(value):
    """The answer without what depends on the moment of asking."""
    if isinstance(value, dict):
        running = value.get("state") == "RUNNING"
        return {key: steady(item) for key, item in value.items() if key not in NOT_KEPT and not (running and key == "duration_s")}
    return [steady(item) for item in value] if isinstance(value, list) else value


def answers(client):
    """All that the daemon says of all studies."""
    said = {"list": client.call("study.list")}
    for study in said["list"]["studies"]:
        name = study["name"]
        trials = client.call("trial.list", study=name, limit=1000)
        said[name] = [client.call("study.get", study=name), trials,
                      *(client.call("trial.get", study=name, number=trial["number"]) for trial in trials["trials"])]
    return steady(said)


def ask(client, study):
    return client.call("trial.ask", study=study)["run"]


def report(client, run, step, value=None, **metrics):
    more = {"value": value} if value is not None else {}
    return client.call("trial.report", run=run["run"], lease=run["lease"], step=step, metrics=metrics, **more)["stop"]


def tell(client, run, state="complete", **more):
    return client.call("trial.tell", run=run["run"], lease=run["lease"], state=state, **more)


X = {"x": {"min": 0.0, "max": 1.0}}


def create(client, name, **more):
    spec = {"name": name, "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": X, **more}
    client.call("study.create", spec=spec)


def numbers_that_are_none(client):
    """NaN and missing values, repeated steps, steps out of order."""
    create(client, "nan", pruner={"name": "median", "n_startup_trials": 1, "n_warmup_steps": 0})
    for i in range(3):
        run = ask(client, "nan")
        report(client, run, 0, f1=0.5 + i / 10)
        report(client, run, 1, f1=math.nan)
        report(client, run, 2, loss=1.0)
        report(client, run, 2, f1=0.9)
        report(client, run, 1, f1=0.8)
        if i < 2:
            tell(client, run)
    return run


def ends_of_all_kinds(client):
    """Pruned by the study, by the program, failed, handed back, cancelled."""
    create(client, "ends", retries=1, pruner={"name": "threshold", "lower": 0.2})
    assert report(client, run := ask(client, "ends"), 0, f1=0.1) == "pruned"
    tell(client, run, "pruned")
    tell(client, ask(client, "ends"), "pruned", reason="the program had enough")
    report(client, run := ask(client, "ends"), 3, f1=0.7)
    tell(client, run, "pruned")
    tell(client, ask(client, "ends"), "failed", reason="exit 3\nand more: 끝")
    tell(client, ask(client, "ends"), "lost", reason="the machine went")
    report(client, run := ask(client, "ends"), 0, f1=0.6)
    tell(client, run, "lost", reason="again")
    run = ask(client, "ends")
    report(client, run, 5, f1=0.4)
    client.call("study.pause", study="ends")


def objectives_and_folds(client):
    create(client, "folds", folds=2, constraints={"memory_mb": "<= 100"}, prune_metric="f1")
    for i in range(2):
        for fold in range(2):
            run = ask(client, "folds")
            report(client, run, fold, f1=0.5 + i / 10, memory_mb=50.0 + 100 * i)
            tell(client, run, metrics={"f1": 0.6 + fold / 10, "memory_mb": 50.0 + 100 * i, "seconds": 3.0})
    report(client, ask(client, "folds"), 0, f1=0.5)
    client.call("study.create", spec={"name": "two", "method": "random", "seed": 2, "parameters": X, "metrics": [
        {"name": "f1", "goal": "maximize"}, {"name": "seconds", "goal": "minimize"}]})
    for i in range(3):
        run = ask(client, "two")
        report(client, run, 0, f1=i / 3, seconds=10.0 - i)
        tell(client, run)
    report(client, ask(client, "two"), 0, f1=0.3, seconds=1.0)


def a_queue(client):
    create(client, "queue")
    client.call("trial.enqueue", study="queue", params={"x": 0.25})
    client.call("trial.enqueue", study="queue", params={})


@pytest.fixture
def lived(daemon):
    client = daemon.client()
    running = numbers_that_are_none(client)
    ends_of_all_kinds(client)
    objectives_and_folds(client)
    a_queue(client)
    return daemon, running


def test_every_answer_is_the_same_after_a_restart(lived):
    daemon, _ = lived
    before = answers(daemon.client())
    daemon.kill()
    daemon.start()
    after = answers(daemon.client())
    for study, said in before.items():
        assert after[study] == said, study


def test_a_repeated_step_is_no_news_after_a_restart_either(lived):
    daemon, run = lived
    daemon.kill()
    daemon.start()
    client = daemon.client()
    before = answers(client)["nan"]
    report(client, run, 2, f1=0.95)
    report(client, run, 1, f1=0.95)
    assert answers(client)["nan"] == before


def test_an_objective_that_pruning_does_not_look_at_survives_a_restart(daemon):
    client = daemon.client()
    create(client, "beside", prune_metric="loss", pruner={"name": "median"})
    run = ask(client, "beside")
    report(client, run, 0, f1=0.7, loss=0.1)
    daemon.kill()
    daemon.start()
    client = daemon.client()
    tell(client, run)
    assert client.call("trial.get", study="beside", number=0)["values"] == [0.7]


def test_a_refused_tell_leaves_nothing_behind(daemon):
    client = daemon.client()
    create(client, "bound", constraints={"memory_mb": "<= 100"})
    run = ask(client, "bound")
    with pytest.raises(Refused):
        tell(client, run, metrics={"memory_mb": 50.0})
    tell(client, run, value=0.5)
    assert client.call("trial.get", study="bound", number=0)["violation"] not in (0, 0.0)
