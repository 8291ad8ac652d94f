"""A study searched end to end by real programs."""

import json
import sqlite3

import pytest

from support.programs import run, wait_until

PARABOLA = """
name: parabola
method: {sampler}
metric: {{name: loss, goal: minimize}}
budget: {{trials: {trials}}}
seed: 11
parameters:
  x: {{min: -5.0, max: 5.0}}
  y: {{min: -5.0, max: 5.0}}
command: [sh, -c, 'for word; do eval "$word"; done; awk "BEGIN {{ print \\"loss=\\" ($x - 1) ^ 2 + ($y + 2) ^ 2 }}"', sh, "${{args_no_hyphens}}"]
report: {{stdout: "name=value"}}
"""


def write_study(folder, text, name="study.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def trials_of(home, study):
    return json.loads(run("kre-search", "trials", study, "--json", home=home, check=True).stdout)["trials"]


def test_tpe_finds_the_bottom_of_a_bowl_and_random_search_does_worse(tmp_path, home):
    best = {}
    for sampler in ("tpe", "random"):
        study = write_study(tmp_path, PARABOLA.format(sampler=sampler, trials=60).replace("parabola", sampler), sampler + ".yaml")
        done = run("kre-search", "start", study, "--workers", 1, home=home)  # of two, who is first would decide
        assert done.returncode == 0, done.stderr + done.stdout
        best[sampler] = json.loads(run("kre-search", "best", sampler, "--json", home=home, check=True).stdout)
    assert best["tpe"]["value"] < 0.6
    assert best["tpe"]["value"] < best["random"]["value"]
    assert abs(best["tpe"]["params"]["x"] - 1) < 1 and abs(best["tpe"]["params"]["y"] + 2) < 1


def test_auto_says_why_it_chose_a_sampler_with_each_trial_in_the_status_and_in_the_log(tmp_path, home):
    study = write_study(tmp_path, PARABOLA.format(sampler="auto", trials=3))
    assert run("kre-search", "start", study, "--workers", 1, home=home).returncode == 0
    why = "gp, as a smooth model learns most from few trials"
    shown = run("kre-search", "show", "parabola", 2, home=home, check=True).stdout
    assert f"  sampler: {why}\n" in shown and "  cost 1 trial of the budget (1 run)\n" in shown
    assert f"  sampler {why}\n" in run("kre-search", "status", "parabola", home=home, check=True).stdout
    log = (home / "daemon.log").read_text(encoding="utf-8")
    assert log.count(f"parabola: from trial 0 on the sampler is {why}") == 1 and log.count(why) == 1


def test_a_finished_study_started_again_shows_its_result_and_runs_nothing(tmp_path, home):
    study = write_study(tmp_path, PARABOLA.format(sampler="random", trials=4))
    first = run("kre-search", "start", study, "--workers", 1, home=home)
    again = run("kre-search", "start", study, "--workers", 1, home=home)
    assert first.returncode == again.returncode == 0, again.stderr
    assert len(trials_of(home, "parabola")) == 4


def test_the_same_seed_gives_the_same_trials(tmp_path):
    points = []
    for name in ("one", "two"):
        home = tmp_path / name
        study = write_study(tmp_path, PARABOLA.format(sampler="tpe", trials=15))
        assert run("kre-search", "start", study, "--workers", 1, home=home).returncode == 0
        points.append([trial["params"] for trial in trials_of(home, "parabola")])
    assert points[0] == points[1]


def test_a_grid_visits_every_point_once(tmp_path, home):
    study = write_study(tmp_path, """
name: grid
method: grid
metric: {name: score, goal: maximize}
parameters:
  a: {values: [1, 2, 3]}
  b: {values: [x, y]}
  c: {min: 1, max: 2}
command: [sh, -c, 'echo "score=1"']
report: {stdout: "name=value"}
""")
    assert run("kre-search", "start", study, "--workers", 2, home=home).returncode == 0
    seen = sorted(json.dumps(trial["params"], sort_keys=True) for trial in trials_of(home, "grid"))
    assert len(seen) == len(set(seen)) == 12


def test_a_program_that_fails_leaves_its_last_words_as_the_reason(tmp_path, home):
    study = write_study(tmp_path, """
name: broken
method: random
metric: {name: score, goal: maximize}
budget: {trials: 1}
parameters: {a: {min: 0.0, max: 1.0}}
command: [sh, -c, 'echo "자료 파일이 없습니다" >&2; exit 3']
""")
    run("kre-search", "start", study, "--workers", 1, home=home)
    (trial,) = trials_of(home, "broken")
    assert trial["state"] == "FAIL"
    assert "자료 파일이 없습니다" in trial["reason"]


def test_a_wandb_sweep_file_runs_as_it_is(tmp_path, home):
    (tmp_path / "train.sh").write_text('for arg in "$@"; do echo "$arg"; done > "$KRE_RUN_DIR/argv"; echo "val_loss=0.5"\n')
    study = write_study(tmp_path, """
program: train.sh
method: random
run_cap: 2
metric: {name: val_loss, goal: minimize}
command: [sh, "${program}", "${args}"]
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  batch_size: {values: [16, 32]}
  use_amp: {value: true}
report: {stdout: "name=value"}
""", "sweep.yaml")
    done = run("kre-search", "start", study, "--workers", 1, home=home, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    trials = trials_of(home, "sweep")
    assert [trial["state"] for trial in trials] == ["COMPLETE", "COMPLETE"]
    lines = sorted(path.read_text().split() for path in home.glob("runs/**/argv"))
    assert len(lines) == 2
    for words in lines:
        assert [word.split("=")[0] for word in words] == ["--batch_size", "--lr", "--use_amp"]
        assert words[2] == "--use_amp=True"


def test_sqlite3_reads_the_history_without_us(tmp_path, home):
    study = write_study(tmp_path, PARABOLA.format(sampler="random", trials=5))
    assert run("kre-search", "start", study, "--workers", 1, home=home).returncode == 0
    with sqlite3.connect(home / "trials.db") as connection:
        rows = connection.execute("select rank, value, parameters from leaderboard where study = 'parabola' order by rank").fetchall()
        assert [rank for rank, *_ in rows] == [1, 2, 3, 4, 5]
        assert [value for _, value, _ in rows] == sorted(value for _, value, _ in rows)
        assert "x=" in rows[0][2] and "y=" in rows[0][2]
        for view in ("trial_history", "learning_curves", "runs", "workers"):
            assert connection.execute(f"select count(*) from {view}").fetchone()[0] > 0, view
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"


def test_optuna_opens_the_file(tmp_path, home):
    optuna = pytest.importorskip("optuna")
    study = write_study(tmp_path, PARABOLA.format(sampler="tpe", trials=6))
    assert run("kre-search", "start", study, "--workers", 1, home=home).returncode == 0
    storage = optuna.storages.RDBStorage(f"sqlite:///{home}/trials.db", skip_compatibility_check=True)
    loaded = optuna.load_study(study_name="parabola", storage=storage)
    best = json.loads(run("kre-search", "best", "parabola", "--json", home=home, check=True).stdout)
    assert loaded.best_value == best["value"]
    assert loaded.best_params == best["params"]
    assert [trial.number for trial in loaded.trials] == list(range(6))


def test_a_bad_study_file_is_refused_with_every_complaint(tmp_path, home):
    study = write_study(tmp_path, "method: tpee\nmetric: {name: f1, goal: minimise}\nparameters:\n  lr: {min: 1, max: 0}\n")
    done = run("kre-search", "start", study, home=home)
    assert done.returncode == 3
    for place in (":1:", ":2:", ":4:"):
        assert str(study) + place in done.stderr
    assert "tpe" in done.stderr and not (home / "trials.db").exists()


def test_pausing_hands_out_nothing_and_resuming_goes_on(daemon):
    client = daemon.client()
    spec = {"name": "p", "method": "random", "metric": {"name": "v", "goal": "maximize"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}
    client.call("study.create", spec=spec, if_exists="error")
    assert client.call("study.pause", study="p")["state"] == "paused"
    answer = client.call("trial.ask", study="p")
    assert answer["run"] is None and answer["reason"] == "paused"
    client.call("study.resume", study="p")
    assert client.call("trial.ask", study="p")["run"]["number"] == 0


def test_an_expired_lease_is_handed_out_again_and_the_late_report_refused(home):
    from support.programs import Daemon, Refused

    daemon = Daemon(home, "--lease-s=1").start()
    try:
        client = daemon.client(name="slow")
        spec = {"name": "l", "method": "random", "metric": {"name": "v", "goal": "maximize"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}
        client.call("study.create", spec=spec, if_exists="error")
        watcher = daemon.client(name="watcher")
        watcher.call("watch", study="l")
        first = client.call("trial.ask", study="l")["run"]
        client.call("trial.report", run=first["run"], lease=first["lease"], step=0, value=0.25)
        wait_until(lambda: watcher.event()["kind"] == "lost", "the lease to expire")
        second = daemon.client(name="fast").call("trial.ask", study="l")["run"]
        assert second["number"] == first["number"] and second["params"] == first["params"]
        assert second["attempt"] == first["attempt"] + 1 and second["lease"] > first["lease"]
        assert client.call("trial.report", run=first["run"], lease=first["lease"], step=1, value=0.5)["stop"] == "lost"
        with pytest.raises(Refused) as refusal:
            client.call("trial.tell", run=first["run"], lease=first["lease"], state="complete", value=0.9)
        assert refusal.value.code == -32010
    finally:
        daemon.stop()
