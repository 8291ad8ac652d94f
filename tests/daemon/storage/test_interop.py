"""Debian's Optuna and the trial file: it reads what we write, and what it writes behind our back breaks nothing.

skip_compatibility_check because Optuna 3.1 knows revision v3.0.0.d; ours, v3.2.0.a, only adds an index.
"""

import math
import os
import pathlib
import sqlite3
import subprocess

import optuna
import pytest
from optuna.trial import TrialState

BUILD = pathlib.Path(os.environ.get("KRE_BUILD", pathlib.Path(__file__).resolve().parents[3] / "build")).resolve()
FIXTURE = BUILD / "tests" / "daemon" / "storage" / "store_fixture"

optuna.logging.set_verbosity(optuna.logging.ERROR)


def storage(path, **options):
    return optuna.storages.RDBStorage(f"sqlite:///{path}", skip_compatibility_check=True, **options)


def run_fixture(verb, path):
    done = subprocess.run([FIXTURE, verb, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "trials.db"
    run_fixture("make", file)
    return file


def test_the_schema_is_optunas_byte_by_byte(path, tmp_path):
    """Except for the index that Optuna 3.2 added, and for what carries our name."""
    optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/theirs.db")
    query = "select name, sql from sqlite_master where type in ('table', 'index') and sql is not null"
    ours, theirs = (
        {name: sql for name, sql in sqlite3.connect(file).execute(query) if not name.startswith("kre_")}
        for file in (path, tmp_path / "theirs.db")
    )
    assert ours.pop("ix_trials_study_id") == "CREATE INDEX ix_trials_study_id ON trials (study_id)"
    assert ours == theirs


def test_optuna_sees_every_state_and_the_best_trial(path):
    study = optuna.load_study(study_name="quick", storage=storage(path))
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    states = [trial.state for trial in study.trials]
    assert states == [
        TrialState.COMPLETE,
        TrialState.COMPLETE,
        TrialState.PRUNED,
        TrialState.FAIL,
        TrialState.RUNNING,
        TrialState.WAITING,
    ]
    assert [trial.number for trial in study.trials] == list(range(6))
    assert study.best_trial.number == 1
    assert study.best_value == 0.8125
    assert study.trials[2].value == 0.375
    assert study.trials[3].value is None
    assert study.best_trial.duration.total_seconds() == 30
    assert study.best_trial.datetime_start.isoformat() == "2026-01-01T00:00:10.123456"


def test_optuna_sees_parameters_and_distributions(path):
    trial = optuna.load_study(study_name="quick", storage=storage(path)).best_trial
    assert trial.params == {"layers": 3, "lr": 1e-05, "optimizer": None, "q": 0.75, "units": 64}
    assert trial.distributions == {
        "layers": optuna.distributions.IntDistribution(1, 9, step=2),
        "lr": optuna.distributions.FloatDistribution(1e-5, 0.1, log=True),
        "optimizer": optuna.distributions.CategoricalDistribution(["adam", None, True, 2.5, "하나"]),
        "q": optuna.distributions.FloatDistribution(0, 1, step=0.25),
        "units": optuna.distributions.IntDistribution(1, 1024, log=True),
    }


def test_optuna_sees_intermediate_values_and_attributes(path):
    study = optuna.load_study(study_name="quick", storage=storage(path))
    best, queued = study.trials[1], study.trials[5]
    assert list(best.intermediate_values) == [0, 1, 2, 3]
    assert best.intermediate_values[0] == 0.25
    assert math.isnan(best.intermediate_values[1])
    assert best.intermediate_values[2] == -math.inf
    assert best.intermediate_values[3] == 0.1 + 0.2
    assert best.user_attrs == {"note": {"a": [1, None, 0.1]}, "team": "한국"}
    assert best.system_attrs == {"constraints": [-0.5]}
    assert study.system_attrs["study:metric_names"] == ["f1"]
    assert study.system_attrs["dashboard:objective_names"] == ["f1"]
    assert queued.system_attrs == {
        "fixed_params": {"lr": 0.02, "optimizer": "하나", "q": 0.5},
        "failed_trial": 3,
        "retry_history": [3],
    }


def test_optuna_sees_several_objectives(path):
    study = optuna.load_study(study_name="both 둘", storage=storage(path))
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert [trial.values for trial in study.trials] == [[0.75, math.inf], [0.5, 3.5], [0.25, 4.0]]
    assert [trial.number for trial in study.best_trials] == [0, 1]


def test_optuna_goes_on_with_the_study(path):
    """Our queued trial comes first with what it fixes; the next number follows ours."""
    study = optuna.load_study(study_name="quick", storage=storage(path))
    queued = study.ask()
    assert queued.number == 5
    assert queued.suggest_float("lr", 1e-5, 0.1, log=True) == 0.02
    assert queued.suggest_categorical("optimizer", ["adam", None, True, 2.5, "하나"]) == "하나"
    study.tell(queued, 0.9)
    following = study.ask()
    assert following.number == 6
    study.tell(following, state=TrialState.FAIL)
    shown = run_fixture("show", path)
    assert shown[6] == "5 COMPLETE queued nan 0.02 4 nan nan = 0.9"
    assert shown[7] == "6 FAIL nan nan nan nan nan = nan"


def test_a_trial_that_python_queues_comes_with_what_it_fixes(path):
    study = optuna.load_study(study_name="quick", storage=storage(path))
    study.enqueue_trial({"lr": 0.05, "optimizer": True, "units": 8, "stranger": 1, "q": "wrong"})
    shown = run_fixture("show", path)
    assert shown[7] == "6 WAITING queued nan 0.05 2 nan 8 = nan"


def test_a_trial_that_python_added_with_other_ranges_keeps_what_fits(path):
    study = optuna.load_study(study_name="quick", storage=storage(path))
    study.add_trial(
        optuna.create_trial(
            params={"lr": 0.5, "layers": 5},
            distributions={
                "lr": optuna.distributions.FloatDistribution(0.001, 1.0, log=True),
                "layers": optuna.distributions.IntDistribution(1, 9, step=2),
            },
            value=0.125,
        )
    )
    assert run_fixture("show", path)[7] == "6 COMPLETE 5 0.5 nan nan nan = 0.125"


def test_a_running_trial_that_python_failed_is_failed(path):
    study = optuna.load_study(study_name="quick", storage=storage(path))
    study.tell(4, state=TrialState.FAIL)
    assert run_fixture("show", path)[5].startswith("4 FAIL ")


def test_a_study_that_python_deleted_takes_our_rows_along(path):
    optuna.delete_study(study_name="quick", storage=storage(path))
    assert [line for line in run_fixture("show", path) if line.startswith("study")] == ["study both 둘"]
    database = sqlite3.connect(path)
    (runs,) = database.execute("select count(*) from kre_runs").fetchone()
    assert runs == 3


def test_a_new_study_with_the_name_and_id_of_a_deleted_one_is_not_taken_for_it(path):
    both = storage(path)
    optuna.delete_study(study_name="both 둘", storage=both)
    optuna.delete_study(study_name="quick", storage=both)
    again = optuna.create_study(study_name="quick", storage=both)
    assert again._study_id == 1
    assert run_fixture("show", path) == []


def test_a_file_that_optuna_made_is_taken_over(tmp_path):
    file = tmp_path / "trials.db"
    study = optuna.create_study(study_name="older", storage=f"sqlite:///{file}")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    run_fixture("make", file)
    assert len(optuna.load_study(study_name="older", storage=f"sqlite:///{file}").trials) == 3
    assert optuna.load_study(study_name="quick", storage=f"sqlite:///{file}").best_value == 0.8125


def test_optuna_fails_a_trial_only_when_its_heartbeat_is_old(path):
    """The fixture's heartbeat is of the past; a fresh one keeps Optuna's hands off."""
    database = sqlite3.connect(path)
    database.execute("update trial_heartbeats set heartbeat = current_timestamp")
    database.commit()
    beating = storage(path, heartbeat_interval=60)
    study = optuna.load_study(study_name="quick", storage=beating)
    optuna.storages.fail_stale_trials(study)
    assert study.trials[4].state == TrialState.RUNNING
    database.execute("update trial_heartbeats set heartbeat = '2026-01-01 00:00:10'")
    database.commit()
    optuna.storages.fail_stale_trials(study)
    assert study.trials[4].state == TrialState.FAIL
