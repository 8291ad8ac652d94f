"""What is long is measured before it is taken: no answer, list or run is lost to a text that no message has room for."""

import json
import sqlite3

import pytest

from support.programs import Refused, run

X = {"x": {"min": 0.0, "max": 1.0}}
MIB = 1 << 20


def spec(**more):
    return {"name": "long", "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": X, **more}


def claim(client, study="long"):
    work = client.call("trial.ask", study=study)["run"]
    return {"run": work["run"], "lease": work["lease"]}


TOO_LONG = [
    ({"description": "x" * 900000}, "The study file takes 900"),
    ({"fixed": {"k": "\x01" * 100000}, "command": ["true", "${args_json}"]}, "bytes long, and a program takes 131071 at most"),
    ({"parameters": {"x": {"values": ["a" * 100000, "b"]}}, "command": ["true"] + ["${param:x}"] * 20}, "up to 2100"),
    ({"parameters": {"x": {"values": ["a", "b" * 140000]}}}, "An argument of the command can become 140004 bytes long"),
]


@pytest.mark.parametrize("more, sentence", TOO_LONG)
def test_a_study_whose_runs_no_message_has_room_for_is_refused_at_once(daemon, more, sentence):
    client = daemon.client()
    with pytest.raises(Refused, match=sentence):
        client.call("study.create", spec=spec(**more))
    assert client.call("study.list")["studies"] == []


def test_a_study_does_not_grow_too_long_either(daemon):
    client = daemon.client()
    client.call("study.create", spec=spec(description="a" * 400000))
    answer = client.call("study.create", spec=spec(description="b" * 400000), if_exists="resume")
    assert [change["path"] for change in answer["changes"]] == ["description"] and len(json.dumps(answer)) < 5000
    with pytest.raises(Refused, match="The study file takes"):
        client.call("study.create", spec=spec(description="c" * 900000), if_exists="resume")
    assert client.call("study.get", study="long")["spec"]["description"] == "b" * 400000


def test_long_reasons_are_cut_also_those_that_are_in_the_file(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=spec(retries=0))
    for state in ("failed", "lost", "pruned"):
        client.call("trial.tell", **claim(client), state=state, reason="끝" * 300000)
    daemon.kill()
    with sqlite3.connect(daemon.database) as file:
        file.execute("UPDATE kre_runs SET reason = ?", ["끝" * 400000])
        file.execute("UPDATE trial_user_attributes SET value_json = ? WHERE key LIKE 'kre:%reason'", [json.dumps("끝" * 400000)])
    client = daemon.start().client()
    trials = client.call("trial.list", study="long")["trials"]
    assert [len(trial["reason"].encode()) for trial in trials] == [4095] * 3
    assert all(set(trial["reason"]) == {"끝"} for trial in trials)
    for words in (["trials", "long"], ["show", "long", "0"], ["export", "long"], ["status", "long"]):
        run("kre-search", *words, home=home, check=True)


def test_a_trial_with_more_than_an_answer_has_room_for_is_shown_all_the_same(daemon, home):
    client = daemon.client()
    client.call("study.create", spec=spec(folds=4))
    cells = [{"truth": f"relation {i // 100}", "predicted": f"relation {i % 100}", "count": 1} for i in range(10000)]
    metrics = {f"metric {i}": i / 7 for i in range(1500)}
    for fold in range(4):
        lease = claim(client)
        for step in range(8):
            client.call("trial.report", **lease, step=step, value=0.5, metrics={**metrics, f"{'n' * 9000}": 1})
        client.call("trial.tell", **lease, state="complete", value=0.5, metrics=metrics, tables={"classes": [], "confusion": cells})
    trial = client.call("trial.get", study="long", number=0)
    assert len(trial["runs"]) == 4 and trial["report_count"] == 32
    assert 0 < sum(len(each["reports"]) for each in trial["runs"]) < 32
    run("kre-search", "show", "long", "0", home=home, check=True)
