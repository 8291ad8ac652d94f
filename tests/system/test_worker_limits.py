"""What a worker does that cannot do a study's work."""

import json

import pytest

from support.programs import Refused, run

STUDY = {"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "parameters": {"x": {"min": 0.0, "max": 1.0}},
         "command": ["python3", "-c", "pass"]}


def test_a_worker_that_may_not_run_the_program_of_its_study_says_so_and_takes_no_trial(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=STUDY)
    ended = run("kre-worker", daemon.socket, "--study", "s", "--home", home)
    assert ended.returncode == 1
    assert "The study s runs 'python3', which this worker may not run; --allow-command lets it" in ended.stderr
    assert client.call("trial.list", study="s")["trials"] == []


def test_a_machine_without_the_program_costs_no_trial(daemon, home):
    client = daemon.client()
    client.call("study.create", spec={**STUDY, "command": ["no-such-program"]})
    ended = run("kre-worker", daemon.socket, "--study", "s", "--home", home, "--allow-command", "no-such-program")
    assert ended.returncode == 1 and "this machine has no program 'no-such-program'" in ended.stderr
    (trial,) = client.call("trial.list", study="s")["trials"]
    assert trial["state"] == "RUNNING"


def test_a_study_whose_runs_fit_into_no_message_is_refused(daemon):
    client = daemon.client()
    long = {**STUDY, "fixed": {f"words{number}": "w" * 100_000 for number in range(9)}}
    with pytest.raises(Refused) as refusal:
        client.call("study.create", spec=long)
    assert "no message has room for them" in refusal.value.message
    assert client.call("study.list")["studies"] == []


def test_a_reason_of_a_book_is_cut(daemon):
    client = daemon.client()
    client.call("study.create", spec=STUDY)
    held = client.call("trial.ask", study="s")["run"]
    client.call("trial.tell", run=held["run"], lease=held["lease"], state="failed", reason="가" * 300_000)
    (trial,) = client.call("trial.list", study="s")["trials"]
    assert trial["reason"] == "가" * 1365


def test_a_study_that_nobody_works_for_says_what_to_type(tmp_path, daemon, home):
    path = tmp_path / "s.json"
    path.write_text(json.dumps(STUDY))
    started = run("kre-search", "start", path, "--detach", home=home, check=True)
    assert f"no worker has taken a run of s yet: 'kre-search start {path} --workers 2'" in started.stderr
