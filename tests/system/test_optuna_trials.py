"""What Optuna did in a study of ours is read: its constraints, its curves, and that it was Optuna who did it."""

import json
import sqlite3

import pytest

optuna = pytest.importorskip("optuna")

from support.programs import Refused, run, wait_until  # noqa: E402

SPEC = {"name": "both", "method": "random", "metric": {"name": "loss", "goal": "minimize"}, "seed": 1,
        "parameters": {"x": {"min": 0.0, "max": 1.0}}}


def study_of(daemon, name="both"):
    storage = optuna.storages.RDBStorage(f"sqlite:///{daemon.database}", skip_compatibility_check=True)
    return optuna.load_study(study_name=name, storage=storage)


def distributions():
    return {"x": optuna.distributions.FloatDistribution(0.0, 1.0)}


def add(study, value, curve=(), system=None, state=None):
    study.add_trial(optuna.trial.create_trial(
        params={"x": 0.5}, distributions=distributions(), value=value, system_attrs=system or {},
        intermediate_values=dict(enumerate(curve)), state=state or optuna.trial.TrialState.COMPLETE))


def taken_up(client, count):
    """The trials, once the daemon has looked at the file again."""
    def look():
        trials = client.call("trial.list", study="both")["trials"]
        return len(trials) == count and trials
    return wait_until(look, f"{count} trials")


def test_both_forms_of_constraints_are_read(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    study = study_of(daemon)
    add(study, 0.1, system={"constraints": [2.0, -1.0]})
    add(study, 0.2, system={"constraints:memory": 0.5, "constraints:time": -3.0})
    add(study, 0.3, system={"constraints": [0.0]})
    add(study, 0.4)
    trials = taken_up(client, 4)
    assert [trial["violation"] for trial in trials] == [2.0, 0.5, 0, 0]
    assert client.call("study.get", study="both")["best"]["number"] == 2
    assert daemon.sql("SELECT number FROM leaderboard WHERE rank = 1") == [(2,)]


def test_curves_of_optunas_trials_are_heard_shown_and_in_the_views(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, pruner={"name": "median", "n_startup_trials": 2}))
    study = study_of(daemon)
    for level in (0.1, 0.2, 0.3):
        add(study, level, curve=(level, level))
    taken_up(client, 3)
    detail = client.call("trial.get", study="both", number=1)
    assert [(report["step"], report["value"]) for report in detail["runs"][0]["reports"]] == [(0, 0.2), (1, 0.2)]
    assert (detail["last_step"], detail["last_value"]) == (1, 0.2)
    assert daemon.sql("SELECT step, value FROM learning_curves WHERE number = 2 ORDER BY step") == [(0, 0.3), (1, 0.3)]
    mine = client.call("trial.ask", study="both")["run"]
    assert client.call("trial.report", run=mine["run"], lease=mine["lease"], step=0, value=9.0)["stop"] == "pruned"


def test_a_curve_of_optuna_is_the_objectives_where_pruners_look_at_another_metric(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, prune_metric={"name": "valid", "goal": "minimize"}))
    add(study_of(daemon), 0.25, curve=(0.5, 0.25))
    taken_up(client, 1)
    reports = client.call("trial.get", study="both", number=0)["runs"][0]["reports"]
    assert [(report["step"], report.get("value"), report["metrics"]) for report in reports] == [
        (0, "nan", {"loss": 0.5}), (1, "nan", {"loss": 0.25})]
    assert daemon.sql("SELECT step, metric, value FROM learning_curves ORDER BY step") == [(0, "loss", 0.5), (1, "loss", 0.25)]


def test_trials_of_optuna_do_not_use_the_budget(daemon):
    client = daemon.client()
    client.call("study.create", spec=dict(SPEC, budget={"trials": 2}))
    study = study_of(daemon)
    for value in (0.1, 0.2, 0.3):
        add(study, value)
    for _ in range(2):
        mine = client.call("trial.ask", study="both")["run"]
        client.call("trial.tell", run=mine["run"], lease=mine["lease"], state="complete", value=0.5)
    summary = client.call("study.get", study="both")
    assert (summary["state"], summary["counts"]["COMPLETE"], summary["imported"]) == ("finished", 5, 3)


def test_our_runs_outlive_the_heartbeats_of_others(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    mine = client.call("trial.ask", study="both")["run"]
    beat = "SELECT heartbeat FROM trial_heartbeats WHERE trial_id = (SELECT min(trial_id) FROM trials)"
    first = daemon.sql(beat)
    wait_until(lambda: daemon.sql(beat) != first, "a second heartbeat")
    storage = optuna.storages.RDBStorage(
        f"sqlite:///{daemon.database}", skip_compatibility_check=True, heartbeat_interval=1, grace_period=2)
    optuna.load_study(study_name="both", storage=storage).optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    assert client.call("trial.report", run=mine["run"], lease=mine["lease"], step=0, value=0.5)["stop"] is None


def foreign_study(daemon, direction="minimize"):
    storage = optuna.storages.RDBStorage(f"sqlite:///{daemon.database}", skip_compatibility_check=True)
    study = optuna.create_study(study_name="both", storage=storage, direction=direction)
    for value in (0.3, 0.1, 0.2):
        add(study, value)


def test_a_study_of_optuna_is_listed_as_foreign_and_adopted(daemon, home, tmp_path):
    foreign_study(daemon)
    (tmp_path / "mine.yaml").write_text(json.dumps(dict(SPEC, name="other", budget={"trials": 2})), encoding="utf-8")
    assert "foreign" in run("kre-search", "studies", home=home, check=True).stdout
    adopted = run("kre-search", "adopt", "both", tmp_path / "mine.yaml", "--json", home=home)
    assert adopted.returncode == 0, adopted.stderr
    assert json.loads(adopted.stdout)["study"] == "both"
    client = daemon.client()
    listed = client.call("study.list")
    assert ([study["name"] for study in listed["studies"]], "foreign" in listed) == (["both"], False)
    assert listed["studies"][0]["best"]["number"] == 1
    mine = client.call("trial.ask", study="both")["run"]
    assert mine["number"] == 3


def test_only_a_foreign_study_with_the_same_goals_is_adopted(daemon):
    client = daemon.client()
    with pytest.raises(Refused) as nobody:
        client.call("study.create", spec=SPEC, adopt=True)
    assert nobody.value.code == -32003
    foreign_study(daemon, "maximize")
    with pytest.raises(Refused) as other:
        client.call("study.create", spec=SPEC, adopt=True)
    assert "has other goals" in other.value.message
    assert client.call("study.list")["foreign"] == [{"name": "both", "trials": 3}]


def test_a_study_whose_name_is_none_here_is_adopted_under_another(daemon, home, tmp_path):
    storage = optuna.storages.RDBStorage(f"sqlite:///{daemon.database}", skip_compatibility_check=True)
    add(optuna.create_study(study_name="Bob's lr/1", storage=storage), 0.3)
    (tmp_path / "s.yaml").write_text(json.dumps(SPEC), encoding="utf-8")
    refused = run("kre-search", "adopt", "Bob's lr/1", tmp_path / "s.yaml", home=home)
    assert refused.returncode == 1
    assert "names have letters, digits, - _ . here" in refused.stderr
    with sqlite3.connect(daemon.database) as file:
        file.execute(refused.stderr[refused.stderr.index("UPDATE"):])
    run("kre-search", "adopt", "Bob-s-lr-1", tmp_path / "s.yaml", home=home, check=True)
    assert daemon.client().call("study.get", study="Bob-s-lr-1")["imported"] == 1


def test_values_outside_of_our_ranges_are_said_in_the_log(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    fixed = study_of(daemon)
    fixed.enqueue_trial({"x": 7.0})
    taken_up(client, 1)
    trial = fixed.ask()
    trial.suggest_float("x", 0.0, 1.0)
    fixed.tell(trial, 0.2)
    wait_until(lambda: "1 trials of other programs have values outside of its ranges" in daemon.output(), "the log")


def test_an_adopted_study_keeps_what_its_ranges_and_choices_have_in_common(daemon, home, tmp_path):
    storage = optuna.storages.RDBStorage(f"sqlite:///{daemon.database}", skip_compatibility_check=True)
    theirs = optuna.create_study(study_name="wide", storage=storage)
    space = {"x": optuna.distributions.FloatDistribution(0.0, 9.0), "c": optuna.distributions.CategoricalDistribution(["z", "b", "a"])}
    for x, c in ((0.5, "a"), (7.0, "b"), (0.25, "z")):
        theirs.add_trial(optuna.trial.create_trial(params={"x": x, "c": c}, distributions=space, value=x))
    spec = dict(SPEC, name="wide", parameters={"x": {"min": 0.0, "max": 1.0}, "c": {"values": ["a", "b"]}})
    (tmp_path / "wide.yaml").write_text(json.dumps(spec), encoding="utf-8")
    adopted = run("kre-search", "adopt", "wide", tmp_path / "wide.yaml", home=home, check=True).stderr
    assert "1 trials of other programs have values outside of its ranges" in adopted
    assert "1 trials of other programs have choices that it does not have" in adopted
    trials = daemon.client().call("trial.list", study="wide")["trials"]
    assert [trial["params"] for trial in trials] == [{"x": 0.5, "c": "a"}, {"x": 7.0, "c": "b"}, {"x": 0.25}]
    wait_until(lambda: "have choices that it does not have" in daemon.output(), "the log")


# ---- a study that another program renames or copies ----


def half_done(client):
    """A study with a complete trial that reported two metrics, and one that runs, which is returned."""
    client.call("study.create", spec=dict(SPEC, budget={"trials": 9}))
    for value in (0.25, None):
        mine = client.call("trial.ask", study="both")["run"]
        client.call("trial.report", run=mine["run"], lease=mine["lease"], step=3, metrics={"loss": 0.5, "other": 7.0})
        if value:
            client.call("trial.tell", run=mine["run"], lease=mine["lease"], state="complete", value=value)
    return mine


def rename_as_the_dashboard_does(daemon):
    study = study_of(daemon)
    renamed = optuna.create_study(study_name="renamed", storage=study._storage, directions=study.directions)
    renamed.add_trials(study.get_trials(deepcopy=False))
    for key, value in study.user_attrs.items():
        renamed.set_user_attr(key, value)
    optuna.delete_study(study_name="both", storage=study._storage)


def rename_by_a_copy(daemon):
    storage = study_of(daemon)._storage
    optuna.copy_study(from_study_name="both", from_storage=storage, to_storage=storage, to_study_name="renamed")
    optuna.delete_study(study_name="both", storage=storage)


@pytest.mark.parametrize("rename", [rename_as_the_dashboard_does, rename_by_a_copy])
def test_a_study_that_another_program_renames_goes_on(daemon, rename):
    client = daemon.client()
    running = half_done(client)
    rename(daemon)
    wait_until(lambda: [study["name"] for study in client.call("study.list")["studies"]] == ["renamed"], "the new name")
    assert "foreign" not in client.call("study.list")
    told = client.call("trial.get", study="renamed", number=0)
    assert told["runs"][0]["reports"][0]["metrics"]["other"] == 7.0
    assert client.call("trial.report", run=running["run"], lease=running["lease"], step=4, value=0.4)["stop"] is None
    client.call("trial.tell", run=running["run"], lease=running["lease"], state="complete", value=0.4)
    summary = client.call("study.get", study="renamed")
    assert (summary["counts"]["COMPLETE"], summary.get("imported", 0), summary["best"]["number"]) == (2, 0, 0)
    assert client.call("trial.ask", study="renamed")["run"]["number"] == 2
    daemon.stop()
    daemon.start()
    assert daemon.client().call("study.get", study="renamed")["spec"]["name"] == "renamed"
    assert daemon.sql("SELECT study_name FROM study_user_attributes JOIN studies USING (study_id)") == [("renamed",)]
    assert daemon.sql("PRAGMA foreign_key_check") == []


def test_a_copy_beside_its_original_is_foreign_until_it_is_adopted(daemon):
    client = daemon.client()
    half_done(client)
    storage = study_of(daemon)._storage
    optuna.copy_study(from_study_name="both", from_storage=storage, to_storage=storage, to_study_name="twin")
    wait_until(lambda: "foreign" in client.call("study.list"), "the copy")
    client.call("study.create", spec=dict(SPEC, name="twin"), adopt=True)
    assert sorted(study["name"] for study in client.call("study.list")["studies"]) == ["both", "twin"]
    optuna.delete_study(study_name="both", storage=storage)
    wait_until(lambda: len(client.call("study.list")["studies"]) == 1, "the original to be gone")
    assert client.call("study.get", study="twin")["imported"] == 1


def test_a_name_that_sql_gives_is_followed(daemon):
    client = daemon.client()
    half_done(client)
    with sqlite3.connect(daemon.database) as file:
        file.execute("UPDATE studies SET study_name = 'renamed'")
    wait_until(lambda: [study["name"] for study in client.call("study.list")["studies"]] == ["renamed"], "the new name")
    assert client.call("trial.get", study="renamed", number=0)["runs"][0]["reports"][0]["metrics"]["other"] == 7.0
