"""Studies with several objectives and with constraints, searched by real programs."""

import json
import sqlite3

import pytest

from support.programs import run

PYTHAGORAS = """
name: two
method: {sampler}
metrics: [{{name: loss, goal: minimize}}, {{name: speed, goal: maximize}}]
constraints: {{memory_mb: "<= 512"}}
budget: {{trials: {trials}}}
seed: 5
parameters:
  x: {{min: 0.0, max: 1.0}}
  y: {{min: 0.0, max: 1.0}}
command: [sh, -c, 'for word; do eval "$word"; done; awk "BEGIN {{ print \\"loss=\\" (1 - $x) ^ 2 + $y / 10 \\" speed=\\" (0 - $x ^ 2 - $y / 10) \\" memory_mb=\\" 1024 * $y }}"', sh, "${{args_no_hyphens}}"]
report: {{stdout: "name=value"}}
"""


def search(home, folder, text, workers=2):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    done = run("kre-search", "start", path, "--workers", workers, home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ask(home, *words):
    return json.loads(run("kre-search", *words, "--json", home=home, check=True).stdout)


def dominates(a, b):
    """Losses: a is nowhere worse and somewhere better."""
    return all(p <= q for p, q in zip(a, b)) and a != b


def front_of(trials, signs):
    """The numbers of the trials on the front, found the slow way."""
    losses = {t["number"]: [s * v for s, v in zip(signs, t["values"])] for t in trials if t["state"] == "COMPLETE" and t["violation"] == 0}
    return sorted(n for n, a in losses.items() if not any(dominates(b, a) for b in losses.values()))


def test_a_search_for_two_objectives_ends_with_the_front_of_what_keeps_the_constraints(tmp_path, home):
    shown = search(home, tmp_path, PYTHAGORAS.format(sampler="tpe", trials=40))
    trials = ask(home, "trials", "two")["trials"]
    expected = front_of(trials, [1, -1])
    broken = [t for t in trials if t["params"]["y"] > 0.5]
    assert len(expected) > 3 and len(broken) > 3
    assert all(t["violation"] == pytest.approx(1024 * t["params"]["y"] - 512, abs=0.01) for t in broken)
    front = ask(home, "best", "two")["front"]
    assert sorted(t["number"] for t in front) == expected
    assert [t["values"][0] for t in front] == sorted(t["values"][0] for t in front)
    assert sorted(ask(home, "status", "two")["front"]) == expected
    assert f"{len(expected)} on the front" in shown
    table = run("kre-search", "export", "two", "--format", "csv", home=home, check=True).stdout.splitlines()
    assert table[0].startswith("number,state,values_0,values_1,duration_s")
    assert [float(word) for word in table[1].split(",")[2:4]] == trials[0]["values"]
    shown = run("kre-search", "show", "two", broken[0]["number"], home=home, check=True).stdout
    assert all(f"{value:.6g}" in shown for value in broken[0]["values"]) and "breaks the constraints by" in shown
    for title in ("loss", "speed", "parameters"):
        assert title in run("kre-search", "best", "two", home=home, check=True).stdout.splitlines()[0]


def test_the_views_of_the_trial_file_know_the_front_and_the_constraints(tmp_path, home):
    search(home, tmp_path, PYTHAGORAS.format(sampler="random", trials=40))
    trials = ask(home, "trials", "two")["trials"]
    feasible = {t["number"] for t in trials if t["violation"] == 0}
    with sqlite3.connect(home / "trials.db") as file:
        assert [row[0] for row in file.execute("select number from pareto order by number")] == front_of(trials, [1, -1])
        ranked = {number for number, rank in file.execute("select number, rank from leaderboard") if rank is not None}
        assert ranked == feasible and len(feasible) < len(trials)


def test_more_of_a_tpe_search_ends_near_the_front_than_of_a_random_one(tmp_path):
    near = {}
    for sampler in ("tpe", "random"):
        home = tmp_path / sampler
        search(home, tmp_path, PYTHAGORAS.format(sampler=sampler, trials=80))
        late = ask(home, "trials", "two")["trials"][30:]
        near[sampler] = sum(t["params"]["y"] < 0.15 for t in late)
    assert near["tpe"] > near["random"]


def test_the_trial_file_holds_values_and_constraints_where_optuna_looks_for_them(tmp_path, home):
    search(home, tmp_path, PYTHAGORAS.format(sampler="tpe", trials=20))
    with sqlite3.connect(home / "trials.db") as file:
        assert [row[0] for row in file.execute("select direction from study_directions order by objective")] == ["MINIMIZE", "MAXIMIZE"]
        for trial in ask(home, "trials", "two")["trials"]:
            values = file.execute("select value from trial_values where trial_id = ? order by objective", (trial["trial"],))
            assert [row[0] for row in values] == trial["values"]
            attribute = "select value_json from trial_system_attributes where trial_id = ? and \"key\" = 'constraints'"
            assert json.loads(file.execute(attribute, (trial["trial"],)).fetchone()[0]) == [pytest.approx(trial["violation"])]


SHELL = {"name": "shell", "method": "random", "metrics": [{"name": "f1", "goal": "maximize"}, {"name": "seconds", "goal": "minimize"}],
         "constraints": {"memory_mb": "<= 512"}, "parameters": {"a": {"min": 0.0, "max": 1.0}}}


def test_values_are_told_in_the_order_of_the_objectives_or_by_name(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=SHELL)
    for words in (["0.5", "10"], ["f1=0.75", "seconds=20", "memory_mb=100"], ["f1=0.25", "seconds=5", "memory_mb=600"]):
        held = ask(home, "ask", "shell", "--format", "json")
        run("kre-search", "tell", held["run"], held["lease"], *words, home=home, check=True)
    trials = ask(home, "trials", "shell")["trials"]
    assert [t["values"] for t in trials] == [[0.5, 10], [0.75, 20], [0.25, 5]]
    assert [t["violation"] for t in trials] == ["inf", 0, 88]  # what was never reported cannot be shown to hold
    assert [t["number"] for t in ask(home, "best", "shell")["front"]] == [1]


def test_a_missing_objective_is_refused_and_the_run_goes_on(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=SHELL)
    held = ask(home, "ask", "shell", "--format", "json")
    for words in (["0.5"], ["f1=0.5"], ["0.5", "nan"]):
        assert run("kre-search", "tell", held["run"], held["lease"], *words, home=home).returncode != 0
    assert run("kre-search", "best", "shell", home=home).returncode == 5
    run("kre-search", "tell", held["run"], held["lease"], "0.5", "1", home=home, check=True)
    assert ask(home, "trials", "shell")["trials"][0]["state"] == "COMPLETE"


TRAINED = """
name: trained
method: tpe
metrics: [{name: f1, goal: maximize}, {name: seconds, goal: minimize}]
budget: {trials: 8}
seed: 2
files: {train: CORPUS}
fixed: {model: linear, epochs: 2}
parameters:
  learning_rate: {min: 0.01, max: 1.0, log: true}
  word_max: {min: 0, max: 2}
"""


def test_the_trainer_reports_what_a_study_of_quality_against_time_needs(tmp_path, home):
    corpus = tmp_path / "corpus.json"
    run("kre-train", "corpus", "--rows=300", "--seed=1", f"--out={corpus}", check=True)
    search(home, tmp_path, TRAINED.replace("CORPUS", str(corpus)))
    trials = ask(home, "trials", "trained")["trials"]
    assert all(t["state"] == "COMPLETE" and 0 <= t["values"][0] <= 1 and t["values"][1] > 0 for t in trials)
    assert sorted(t["number"] for t in ask(home, "best", "trained")["front"]) == front_of(trials, [-1, 1])


def test_importance_names_the_parameter_that_decides_each_objective(tmp_path, home):
    search(home, tmp_path, PYTHAGORAS.format(sampler="random", trials=120))
    for method in ("ped_anova", "fanova"):
        shares = {metric: ask(home, "importance", "two", "--method", method, "--metric", metric) for metric in ("loss", "speed")}
        assert shares["loss"]["parameters"][0]["name"] == "x"
        assert all(sum(p["share"] for p in s["parameters"]) == pytest.approx(1) and s["trials"] == 120 for s in shares.values())
    assert ask(home, "importance", "two")["metric"] == ""
    assert run("kre-search", "importance", "two", "--method", "fanova", home=home).returncode == 1
    assert run("kre-search", "importance", "two", "--metric", "nobody", home=home).returncode == 1
    assert "█" not in run("kre-search", "importance", "two", home=home, check=True).stdout  # bars are for terminals


UNRANKED = """
name: plain
method: grid
parameters: {amp: {values: [true, false]}, seed: {values: [1, 2, 3]}}
command: [sh, -c, 'echo "loss=0.$1"', sh, "${args_no_hyphens}"]
report: {stdout: "name=value"}
"""


def test_without_a_metric_trials_are_recorded_and_nothing_is_ranked(home, tmp_path):
    search(home, tmp_path, UNRANKED.replace("0.$1", "0.5"))
    trials = ask(home, "trials", "plain")["trials"]
    assert [(trial["state"], trial["values"]) for trial in trials] == [("COMPLETE", [])] * 6
    best = run("kre-search", "best", "plain", home=home)
    assert best.returncode != 0
    assert "the study plain has no metric, so nothing is ranked" in best.stderr
    assert ask(home, "status", "plain")["best"] is None
    rows = sqlite3.connect(home / "trials.db").execute("SELECT rank, value FROM leaderboard").fetchall()
    assert rows == [(None, None)] * 6


def test_a_run_without_a_metric_may_be_silent_but_must_end_well(home, tmp_path):
    silent = UNRANKED.replace('echo "loss=0.$1"', 'case "$2" in *3) exit 4;; esac')
    search(home, tmp_path, silent.replace('report: {stdout: "name=value"}', "retries: 0"))
    states = [trial["state"] for trial in ask(home, "trials", "plain")["trials"]]
    assert (states.count("COMPLETE"), states.count("FAIL") > 0) == (4, True)
