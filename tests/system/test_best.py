"""What is best, and what its classes are, is the same for every program that asks: the wire, the command line, the views."""

import csv
import io
import json
import sqlite3

import pytest

from support.programs import run

X = {"x": {"min": 0.0, "max": 1.0}}


def create(client, name, **more):
    spec = {"name": name, "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": X, **more}
    client.call("study.create", spec={key: value for key, value in spec.items() if value is not None})


def tell(client, study, **more):
    run = client.call("trial.ask", study=study)["run"]
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", **more)


def shown(home, *words):
    return run("kre-search", *words, home=home, check=True).stdout


@pytest.fixture
def infeasible(daemon, home):
    client = daemon.client()
    create(client, "bad", metric={"name": "f", "goal": "minimize"}, constraints={"c": "<= 0.5"})
    for value, measure in ((0.1, 5), (0.5, 3), (0.3, 7)):
        tell(client, "bad", value=value, metrics={"c": measure})
    return daemon, client, home


def test_no_trial_that_breaks_the_constraints_is_the_best_one(infeasible):
    daemon, client, home = infeasible
    study = client.call("study.get", study="bad")
    assert study["best"] is None
    assert study["nearest"] == {"number": 1, "value": 0.5, "params": study["nearest"]["params"], "violation": 2.5}
    status = shown(home, "status", "bad")
    assert "no trial keeps the constraints" in status and "trial 1 comes nearest, it breaks them by 2.5" in status
    assert "best" not in status and "none feasible" in shown(home, "studies")
    none = run("kre-search", "best", "bad", home=home)
    assert none.returncode == 5
    assert none.stderr == "kre-search: no trial of bad keeps the constraints; trial 1 comes nearest, it breaks them by 2.5\n"
    assert [row["violation"] for row in csv.DictReader(io.StringIO(shown(home, "export", "bad")))] == ["4.5", "2.5", "6.5"]
    for view in ("best_trials", "best_runs", "class_scores", "confusion"):
        assert daemon.sql(f"select * from {view}") == []
    assert daemon.sql("select number, rank, violation from leaderboard") == [(0, None, 4.5), (1, None, 2.5), (2, None, 6.5)]
    assert daemon.sql("select best_so_far from trial_history") == [(None,)] * 3


def test_one_that_keeps_them_is_the_best_however_bad_its_value(infeasible):
    daemon, client, home = infeasible
    tell(client, "bad", value=99, metrics={"c": 0.5})
    study = client.call("study.get", study="bad")
    assert study["best"]["number"] == 3 and "nearest" not in study
    assert "best 99 (trial 3)" in shown(home, "status", "bad")
    assert json.loads(shown(home, "best", "bad", "--json"))["number"] == 3
    assert daemon.sql("select study, number, value from best_trials") == [("bad", 3, 99)]


def test_a_measure_that_was_never_reported_breaks_its_constraint_without_end(daemon, home):
    client = daemon.client()
    create(client, "silent", constraints={"c": "<= 0.5"})
    tell(client, "silent", value=1)
    assert client.call("study.get", study="silent")["nearest"]["violation"] == "inf"
    assert "never reported a metric that they bound" in shown(home, "status", "silent")
    assert daemon.sql("select violation from leaderboard") == [(float("inf"),)]


def test_of_several_objectives_the_views_and_the_wire_name_one_trial_of_the_front(daemon, home):
    client = daemon.client()
    create(client, "two", metric=None, constraints={"c": "<= 1"},
           metrics=[{"name": "f1", "goal": "maximize"}, {"name": "seconds", "goal": "minimize"}])
    tell(client, "two", values=[9, 1], metrics={"c": 2})
    assert "no trial keeps the constraints" in shown(home, "status", "two")
    for values in ([1, 1], [5, 9], [5, 7], [5, 7], [2, 2]):
        tell(client, "two", values=values, metrics={"c": 1})
    study = client.call("study.get", study="two")
    assert (study["best"]["number"], study["front"]) == (3, [1, 3, 4, 5])
    assert daemon.sql("select number, value from best_trials") == [(3, 5)]


def test_a_study_knows_no_trials_that_break_its_own_constraints(daemon):
    client = daemon.client()
    create(client, "old", folds=2, constraints={"c": "<= 2"})
    for c, seconds in ((1, 5), (1, 50), (2, 5), (3, 5), (1, None)):
        for fold in range(2):
            tell(client, "old", value=0.5, metrics={"c": c} | ({"seconds": seconds + fold} if seconds else {}))
    counts = {}
    for name, constraints in {"same": {"c": "<= 2"}, "wider": {"c": "<= 4"}, "less": {"c": "<= 1"}, "other": {"seconds": "<= 10"},
                              "f1": {"f1": ">= 0.6"}, "none": None}.items():
        spec = {"name": name, "method": "random", "metric": {"name": "f1", "goal": "maximize"}, "parameters": X}
        answer = client.call("study.create", spec=spec | ({"constraints": constraints} if constraints else {}), **{"from": "old"})
        counts[name] = (answer["inherited"], answer["offered"])
    assert counts == {"same": (4, 5), "wider": (4, 5), "less": (3, 5), "other": (2, 5), "f1": (0, 5), "none": (4, 5)}


CLASSES = [[("a", 1.0, 0.5, 0.8, 4, None), ("b", 0.5, 1.0, 0.6, 2, None)], [("a", 0.25, 1.0, 0.6, 1, None), ("b", 0.0, 0.0, 0.4, 3, None)]]
CELLS = [[("a", "a", 2), ("a", "b", 2), ("b", "b", 2)], [("a", "a", 1), ("b", "a", 3)]]


def tables(fold):
    keys = ("label", "precision", "recall", "auprc", "support", "f1")
    classes = [{key: value for key, value in zip(keys, row) if value is not None} for row in CLASSES[fold]]
    return {"classes": classes, "confusion": [dict(zip(("truth", "predicted", "count"), cell)) for cell in CELLS[fold]]}


def test_classes_and_confusions_are_counted_over_all_folds_of_the_best_trial(daemon, home):
    client = daemon.client()
    create(client, "folds", folds=2)
    for values in ((0.5, 0.5), (0.9, 0.7), (1.0, 0.1)):
        for fold in range(2):
            tell(client, "folds", value=values[fold], tables=tables(fold))
    assert client.call("study.get", study="folds")["best"]["number"] == 1
    assert daemon.sql("select number, fold, value from best_runs") == [(1, 0, 0.9), (1, 1, 0.7)]
    assert daemon.sql("select number, folds, label, precision, recall, f1, auprc, support from class_scores") == [
        (1, 2, "a", 3 / 6, 3 / 5, pytest.approx(6 / 11), pytest.approx(0.7), 5), (1, 2, "b", 2 / 4, 2 / 5, pytest.approx(4 / 9), 0.5, 5)]
    assert daemon.sql("select number, folds, truth, predicted, count from confusion") == [
        (1, 2, "b", "a", 3), (1, 2, "a", "b", 2), (1, 2, "a", "a", 3), (1, 2, "b", "b", 2)]
    report = [line.split() for line in shown(home, "show", "folds", 1).splitlines()]
    assert ["a", "0.500", "0.600", "0.545", "0.700", "5"] in report and ["b", "0.500", "0.400", "0.444", "0.500", "5"] in report
    assert "classes, counted over 2 of 2 folds (AUPRC is their mean):".split() in report
    assert "3 × b taken for a".split() in report


def test_a_repeat_is_no_fold_of_the_best_trial(daemon):
    client = daemon.client()
    create(client, "folds", folds=2)
    for fold in range(2):
        tell(client, "folds", value=0.5, tables=tables(fold))
    looks = ("select fold, value from best_runs", "select folds, support from class_scores", "select folds, count from confusion")
    shown = [daemon.sql(look) for look in looks]
    daemon.stop()
    with sqlite3.connect(daemon.database) as file:
        file.execute("insert into kre_runs (run_id, study_id, trial_id, fold, repeat, attempt, lease, state, value) "
                     "select 9, study_id, trial_id, 2, 1, 0, 9, 'complete', 0.7 from kre_runs where fold = 0")
        for table in ("kre_classes", "kre_confusion"):
            names = ", ".join(row[1] for row in file.execute(f"pragma table_info({table})") if row[1] != "run_id")
            file.execute(f"insert into {table} (run_id, {names}) select 9, {names} from {table} where run_id = 1")
    assert [daemon.sql(look) for look in looks] == shown


def test_the_tables_of_a_trial_without_folds_are_its_own(daemon, home):
    client = daemon.client()
    create(client, "one")
    tell(client, "one", value=0.5, tables={"classes": [{"label": "a", "precision": 0.3, "recall": 0.4, "f1": 0.35, "support": 7}], "confusion": []})
    assert daemon.sql("select folds, precision, recall, f1, auprc, support from class_scores") == [(1, 0.3, 0.4, 0.35, None, 7)]
    report = shown(home, "show", "one", 0)
    assert ["a", "0.300", "0.400", "0.350", "-", "7"] in [line.split() for line in report.splitlines()] and "counted over" not in report
