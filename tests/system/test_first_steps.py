"""What somebody new does with a first study file, and what they are told when it goes wrong."""

import json
import os
import subprocess

from support.programs import PROGRAMS, run, wait_until


def write(folder, text, name="first.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def trials(home):
    return json.loads(run("kre-search", "trials", "--json", home=home, check=True).stdout)["trials"]


def test_a_study_file_without_a_method_runs(tmp_path, home):
    study = write(tmp_path, """
metric: {name: v, goal: maximize}
budget: {trials: 3}
parameters: {a: {min: 0.0, max: 1.0}}
command: [sh, -c, 'echo v=1']
report: {stdout: "name=value"}
""")
    done = run("kre-search", "start", study, "--workers", 1, home=home)
    assert done.returncode == 0, done.stderr
    assert [trial["state"] for trial in trials(home)] == ["COMPLETE"] * 3


def test_a_file_with_the_mark_that_windows_puts_first_is_read(tmp_path):
    study = write(tmp_path, "\ufeffparameters: {learning_rate: {min: 0.1, max: 1.0}}\n")
    done = run("kre-search", "check", study)
    assert done.returncode == 0, done.stderr


def test_a_data_file_that_is_not_there_costs_no_trials(tmp_path, home):
    study = write(tmp_path, "files: {train: nowhere.json}\nbudget: {trials: 2}\nparameters: {learning_rate: {min: 0.1, max: 1.0}}\n")
    checked = run("kre-search", "check", study)
    assert checked.returncode == 0 and f"{study}:1:16: warning: files.train:" in checked.stderr
    started = run("kre-search", "start", study, "--workers", 1, home=home)
    assert started.returncode == 1 and str(tmp_path / "nowhere.json") in started.stderr
    assert not (home / "trials.db").exists()


def test_a_program_that_only_ever_prints_nan_fails_with_that_reason(tmp_path, home):
    study = write(tmp_path, """
metric: {name: v, goal: maximize}
budget: {trials: 1}
parameters: {a: {min: 0.0, max: 1.0}}
command: [sh, -c, 'echo v=nan']
report: {stdout: "name=value"}
""")
    run("kre-search", "start", study, "--workers", 1, home=home)
    (trial,) = trials(home)
    assert trial["state"] == "FAIL" and trial["reason"] == "No reported value of v is a number"


def test_folds_reach_the_trainer_and_make_a_mean(tmp_path, home):
    run("kre-train", "corpus", "--rows=300", "--seed=3", f"--out={tmp_path}/rows.json", check=True)
    study = write(tmp_path, """
name: 접기
files: {train: rows.json}
folds: 3
budget: {trials: 2}
fixed: {epochs: 2}
parameters: {learning_rate: {min: 0.1, max: 1.0}}
""")
    done = run("kre-search", "start", study, "--workers", 2, home=home)
    assert done.returncode == 0, done.stderr
    for trial in trials(home):
        runs = json.loads(run("kre-search", "show", trial["number"], "--json", home=home, check=True).stdout)["runs"]
        assert sorted(each["fold"] for each in runs) == [0, 1, 2]
        supports = {sum(row["support"] for row in each["classes"]) for each in runs}
        assert max(supports) < 150, "each fold validates on its own part"
        assert abs(trial["values"][0] - sum(each["value"] for each in runs) / 3) < 1e-12


def test_a_worker_that_may_not_run_the_program_of_a_sweep_says_which_option_is_missing(tmp_path, home, daemon):
    sweep = write(tmp_path, "program: train.py\nmethod: random\nmetric: {name: loss}\nparameters: {lr: {min: 0.1, max: 1.0}}\n")
    assert run("kre-search", "start", sweep, "--detach", home=home).returncode == 0
    log = tmp_path / "worker.log"
    with open(log, "wb") as errors:
        environment = dict(os.environ, KRE_HOME=str(home))
        worker = subprocess.Popen([PROGRAMS["kre-worker"]], stderr=errors, env=environment, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: "--allow-command" in log.read_text(), "the worker to say why it has nothing to do")
        assert daemon.sql("select count(*) from trials") == [(0,)]
    finally:
        worker.terminate()
        worker.wait()


def test_a_worker_for_a_study_that_it_may_not_run_says_so_and_burns_no_trial(tmp_path, home, daemon):
    sweep = write(tmp_path, "name: sweep\nprogram: train.py\nmethod: random\nrun_cap: 1\nmetric: {name: loss}\nparameters: {lr: {min: 0.1, max: 1.0}}\n")
    assert run("kre-search", "start", sweep, "--detach", home=home).returncode == 0
    refused = run("kre-worker", "--study", "sweep", "--count", 1, home=home)
    assert refused.returncode == 1 and "/usr/bin/env" in refused.stderr and "--allow-command" in refused.stderr
    assert trials(home) == []
