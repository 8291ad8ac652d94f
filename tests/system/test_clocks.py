"""Clocks are set back and other programs write local time: dates order nothing, and nothing lasts less than no time."""

import csv
import io
import re
import sqlite3

import pytest

from support.programs import run

LATE = "(SELECT study_id FROM studies WHERE study_name = 'late')"
OF_OTHERS = "DELETE FROM kre_runs WHERE state <> 'leased'"
SET_BACK = f"""
    UPDATE trials SET datetime_start = strftime('%Y-%m-%d %H:%M:%S.000000', datetime_start, printf('-%d days', number))
        WHERE study_id = {LATE};
    UPDATE trials SET datetime_complete = strftime('%Y-%m-%d %H:%M:%S.000000', datetime_start, '-1 hour')
        WHERE study_id = {LATE} AND datetime_complete IS NOT NULL;
    UPDATE kre_reports SET reported_us = reported_us - (run_id + 2) * 86400000000
        WHERE run_id IN (SELECT run_id FROM kre_runs WHERE study_id = {LATE});
    UPDATE kre_runs SET started_us = started_us - run_id * 86400000000, completed_us = completed_us - (run_id + 1) * 86400000000
        WHERE study_id = {LATE};"""


def create(client, name):
    client.call("study.create", spec={
        "name": name, "method": "cmaes", "seed": 1, "metric": {"name": "f1", "goal": "maximize"},
        "pruner": {"name": "median", "n_startup_trials": 1}, "parameters": {"x": {"min": 0.0, "max": 1.0}, "y": {"min": 0.0, "max": 1.0}}})


def live(client, study, count):
    """What the trials were given, and whether they were pruned."""
    said = []
    for i in range(count):
        work = client.call("trial.ask", study=study)["run"]
        lease = {"run": work["run"], "lease": work["lease"]}
        value = i * 7 % 5 / 5
        stop = client.call("trial.report", **lease, step=0, value=value)["stop"]
        client.call("trial.tell", **lease, state=stop or "complete", **({} if stop else {"value": value}))
        said.append((work["number"], work["params"], stop))
    return said


def change(daemon, sql):
    daemon.kill()
    file = sqlite3.connect(daemon.database)
    file.executescript(sql)
    file.close()
    return daemon.start().client()


@pytest.mark.parametrize("runners", ["", OF_OTHERS])
def test_trials_that_end_before_they_begin_count_as_they_did(daemon, runners):
    client = daemon.client()
    for name in ("late", "twin"):
        create(client, name)
        live(client, name, 20)
    client = change(daemon, SET_BACK + runners)
    late, twin = [client.call("study.get", study=name) for name in ("late", "twin")]
    assert (late["counts"], late["best"]["number"]) == (twin["counts"], twin["best"]["number"])
    assert live(client, "late", 12) == live(client, "twin", 12)
    assert "PRUNED" in {trial["state"] for trial in client.call("trial.list", study="late", limit=100)["trials"]}


def test_nothing_lasts_less_than_no_time(daemon, home):
    client = daemon.client()
    create(client, "late")
    live(client, "late", 5)
    client = change(daemon, SET_BACK)
    trials = client.call("trial.list", study="late")["trials"]
    assert [trial["duration_s"] for trial in trials] == [0] * 5
    rows = csv.DictReader(io.StringIO(run("kre-search", "export", "late", home=home, check=True).stdout))
    assert [float(row["duration_s"]) for row in rows] == [0] * 5
    for view, column in (("leaderboard", "duration"), ("runs", "duration"), ("workers", "hours")):
        assert all(value >= 0 for value, in daemon.sql(f"SELECT {column} FROM {view}")), view
    for words in (["trials", "late"], ["show", "late", "0"], ["status", "late"]):
        shown = run("kre-search", *words, home=home, check=True).stdout
        assert not re.search(r" -[0-9.]", shown), shown
