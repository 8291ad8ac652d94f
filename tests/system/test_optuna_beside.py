"""Optuna works on the file while the daemon serves it."""

import pytest

from support.programs import Refused, wait_until

optuna = pytest.importorskip("optuna")

SPEC = {"name": "연구", "method": "random", "metric": {"name": "v", "goal": "maximize"},
        "parameters": {"a": {"min": 0.0, "max": 1.0}, "k": {"values": ["가", "나"]}}}


def storage_of(daemon):
    return optuna.storages.RDBStorage(f"sqlite:///{daemon.database}", skip_compatibility_check=True)


def test_a_point_that_optuna_enqueues_is_handed_out_next(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    client.call("trial.ask", study="연구")
    optuna.load_study(study_name="연구", storage=storage_of(daemon)).enqueue_trial({"a": 0.25, "k": "나"})
    assert client.call("trial.ask", study="연구")["run"]["params"] == {"a": 0.25, "k": "나"}


def test_a_point_that_optuna_enqueues_in_a_finished_study_is_tried(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, budget={"trials": 1}))
    first = client.call("trial.ask", study="연구")["run"]
    client.call("trial.tell", run=first["run"], lease=first["lease"], state="complete", value=0.5)
    assert client.call("study.get", study="연구")["state"] == "finished"
    optuna.load_study(study_name="연구", storage=storage_of(daemon)).enqueue_trial({"a": 0.25, "k": "나"})
    wait_until(lambda: client.call("study.get", study="연구")["state"] == "running", "the study to go on")
    mine = client.call("trial.ask", study="연구")["run"]
    assert mine["params"] == {"a": 0.25, "k": "나"}
    client.call("trial.tell", run=mine["run"], lease=mine["lease"], state="complete", value=0.5)
    assert client.call("study.get", study="연구")["state"] == "finished"


def test_a_trial_that_optuna_failed_stays_failed(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    run = client.call("trial.ask", study="연구")["run"]
    storage_of(daemon).set_trial_state_values(run["trial"], optuna.trial.TrialState.FAIL)
    assert client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=0.5)["trial"] == "FAIL"
    assert client.call("trial.list", study="연구")["trials"][0]["state"] == "FAIL"


def test_a_study_that_optuna_deleted_is_gone_and_the_others_go_on(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    client.call("study.create", spec=dict(SPEC, name="other"))
    run = client.call("trial.ask", study="연구")["run"]
    optuna.delete_study(study_name="연구", storage=storage_of(daemon))
    assert client.call("trial.report", run=run["run"], lease=run["lease"], step=0, value=0.1)["stop"] == "lost"
    with pytest.raises(Refused) as refusal:
        client.call("trial.ask", study="연구")
    assert refusal.value.code == -32003
    assert client.call("trial.ask", study="other")["run"]["number"] == 0
    assert client.call("study.create", spec=SPEC)["created"]
    assert client.call("trial.ask", study="연구")["run"]["number"] == 0
    assert daemon.sql("pragma integrity_check") == [("ok",)]
