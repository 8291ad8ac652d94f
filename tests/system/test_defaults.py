"""What the user has anyway is the study's first trial, and stays known as that."""

import json

import pytest

from support.programs import Refused, run

SPACE = {"lr": {"min": 0.0, "max": 1.0}, "kind": {"values": ["a", "b"]}, "m": {"min": 0.0, "max": 1.0, "when": {"kind": "b"}}}
SPEC = {"name": "s", "method": "random", "seed": 1, "metric": {"name": "f1", "goal": "maximize"}, "parameters": SPACE}


def tell(client, value):
    run = client.call("trial.ask", study="s")["run"]
    client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=value)
    return run["params"]


def test_defaults_come_before_what_the_sampler_draws(daemon, home):
    client = daemon.client()
    client.call("study.create", spec={**SPEC, "defaults": {"lr": 0.25, "kind": "a"}})
    assert tell(client, 0.5) == {"lr": 0.25, "kind": "a"}
    tell(client, 0.6)
    trials = client.call("trial.list", study="s")["trials"]
    assert trials[0]["defaults"] == "of the study file" and "defaults" not in trials[1]
    assert "the defaults of the study file" in run("kre-search", "show", "s", "0", home=home, check=True).stdout
    assert daemon.sql("SELECT value_json FROM trial_user_attributes WHERE key = 'kre:defaults'") == [('"of the study file"',)]
    fixed = daemon.sql("SELECT value_json FROM trial_system_attributes WHERE key = 'fixed_params' OR key LIKE 'fixed_params:%'")
    assert len(fixed) == 1
    daemon.kill()
    daemon.start()
    assert daemon.client().call("trial.get", study="s", number=0)["defaults"] == "of the study file"


def test_what_is_left_out_is_drawn_and_other_defaults_are_one_more_trial(daemon):
    client = daemon.client()
    answer = client.call("study.create", spec={**SPEC, "defaults": {"kind": "b"}})
    assert answer["warnings"] == ["defaults: without a value, so the sampler draws one: lr, m"]
    first = tell(client, 0.5)
    assert first["kind"] == "b" and 0 <= first["m"] <= 1
    change = {**SPEC, "defaults": {"kind": "a", "lr": 0.5}}
    answer = client.call("study.create", spec=change, if_exists="resume")
    assert [key["path"] for key in answer["changes"]] == ["defaults.kind", "defaults.lr"]
    assert tell(client, 0.5) == {"kind": "a", "lr": 0.5}
    assert client.call("study.create", spec=change, if_exists="resume")["changes"] == []
    assert client.call("trial.list", study="s")["trials"][-1]["number"] == 1


def test_a_value_that_cannot_be_is_named_with_its_line(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("metric: {name: loss}\nprogram: p.py\nparameters:\n  lr: {min: 0.0, max: 1.0}\n  count: {min: 0, max: 8, step: 4}\n"
                    "defaults:\n  lr: 2\n  coutn: 1\n  count: 3\n")
    said = run("kre-search", "check", file).stderr.splitlines()
    assert said == [f"{file}:7:7: error: defaults.lr: 2 is outside of lr: 0 to 1",
                    f"{file}:8:10: error: defaults.coutn: there is no parameter coutn; did you mean count?",
                    f"{file}:9:10: error: defaults.count: 3 is none of the values of count: 0 to 8 in steps of 4"]


def test_the_defaults_of_a_program_count_where_the_file_has_none(daemon):
    client = daemon.client()
    with pytest.raises(Refused) as refused:
        client.call("study.create", spec=SPEC, defaults={"lr": 7}, defaults_of="of p")
    assert refused.value.code == -32602
    client.call("study.create", spec=SPEC, defaults={"lr": 0.5, "kind": "a"}, defaults_of="of p")
    assert tell(client, 1) == {"lr": 0.5, "kind": "a"}
    client.call("study.delete", study="s")
    client.call("study.create", spec={**SPEC, "defaults": {}}, defaults={"lr": 0.5, "kind": "a"}, defaults_of="of p")
    tell(client, 1)
    assert "defaults" not in client.call("trial.get", study="s", number=0)


def test_kre_train_says_what_it_does_by_itself(tmp_path, home):
    values = json.loads(run("kre-train", "defaults", "--model=cnn", check=True).stdout)
    assert values["model"] == "cnn" and values["filters"] == 230 and values["optimizer"] == "adamw"
    run("kre-train", "corpus", "--rows=120", f"--out={tmp_path}/rows.json", check=True)
    file = tmp_path / "study.yaml"
    file.write_text("files: {train: rows.json}\nfixed: {model: linear, epochs: 1}\nbudget: {trials: 1}\nmethod: random\n"
                    "parameters:\n  learning-rate: {min: 0.1, max: 1.0}\n  patience: {values: [3, 6]}\n"
                    "  loss: {values: [focal, cross_entropy]}\n  focal_gamma: {min: 0.5, max: 4.0, when: {loss: focal}}\n")
    done = run("kre-search", "start", file, "--workers=1", home=home, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "its first trial has the defaults of kre-train; nearest: patience 3 to 0" in done.stderr
    shown = json.loads(run("kre-search", "show", "study", "0", "--json", home=home, check=True).stdout)
    assert shown["params"] == {"learning-rate": 0.2, "patience": 3, "loss": "cross_entropy", "model": "linear", "epochs": 1}
    assert shown["defaults"] == "of kre-train; nearest: patience 3 to 0"
