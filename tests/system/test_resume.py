"""A run that is handed out again goes on where the lost attempt stopped, and its trial is the one it would have been."""

import json
import os
import signal
import subprocess

import pytest

from support.programs import PROGRAMS, Daemon, run, wait_until

EPOCHS = 20  # nothing holds the first worker until it is killed behind the second
STUDY = """
name: resume
method: random
metric: {name: f1, goal: maximize}
budget: {trials: 1}
folds: 2
seed: 7
retries: 3
parameters:
  learning_rate: {min: 0.001, max: 0.01, log: true}
command: [kre-train, --model=MODEL, --epochs=20, --checkpoint=always, "--data=${file:train}", "${args}"]
files: {train: DATA}
"""
SIZES = {
    "linear": "--char_max=5",
    "cnn": "--filters=32, --embedding_width=32, --average=ema, --average_decay=0.95",
}
PRETRAINING = """
name: resume
method: random
metric: {name: loss, goal: minimize}
budget: {trials: 1}
seed: 7
retries: 3
parameters:
  learning_rate: {min: 0.001, max: 0.01, log: true}
fixed: {width: 16, heads: 2, layers: 1, inner_width: 16, embedding_width: 16, max_tokens: 40}
command: [kre-train, pretrain, --epochs=20, --checkpoint=always, "--data=${file:train}", "${args}"]
files: {train: DATA}
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.json"
    run("kre-train", "corpus", "--out", path, "--rows", 1000, check=True)
    return path


def study_of(model):
    return STUDY.replace("--model=MODEL", f"--model={model}, {SIZES[model]}")


def start_study(folder, text, corpus, lease_s=3):
    """A daemon with the study, and nobody who works for it yet."""
    home = folder / "kre-runs"
    home.mkdir(parents=True, mode=0o700)
    (folder / "study.yaml").write_text(text.replace("DATA", str(corpus)))
    daemon = Daemon(home, f"--lease-s={lease_s}").start()
    done = run("kre-search", "start", folder / "study.yaml", "--workers", 0, "--detach", home=home)
    assert done.returncode == 0, done.stderr
    return daemon


def work(daemon, **more):
    return subprocess.Popen([PROGRAMS["kre-worker"], daemon.socket, "--until-finished", "--home", daemon.home], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def finished(daemon):
    return daemon.sql("select state from trials") == [("COMPLETE",)]


def history(daemon):
    """All that the file says of the trial's last attempts, but when and how fast."""
    last = "(select max(run_id) from kre_runs group by fold)"
    trial = daemon.sql("select param_value from trial_params"), daemon.sql("select value from trial_values"), daemon.sql(
        "select step, intermediate_value from trial_intermediate_values order by step")
    runs = [daemon.sql(query) for query in (
        f"select r.fold, p.step, p.value from kre_runs r join kre_reports p using (run_id) where run_id in {last} order by 1, 2",
        f"select r.fold, p.step, p.name, p.value from kre_runs r join kre_report_metrics p using (run_id) where run_id in {last} order by 1, 2, 3",
        f"select r.fold, m.name, m.value from kre_runs r join kre_run_metrics m using (run_id) where run_id in {last} and name <> 'seconds' order by 1, 2",
        f"select r.fold, c.label, c.precision, c.recall, c.f1, c.auprc, c.support from kre_runs r join kre_classes c using (run_id) where run_id in {last} order by 1, 2",
        f"select r.fold, c.truth, c.predicted, c.count from kre_runs r join kre_confusion c using (run_id) where run_id in {last} order by 1, 2, 3")]
    assert len(runs[0]) == 2 * EPOCHS
    return trial, runs


def kill_one_and_send_another(daemon, workers):
    """The first worker is killed when it has reported two epochs; the second one finishes."""
    viewer = daemon.client(role="viewer")
    viewer.call("watch", study="resume")
    workers.append(work(daemon))
    heard = 0
    while heard < 2:
        heard += viewer.event()["kind"] == "reported"
    os.kill(workers[-1].pid, signal.SIGKILL)
    workers[-1].wait()
    workers.append(work(daemon))
    assert workers[-1].wait(120) == 0


@pytest.mark.parametrize("model", SIZES)
def test_a_killed_worker_costs_the_epochs_it_had_not_finished_and_changes_no_result(model, corpus, tmp_path):
    straight, broken = (start_study(tmp_path / name, study_of(model), corpus, lease_s) for name, lease_s in (("straight", 60), ("broken", 3)))
    workers = []
    try:
        workers.append(work(straight))
        assert workers[0].wait(120) == 0
        expected = history(straight)

        kill_one_and_send_another(broken, workers)
        assert history(broken) == expected

        attempts = broken.sql("select fold, attempt, state from kre_runs order by 1, 2")
        assert attempts == [(0, 0, "lost"), (0, 1, "complete"), (1, 0, "complete")]
        runs = broken.home / "runs" / "resume"
        said = (runs / "0-0-1" / "stderr.log").read_text()
        behind = int(said.split("goes on behind epoch ")[1].split()[0])
        assert 2 <= behind < EPOCHS
        for fold, attempt in ((0, 1), (1, 0)):
            for name in ("oof.csv", "model/model.safetensors", "model/config.json"):
                assert (runs / f"0-{fold}-{attempt}" / name).read_bytes() == (
                    straight.home / "runs" / "resume" / f"0-{fold}-0" / name).read_bytes()
        assert not list(runs.glob("*.checkpoint")) and not list(straight.home.glob("runs/*/*.checkpoint"))
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        for daemon in (straight, broken):
            assert daemon.stop() == 0


def test_a_pretraining_goes_on_to_the_same_encoder(corpus, tmp_path):
    straight, broken = (start_study(tmp_path / name, PRETRAINING, corpus, lease_s) for name, lease_s in (("straight", 60), ("broken", 3)))
    workers = []
    try:
        workers.append(work(straight))
        assert workers[0].wait(120) == 0
        kill_one_and_send_another(broken, workers)
        assert broken.sql("select attempt, state from kre_runs order by 1") == [(0, "lost"), (1, "complete")]
        assert broken.sql("select value from trial_values") == straight.sql("select value from trial_values")
        assert "goes on behind epoch " in (broken.home / "runs" / "resume" / "0-0-1" / "stderr.log").read_text()
        made = [[(file.name, file.read_bytes()) for file in sorted(daemon.home.glob(f"runs/resume/0-0-{attempt}/*.safetensors"))]
                for daemon, attempt in ((straight, 0), (broken, 1))]
        assert len(made[0]) == 1 and made[0] == made[1]
        assert not list(broken.home.glob("runs/*/*.checkpoint"))
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        for daemon in (straight, broken):
            assert daemon.stop() == 0
