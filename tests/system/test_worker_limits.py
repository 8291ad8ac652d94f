"""What a worker does that cannot do a study's work."""

import json

from support.programs import PROGRAMS, run

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
